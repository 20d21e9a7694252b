// What one spike does to a leaky output with an exponential synapse:
//   τm V' = −V + I,  τs I' = −I,  I jumps by w at a spike;  t in ms, V and I without unit.
// For w = 1 and a spike u ms ago
//   I = e^(−u/τs),  V = psp(u) = τs/(τm − τs) · (e^(−u/τm) − e^(−u/τs)),  V' = psp'(u) = (e^(−u/τs) − psp(u))/τm.
// Written with expm1, so that τm = τs, where psp(u) = u/τ · e^(−u/τ), is no special case and nothing cancels near it.
#pragma once

namespace neurarium::anatomy {

struct TimeConstants {
  double membrane = 20, synapse = 5;  ///< τm and τs in ms, both > 0
};

/// V at u ≥ 0 after a spike of weight 1.
double psp(const TimeConstants& tau, double u);
/// Its derivative by u.
double psp_slope(const TimeConstants& tau, double u);
/// ∫ psp from 0 to u; τs for u → ∞.
double psp_integral(const TimeConstants& tau, double u);

}  // namespace neurarium::anatomy
