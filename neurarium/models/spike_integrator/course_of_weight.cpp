#include "neurarium/models/spike_integrator/course_of_weight.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace neurarium {
namespace {

/// Gauss–Legendre, eight points: places in [−1, 1] and weights, of the right half.
constexpr std::array<double, 4> places{0.18343464249564980, 0.52553240991632899, 0.79666647741362674,
                                       0.96028985649753623},
    shares{0.36268378337836198, 0.31370664587788729, 0.22238103445337447, 0.10122853629037626};

/// Calls add(t, weight of the rule) at the points of [from, to].
template <class Add>
void at_points(double from, double to, const Add& add) {
  const double middle = (from + to) / 2, half = (to - from) / 2;
  for (std::size_t k = 0; k < places.size(); ++k)
    for (const double side : {-1.0, 1.0}) add(middle + side * half * places[k], half * shares[k]);
}

/// ∫_0^u e^(−rate s) ds
double decayed(double rate, double u) { return -std::expm1(-rate * u) / rate; }

}  // namespace

SigmoidCourse::SigmoidCourse(const TimeConstants& tau, double duration, double width)
    : tau_(tau), duration_(duration), width_(width) {
  const double longest = std::min({tau.membrane, tau.synapse, width, duration});
  const auto pieces = static_cast<std::size_t>(std::ceil(duration / longest));
  piece_ = duration / static_cast<double>(pieces);
  edges_.resize(pieces + 1);
  for (std::size_t k = pieces; k-- > 0;)
    edges_[k] = skipped(static_cast<double>(k) * piece_, static_cast<double>(k + 1) * piece_, edges_[k + 1]);
}

double SigmoidCourse::weight(double t) const { return 1 / (1 + std::exp((t - duration_ / 2) / width_)); }

Gathered SigmoidCourse::skipped(double from, double to, const Gathered& later) const {
  const double a = 1 / tau_.membrane, b = 1 / tau_.synapse, h = to - from;
  const double membrane = std::exp(-a * h), synapse = std::exp(-b * h);
  Gathered all{synapse * later.response + potential(tau_, h).value * later.membrane, membrane * later.membrane,
               synapse * later.synapse};
  at_points(from, to, [&](double t, double share) {
    const double w = share * weight(t), u = t - from;
    all.response += w * potential(tau_, u).value;
    all.membrane += w * std::exp(-a * u), all.synapse += w * std::exp(-b * u);
  });
  return all;
}

Response SigmoidCourse::answer_to(double t) const {
  const auto piece = std::min(static_cast<std::size_t>(t / piece_), edges_.size() - 2);
  const Gathered here = skipped(t, static_cast<double>(piece + 1) * piece_, edges_[piece + 1]);
  return {here.response, (here.response - here.synapse) / tau_.membrane};
}

OfTimeConstants SigmoidCourse::by_tau(double t) const {
  OfTimeConstants all{0, 0};
  for (double from = t; from < duration_; from += piece_)
    at_points(from, std::min(from + piece_, duration_), [&](double s, double share) {
      const OfTimeConstants v = potential_by_tau(tau_, s - t);
      all.of_log_membrane += share * weight(s) * v.of_log_membrane;
      all.of_log_synapse += share * weight(s) * v.of_log_synapse;
    });
  return all;
}

void InputCourse::answers(std::span<const double> times, std::vector<Response>& out) const {
  const double a = 1 / tau_.membrane, b = 1 / tau_.synapse;
  out.resize(times.size());
  std::vector<double> weight(times.size());  // just after each spike
  double w = 0;
  for (std::size_t k = 0; k < times.size(); ++k)
    weight[k] = w = 1 + (k > 0 ? w * std::exp(-kappa_ * (times[k] - times[k - 1])) : 0);
  Gathered later;
  for (std::size_t k = times.size(); k-- > 0;) {
    const double h = (k + 1 < times.size() ? times[k + 1] : duration_) - times[k], synapse = std::exp(-b * h);
    later.response = weight[k] * integral(tau_, kappa_, h).value + synapse * later.response +
                     potential(tau_, h).value * later.membrane;
    later.membrane = weight[k] * decayed(a + kappa_, h) + std::exp(-a * h) * later.membrane;
    later.synapse = weight[k] * decayed(b + kappa_, h) + synapse * later.synapse;
    out[k] = {later.response, a * (later.response - later.synapse)};
  }
}

// With U the membrane that the weighted spikes drive: if t_k moves, so does e^(−(t − t_k)/τ) in w, and
//   ∂/∂t_k ∫ w U dt = −U(t_k) + 1/τ ∫_(t_k)^T e^(−(s − t_k)/τ) U(s) ds.
void InputCourse::by_weight(std::span<const double> times, std::span<const double> weights,
                            std::vector<double>& out) const {
  const double a = 1 / tau_.membrane, b = 1 / tau_.synapse;
  std::vector<double> u(times.size()), current(times.size());  // just after each spike
  for (std::size_t k = 0; k < times.size(); ++k) {
    current[k] = weights[k];
    if (k == 0) continue;
    const double h = times[k] - times[k - 1];
    u[k] = std::exp(-a * h) * u[k - 1] + potential(tau_, h).value * current[k - 1];
    current[k] += std::exp(-b * h) * current[k - 1];
  }
  out.resize(times.size());
  double later = 0;
  for (std::size_t k = times.size(); k-- > 0;) {
    const double h = (k + 1 < times.size() ? times[k + 1] : duration_) - times[k];
    later =
        u[k] * decayed(a + kappa_, h) + current[k] * integral(tau_, kappa_, h).value + std::exp(-kappa_ * h) * later;
    out[k] = kappa_ * later - u[k];
  }
}

// The part of spike l in w, seen by a spike k that came d earlier: V(d) α + e^(−d/τs) Φ from t_l on; one that comes later sees it decayed.
OfTimeConstants InputCourse::by_tau(std::span<const double> times, std::span<const double> weights) const {
  const double a = 1 / tau_.membrane, b = 1 / tau_.synapse, rate = a + kappa_;
  OfTimeConstants all{0, 0};
  for (std::size_t l = 0; l < times.size(); ++l) {
    const double rest = duration_ - times[l], alpha = decayed(rate, rest), phi = integral(tau_, kappa_, rest).value;
    const double alpha_by_log_membrane = -a * (rest * std::exp(-rate * rest) - alpha) / rate;
    const OfTimeConstants phi_by = integral_by_tau(tau_, kappa_, rest);
    for (std::size_t k = 0; k < times.size(); ++k) {
      const double d = times[l] - times[k];
      if (d < 0 || k > l) {
        const OfTimeConstants own = integral_by_tau(tau_, kappa_, duration_ - times[k]);
        const double factor = weights[k] * std::exp(kappa_ * d);
        all.of_log_membrane += factor * own.of_log_membrane, all.of_log_synapse += factor * own.of_log_synapse;
        continue;
      }
      const double v = potential(tau_, d).value, current = std::exp(-b * d);
      const OfTimeConstants v_by = potential_by_tau(tau_, d);
      all.of_log_membrane +=
          weights[k] * (v_by.of_log_membrane * alpha + v * alpha_by_log_membrane + current * phi_by.of_log_membrane);
      all.of_log_synapse +=
          weights[k] * (v_by.of_log_synapse * alpha + b * d * current * phi + current * phi_by.of_log_synapse);
    }
  }
  return all;
}

}  // namespace neurarium
