#include "neurarium/studies/localisation/coincidence.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>

namespace neurarium {
namespace {

constexpr double pi = std::numbers::pi;

double wrapped(double angle) { return angle - 2 * pi * std::ceil((angle - pi) / (2 * pi)); }

}  // namespace

double UnitCoincidence::drive_at(double ipd) const {
  return std::abs(std::polar(left.strength, left.delay) + std::polar(right.strength, right.delay + ipd));
}

std::vector<double> axonal_lags(const Model& model, const InterauralPhaseParams& task) {
  const auto steps = static_cast<std::size_t>(task.steps), fibres = task.units();
  StepSpikes all(steps, fibres);
  std::vector<StepSpikes::Unit> every(fibres);
  std::iota(every.begin(), every.end(), StepSpikes::Unit{0});
  for (std::size_t t = 0; t < steps; ++t) all.add_known_step(every.data(), t == 0 ? fibres : 0);
  for (const auto& [name, spikes] : dynamic_cast<const Layered&>(model).activities(SpikesView(all), {})) {
    if (name != "delay") continue;
    const Tensor<double> arrived = to_tensor<double>(spikes.view());
    std::vector<double> lags(fibres, std::nan(""));
    for (std::size_t t = 0; t < steps; ++t)
      for (std::size_t j = 0; j < fibres; ++j)
        if (arrived(0, t, j) > 0) lags[j] = 2 * pi * task.frequency * task.dt * static_cast<double>(t);
    return lags;
  }
  return {};
}

std::vector<UnitCoincidence> coincidence_of_units(const Tensor<double>& w1, double phase_span,
                                                  std::span<const double> lags) {
  const std::size_t fibres = w1.shape()[0] / 2, units = w1.shape()[1];
  std::vector<UnitCoincidence> found(units);
  for (std::size_t u = 0; u < units; ++u) {
    const auto drive = [&](std::size_t ear) {
      std::complex<double> sum = 0;
      for (std::size_t j = 0; j < fibres; ++j) {
        const double place = fibres > 1 ? static_cast<double>(j) / static_cast<double>(fibres - 1) : 0;
        const double lag = lags.empty() ? 0 : lags[ear * fibres + j];
        if (std::isfinite(lag)) sum += w1(ear * fibres + j, u) * std::polar(1., place * phase_span - lag);
      }
      return EarDrive{std::abs(sum), std::arg(sum)};
    };
    UnitCoincidence& unit = found[u];
    unit.left = drive(0), unit.right = drive(1);
    unit.difference = wrapped(unit.left.delay - unit.right.delay);
    const double l = unit.left.strength, r = unit.right.strength;
    unit.balance = l * l + r * r > 0 ? 2 * l * r / (l * l + r * r) : 0;
    unit.index = std::abs(unit.difference) <= pi / 2 * (1 + 1e-12) ? unit.balance : -unit.balance;
  }
  return found;
}

double tuning_foretold(const UnitCoincidence& unit, std::span<const double> angles, std::span<const double> rates) {
  std::vector<double> x, y;
  for (std::size_t k = 0; k < angles.size(); ++k)
    if (std::isfinite(rates[k])) x.push_back(unit.drive_at(angles[k])), y.push_back(rates[k]);
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.) / n,
               mean_y = std::accumulate(y.begin(), y.end(), 0.) / n;
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double dx = x[k] - mean_x, dy = y[k] - mean_y;
    xx += dx * dx, yy += dy * dy, xy += dx * dy;
  }
  constexpr double flat = 1e-20;
  if (!(xx > flat * n * mean_x * mean_x) || !(yy > flat * n * mean_y * mean_y)) return std::nan("");
  return xy / std::sqrt(xx) / std::sqrt(yy);
}

UnitRole role_of(double index, double foretold) noexcept {
  if (!(std::abs(index) > 0.5 && std::abs(foretold) > 0.5)) return UnitRole::other;
  if (index < 0) return UnitRole::comparator;
  return foretold > 0 ? UnitRole::detector : UnitRole::dip;
}

Bumps bumps(const Tensor<double>& w2, std::span<const std::size_t> order) {
  const std::size_t columns = w2.shape()[1];
  const auto n = static_cast<double>(order.size());
  Bumps found;
  for (std::size_t k = 0; k < columns; ++k) {
    double most = 0;
    for (const std::size_t unit : order) most = std::max(most, w2(unit, k));
    std::size_t runs = 0, strong = 0;
    bool before = false;
    for (const std::size_t unit : order) {
      const bool is_strong = most > 0 && w2(unit, k) > most / 2;
      runs += is_strong && !before, strong += is_strong, before = is_strong;
    }
    found.of_column.push_back(runs);
    const auto m = static_cast<double>(strong);
    found.mean += static_cast<double>(runs) / static_cast<double>(columns);
    if (strong > 0) found.by_chance += m * (n - m + 1) / n / static_cast<double>(columns);
  }
  return found;
}

std::vector<std::size_t> notebook_order(const Tensor<double>& w1) {
  const std::size_t inputs = w1.shape()[0], units = w1.shape()[1], ear = inputs / 2;
  std::vector<double> key(units), most(units, -INFINITY);
  for (std::size_t i = 0; i < inputs; ++i)
    for (std::size_t j = 0; j < units; ++j) {
      const double delay = i < ear ? static_cast<double>(i) : -static_cast<double>(i - ear);
      key[j] += delay * w1(i, j) / static_cast<double>(inputs);
      most[j] = std::max(most[j], w1(i, j));
    }
  std::vector<std::size_t> order(units);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const bool weak_a = most[a] < 0.5, weak_b = most[b] < 0.5;
    return weak_a != weak_b ? weak_b : key[a] < key[b];
  });
  return order;
}

}  // namespace neurarium
