#include "neurarium/models/spike_integrator/response.hpp"

#include <algorithm>
#include <cmath>

namespace neurarium {
namespace {

/// (e^(−pu) − e^(−qu)) / (q − p), which for p = q is u e^(−pu).
double difference(double p, double q, double u) {
  const double x = std::abs(q - p) * u;
  return u * std::exp(-std::min(p, q) * u) * (x > 0 ? -std::expm1(-x) / x : 1);
}

/// Its derivative by p: u² e^(−pu) (1 − x − e^(−x)) / x², x = (q − p) u.
double difference_by_p(double p, double q, double u) {
  const double x = (q - p) * u;
  if (std::abs(x) > 0.1) return (difference(p, q, u) - u * std::exp(-p * u)) / (q - p);
  double sum = 0, term = -0.5;
  for (int k = 3; k < 12; ++k) sum += term, term *= -x / k;  // −1/2 + x/6 − x²/24 …
  return u * u * std::exp(-p * u) * sum;
}

/// ∫_0^u of that difference.
double summed(double p, double q, double u) { return (-std::expm1(-p * u) - p * difference(p, q, u)) / (p * q); }

double summed_by_p(double p, double q, double u) {
  return (u * std::exp(-p * u) - difference(p, q, u) - p * difference_by_p(p, q, u)) / (p * q) - summed(p, q, u) / p;
}

/// ∫_0^u of that.
double summed_twice(double p, double q, double u) {
  return (u + std::expm1(-p * u) / p - p * summed(p, q, u)) / (p * q);
}

double summed_twice_by_p(double p, double q, double u) {
  const double once = -std::expm1(-p * u) / p;
  return ((once - u * std::exp(-p * u)) / p - summed(p, q, u) - p * summed_by_p(p, q, u)) / (p * q) -
         summed_twice(p, q, u) / p;
}

}  // namespace

// V(u) = a · difference(a, b, u) with a = 1/τm, b = 1/τs.
Response potential(const TimeConstants& tau, double u) {
  const double a = 1 / tau.membrane, b = 1 / tau.synapse, value = a * difference(a, b, u);
  return {value, a * (std::exp(-b * u) - value)};
}

// ∂/∂ln τ = −rate · ∂/∂rate
OfTimeConstants potential_by_tau(const TimeConstants& tau, double u) {
  const double a = 1 / tau.membrane, b = 1 / tau.synapse;
  return {-a * difference(a, b, u) - a * a * difference_by_p(a, b, u), -a * b * difference_by_p(b, a, u)};
}

Response integral(const TimeConstants& tau, double kappa, double u) {
  const double a = 1 / tau.membrane, p = a + kappa, q = 1 / tau.synapse + kappa, rate = difference(p, q, u);
  return {a * (-std::expm1(-p * u) - p * rate) / (p * q), a * rate};
}

OfTimeConstants integral_by_tau(const TimeConstants& tau, double kappa, double u) {
  const double a = 1 / tau.membrane, b = 1 / tau.synapse, p = a + kappa, q = b + kappa;
  return {-a * summed(p, q, u) - a * a * summed_by_p(p, q, u), -a * b * summed_by_p(q, p, u)};
}

Response ramp(const TimeConstants& tau, double u) {
  const double a = 1 / tau.membrane, b = 1 / tau.synapse;
  return {a * summed_twice(a, b, u), a * summed(a, b, u)};
}

OfTimeConstants ramp_by_tau(const TimeConstants& tau, double u) {
  const double a = 1 / tau.membrane, b = 1 / tau.synapse;
  return {-a * summed_twice(a, b, u) - a * a * summed_twice_by_p(a, b, u), -a * b * summed_twice_by_p(b, a, u)};
}

// V' = 0 where I e^(−bs) = V(s): e^(cs) = b I / (a I + c V) with c = b − a.
double time_to_peak(const TimeConstants& tau, double v, double i) {
  const double a = 1 / tau.membrane, c = 1 / tau.synapse - a, below = a * i + c * v;
  if (!(i > 0 && i > v && below > 0)) return -1;
  const double x = (i - v) / below;
  return std::abs(c * x) < 1e-12 ? x : std::log1p(c * x) / c;
}

}  // namespace neurarium
