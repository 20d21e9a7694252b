// Gradients are never believed: central differences against the model's own gradient, in double.
//
//   n_i = (E(w + h e_i) − E(w − h e_i)) / 2h,   error = |a − n| / max(|a|, |n|, 10⁻³ · max|n| of that tensor, 10⁷ r)
// r = ε |E| / h is what rounding E to double does to the difference (ε = 2.2·10⁻¹⁶): gradients that nearly drown in it are
// compared with 10⁷ r instead of with themselves. Of networks that speak in spike times, entries under whose change a spike appears
// or vanishes are left out: there E jumps, and no gradient says so.
#pragma once

#include <limits>

#include "neurarium/nn/model.hpp"

namespace neurarium {

struct GradientCheckParams {
  double step = 1e-5;  ///< h, relative to max(1, |w_i|)
  double tolerance = 1e-7;
  std::size_t most_entries = 200;  ///< entries per tensor, spread evenly; 0 = all
};

struct GradientCheckRow {
  std::string name;          ///< parameter, or "input"
  std::size_t entries = 0;   ///< entries compared
  double largest_error = 0;  ///< as defined above
  std::size_t worst_entry = 0;
  double analytic = 0, numeric = 0;  ///< at the worst entry
  double step = 0, tolerance = 0;    ///< h, and the largest error that passes
  std::size_t skipped = 0;           ///< entries left out, since a spike appeared or vanished
};

struct GradientCheckResult {
  std::vector<GradientCheckRow> rows;
  bool passed = false;
  /// The least I − θ of all spikes (nn/spike_events.hpp); infinite where no layer speaks in spike times.
  double smallest_slope = std::numeric_limits<double>::infinity();
  /// The row that comes nearest to its tolerance, or goes furthest beyond. There is at least one.
  const GradientCheckRow& worst() const;
};

/// Checks ∂E/∂parameters on `batch`, and ∂/∂input if the model is Differentiable and the batch holds numbers. The model must compute in
/// float64 (SpecError otherwise); it is left as it was.
GradientCheckResult check_gradients(Trainable& model, const Batch& batch, const Context& context,
                                    const GradientCheckParams& params = {});

/// The same for networks with kinks (ReLU at 0, the largest value of a window): a tensor that fails is looked at again with a
/// hundredth of the step and a hundred times the tolerance, which decides. A kink within h of a weight is no fault of the
/// gradient; a kink within h/100 is rare.
GradientCheckResult check_gradients_near_kinks(Trainable& model, const Batch& batch, const Context& context,
                                               const GradientCheckParams& params = {});

/// Moves all parameters by U(−0.02, 0.02) and returns 0.9988 x / divisor + U(0.0001, 0.001), which lies in (0, 1) where x / divisor is in
/// [0, 1]: off the points where many kinks lie at once, such as biases of 0 under black pixels. What is drawn is a pure function of `seed`.
Array moved_off_kinks(Trainable& model, ArrayView x, double divisor, std::uint64_t seed);

}  // namespace neurarium
