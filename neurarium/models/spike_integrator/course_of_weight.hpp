// What a spike adds to ∫ w(t) V dt where the weight w has no closed form together with V: by its course w(t), or by the spikes themselves.
//
// Let y(t), α(t), β(t) be what V, and e^(−s/τm), e^(−s/τs), begun at t, gather from then on:
//   y(t) = ∫_t^T w(s) V(s − t) ds,   α(t) = ∫_t^T w(s) e^(−(s−t)/τm) ds,   β(t) = ∫_t^T w(s) e^(−(s−t)/τs) ds,
// with V(u) of response.hpp. Then dy/dt = (y − β)/τm, and a piece of time h is skipped exactly:
//   y(t) = ∫_t^(t+h) w V + e^(−h/τs) y(t+h) + V(h) α(t+h)
// so the pieces of a trial need to be integrated once, and a spike only the rest of its own.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "neurarium/models/spike_integrator/response.hpp"

namespace neurarium {

/// y, α and β at a time.
struct Gathered {
  double response = 0, membrane = 0, synapse = 0;
};

/// w(t) = 1 / (1 + e^((t − T/2)/width)). Pieces are no longer than either time constant or the width, and are integrated by Gauss's rule of
/// eight points: with all that is integrated analytic within more than a piece's length, that is exact to rounding.
class SigmoidCourse {
 public:
  SigmoidCourse() = default;
  SigmoidCourse(const TimeConstants& tau, double duration, double width);
  /// y, and its derivative by the spike's time t in [0, T).
  Response answer_to(double t) const;
  OfTimeConstants by_tau(double t) const;

 private:
  double weight(double t) const;
  Gathered skipped(double from, double to, const Gathered& later) const;
  TimeConstants tau_{1, 1};
  double duration_ = 0, width_ = 1, piece_ = 0;
  std::vector<Gathered> edges_;  ///< at the beginnings of the pieces, and at T
};

/// w(t) = Σ_k e^(−(t − t_k)/τ) over spikes up to t, in closed form: the more has come lately, the more counts now. Times rise.
class InputCourse {
 public:
  InputCourse(const TimeConstants& tau, double tau_weight, double duration)
      : tau_(tau), kappa_(1 / tau_weight), duration_(duration) {}
  /// y of every spike, and its derivative by that spike's time as far as it is due to V: w stays as it is.
  void answers(std::span<const double> times, std::vector<Response>& out) const;
  /// The rest of the derivative: of Σ_k weights[k] y_k by each spike's time, as far as it is due to w.
  void by_weight(std::span<const double> times, std::span<const double> weights, std::vector<double>& out) const;
  /// Σ_k weights[k] ∂y_k/∂ln τ. It looks at all pairs of spikes.
  OfTimeConstants by_tau(std::span<const double> times, std::span<const double> weights) const;

 private:
  TimeConstants tau_;
  double kappa_, duration_;
};

}  // namespace neurarium
