#include "neurarium/studies/eventprop/synapse.hpp"

#include <algorithm>
#include <cmath>

namespace neurarium::anatomy {

double psp(const TimeConstants& tau, double u) {
  // e^(−u/τm) − e^(−u/τs) is the same but for its sign if τm and τs change places: the slower one goes in front, so that
  // nothing overflows.
  const double slow = std::max(tau.membrane, tau.synapse), fast = std::min(tau.membrane, tau.synapse);
  const double x = u * (slow - fast) / (slow * fast);
  const double share = x == 0 ? 1 : -std::expm1(-x) / x;
  return u / tau.membrane * std::exp(-u / slow) * share;
}

double psp_slope(const TimeConstants& tau, double u) {
  return (std::exp(-u / tau.synapse) - psp(tau, u)) / tau.membrane;
}

double psp_integral(const TimeConstants& tau, double u) {
  return -tau.synapse * std::expm1(-u / tau.synapse) - tau.membrane * psp(tau, u);
}

}  // namespace neurarium::anatomy
