// Gradients are never believed: central differences against the model's own gradient, in double.
//
//   n_i = (E(w + h e_i) − E(w − h e_i)) / 2h,   error = |a − n| / max(|a|, |n|, 10⁻³ · max|n| of that tensor, 10⁷ r)
// r = ε |E| / h is what rounding E to double does to the difference (ε = 2.2·10⁻¹⁶): gradients that nearly drown in it are
// compared with 10⁷ r instead of with themselves.
#pragma once

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
};

struct GradientCheckResult {
  std::vector<GradientCheckRow> rows;
  double largest_error = 0;
  bool passed = false;
};

/// Checks ∂E/∂parameters on `batch`, and ∂/∂input if the model is Differentiable. The model must compute in float64 (SpecError
/// otherwise); it is left as it was.
GradientCheckResult check_gradients(Trainable& model, const Batch& batch, const Context& context,
                                    const GradientCheckParams& params = {});

}  // namespace neurarium
