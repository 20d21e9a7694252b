#include "neurarium/studies/eventprop/exact_adjoint.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/studies/eventprop/quadrature.hpp"

namespace neurarium::anatomy {
namespace {

constexpr double tolerance = 1e-14;

/// A stretch without spikes inside: V and I at its start, just after a spike that comes there.
struct Stretch {
  double from = 0, to = 0, v = 0, i = 0;
};

class Pieces {
 public:
  Pieces(const ExactCell& cell, std::span<const double> times) : cell_(cell) {
    std::vector<double> ends(times.begin(), times.end());
    ends.insert(ends.end(), cell.spikes.begin(), cell.spikes.end());
    ends.push_back(cell.total);
    std::ranges::sort(ends);
    const double longest = std::min(cell.tau.membrane, cell.tau.synapse);
    double v = 0, i = 0, now = 0;
    auto spike = cell.spikes.begin();
    const auto take_spikes = [&] {
      for (; spike != cell.spikes.end() && *spike <= now; ++spike) i += cell.weight;
    };
    take_spikes();
    for (const double end : ends) {
      const double from = now, length = end - from;
      if (!(length > 0)) continue;
      const auto parts = static_cast<std::size_t>(std::max(1.0, std::ceil(length / longest)));
      for (std::size_t k = 1; k <= parts; ++k) {
        const double to = k == parts ? end : from + length * static_cast<double>(k) / static_cast<double>(parts);
        stretches_.push_back({now, to, v, i});
        v = voltage(stretches_.back(), to), i = i * std::exp(-(to - now) / cell.tau.synapse);
        now = to;
      }
      take_spikes();
    }
  }

  const std::vector<Stretch>& all() const { return stretches_; }
  double voltage(const Stretch& s, double t) const {
    return s.v * std::exp(-(t - s.from) / cell_.tau.membrane) + s.i * psp(cell_.tau, t - s.from);
  }
  double drive(const Stretch& s, double t) const {
    const double v = voltage(s, t);
    return cell_.resting ? cell_.loss.drive_of_resting(v) : cell_.loss.drive(v);
  }

 private:
  const ExactCell& cell_;
  std::vector<Stretch> stretches_;
};

}  // namespace

double voltage_at(const ExactCell& cell, double t) {
  double v = 0;
  for (const double spike : cell.spikes)
    if (spike <= t) v += cell.weight * psp(cell.tau, t - spike);
  return v;
}

std::vector<Lambda> exact_lambdas(const ExactCell& cell, std::span<const double> times) {
  const Pieces pieces(cell, times);
  const double tau_m = cell.tau.membrane, tau_s = cell.tau.synapse;
  std::vector<Lambda> found(times.size());
  Lambda now;  // at T
  std::size_t left = times.size();
  const auto hand_out = [&](double t) {
    while (left > 0 && times[left - 1] >= t) found[--left] = now;
  };
  hand_out(cell.total);
  for (auto s = pieces.all().rbegin(); s != pieces.all().rend(); ++s) {
    const double length = s->to - s->from;
    const auto heard = integrate<2>(
        [&](double t) {
          const double d = pieces.drive(*s, t), u = t - s->from;
          return std::array<double, 2>{d * std::exp(-u / tau_m) / tau_m, d * psp(cell.tau, u) / tau_s};
        },
        s->from, s->to, tolerance);
    now.i = now.i * std::exp(-length / tau_s) + now.v * psp(cell.tau, length) * tau_m / tau_s + heard[1];
    now.v = now.v * std::exp(-length / tau_m) + heard[0];
    hand_out(s->from);
  }
  return found;
}

std::vector<double> exact_at_spikes(const ExactCell& cell) {
  std::vector<double> differences;
  for (const Lambda& lambda : exact_lambdas(cell, cell.spikes)) differences.push_back(lambda.difference());
  return differences;
}

double exact_loss(const ExactCell& cell) {
  const Pieces pieces(cell, {});
  const double at_rest = cell.loss.loss(0);
  double sum = 0;
  for (const Stretch& s : pieces.all())
    sum += integrate<1>([&](double t) { return std::array<double, 1>{cell.loss.loss(pieces.voltage(s, t)) - at_rest}; },
                        s.from, s.to, tolerance)[0];
  return sum;
}

double exact_total(const ExactCell& cell) { return cell.loss.loss(0) - cell.loss.loss(voltage_at(cell, cell.total)); }

}  // namespace neurarium::anatomy
