// What one spike of weight 1 does to a leaky integrator, in closed form: with τm V' = −V + I, τs I' = −I, and I raised by 1 at the
// spike, u seconds later
//   V(u) = τs/(τm − τs) (e^(−u/τm) − e^(−u/τs))                        potential
//   Φ(u) = ∫_0^u e^(−κ s) V(s) ds                                      integral
//   Ψ(u) = ∫_0^u (u − s) V(s) ds                                       ramp
// All of it in double, by expm1 where differences would lose their digits, and with the limit τm = τs.
#pragma once

namespace neurarium {

struct TimeConstants {
  double membrane, synapse;  ///< in seconds
};

/// A function of u ≥ 0 and its derivative by u; and by ln τm and ln τs.
struct Response {
  double value, slope;
};
struct OfTimeConstants {
  double of_log_membrane, of_log_synapse;
};

Response potential(const TimeConstants& tau, double u);
OfTimeConstants potential_by_tau(const TimeConstants& tau, double u);
/// For a rate κ ≥ 0.
Response integral(const TimeConstants& tau, double kappa, double u);
OfTimeConstants integral_by_tau(const TimeConstants& tau, double kappa, double u);
/// Its slope is Φ(u) of κ = 0.
Response ramp(const TimeConstants& tau, double u);
OfTimeConstants ramp_by_tau(const TimeConstants& tau, double u);

/// When V, now at `v` with current `i`, stands still next, in seconds; negative: it does not rise, or not above 0.
double time_to_peak(const TimeConstants& tau, double v, double i);

}  // namespace neurarium
