#include "neurarium/data/spike_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <string>

namespace neurarium {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// f(sample, step, unit) for each spike, step after step.
template <class F>
void each_spike(const SpikesView& spikes, F f) {
  for (std::size_t i = 0; i < spikes.samples(); ++i)
    for (std::size_t t = 0; t < spikes.steps(); ++t)
      for (const StepSpikes::Unit unit : spikes.at(i, t)) f(i, t, unit);
}

void require_one_per_sample(const SpikesView& spikes, std::size_t found, const char* what) {
  if (found != spikes.samples())
    throw ShapeError(what, to_string(Shape{spikes.samples()}) + ", one for each sample", to_string(Shape{found}));
}

}  // namespace

std::vector<double> firing_rates(const SpikesView& spikes, double dt) {
  std::vector<double> rates(spikes.units());
  each_spike(spikes, [&](std::size_t, std::size_t, std::size_t unit) { rates[unit] += 1; });
  const double seconds = static_cast<double>(spikes.samples() * spikes.steps()) * dt;
  for (double& rate : rates) rate = seconds > 0 ? rate / seconds : nan;
  return rates;
}

std::vector<IntervalStatistics> interspike_intervals(const SpikesView& spikes, double dt) {
  constexpr std::size_t never = -1;
  struct Train {
    std::size_t sample = never, step = 0, interval = never;  // of the last spike
    double changes = 0;
    std::uint64_t pairs = 0;
  };
  std::vector<Train> trains(spikes.units());
  std::vector<IntervalStatistics> found(spikes.units());
  for (IntervalStatistics& unit : found) unit.histogram.assign(spikes.steps(), 0);
  each_spike(spikes, [&](std::size_t sample, std::size_t step, std::size_t unit) {
    Train& train = trains[unit];
    if (train.sample != sample) {
      train.sample = sample, train.step = step, train.interval = never;
      return;
    }
    const std::size_t interval = step - train.step;
    found[unit].histogram[interval] += 1;
    if (train.interval != never && train.interval + interval > 0) {
      const auto a = static_cast<double>(train.interval), b = static_cast<double>(interval);
      train.changes += 2 * std::abs(b - a) / (a + b);
      train.pairs += 1;
    }
    train.step = step, train.interval = interval;
  });
  for (std::size_t u = 0; u < found.size(); ++u) {
    IntervalStatistics& unit = found[u];
    double sum = 0, squares = 0;
    for (std::size_t k = 0; k < unit.histogram.size(); ++k) {
      const auto count = static_cast<double>(unit.histogram[k]), steps = static_cast<double>(k);
      unit.count += unit.histogram[k], sum += count * steps;
    }
    if (unit.count == 0) continue;
    const auto n = static_cast<double>(unit.count);
    const double mean = sum / n;
    for (std::size_t k = 0; k < unit.histogram.size(); ++k)
      squares += static_cast<double>(unit.histogram[k]) * std::pow(static_cast<double>(k) - mean, 2);
    unit.mean = mean * dt;
    if (mean > 0) unit.cv = std::sqrt(squares / n) / mean;
    if (trains[u].pairs > 0) unit.cv2 = trains[u].changes / static_cast<double>(trains[u].pairs);
  }
  return found;
}

double rayleigh_p(double vector_strength, std::uint64_t spikes) {
  if (spikes == 0) return 1;
  // √(a² − b²) − a = −b² / (√(a² − b²) + a), which does not cancel
  const auto n = static_cast<double>(spikes);
  const double a = 1 + 2 * n, b = 2 * n * vector_strength;
  return std::exp(-b * b / (std::sqrt(std::max(0., a * a - b * b)) + a));
}

std::vector<PhaseLocking> phase_locking(const SpikesView& spikes, std::span<const double> phases,
                                        double cycles_per_step) {
  require_one_per_sample(spikes, phases.size(), "phases");
  std::vector<PhaseLocking> found(spikes.units());
  std::vector<std::complex<double>> sums(spikes.units());
  for (std::size_t i = 0; i < spikes.samples(); ++i)
    for (std::size_t t = 0; t < spikes.steps(); ++t) {
      const double cycles = phases[i] + static_cast<double>(t) * cycles_per_step;
      const auto arrow = std::polar(1., 2 * std::numbers::pi * (cycles - std::floor(cycles)));
      for (const StepSpikes::Unit unit : spikes.at(i, t)) sums[unit] += arrow, found[unit].spikes += 1;
    }
  for (std::size_t u = 0; u < found.size(); ++u) {
    if (found[u].spikes == 0) continue;
    found[u].vector_strength = std::min(1., std::abs(sums[u]) / static_cast<double>(found[u].spikes));
    const double cycles = std::arg(sums[u]) / (2 * std::numbers::pi);
    found[u].phase = cycles < 0 ? std::min(cycles + 1, std::nextafter(1., 0.)) : cycles;
    found[u].rayleigh_p = rayleigh_p(found[u].vector_strength, found[u].spikes);
  }
  return found;
}

Tensor<double> synchrony(const SpikesView& spikes, std::size_t window) {
  if (window < 1 || window > spikes.steps())
    throw SpecError(
        "window: expected 1 … " + std::to_string(spikes.steps()) + " steps, found " + std::to_string(window),
        "give a window that fits into a sample");
  const std::size_t units = spikes.units(), windows = spikes.steps() / window;
  const auto n = static_cast<double>(spikes.samples() * windows);
  std::vector<double> counts(units), sums(units);
  std::vector<std::size_t> fired;  // units with a count
  Tensor<double> products({units, units});
  for (std::size_t i = 0; i < spikes.samples(); ++i)
    for (std::size_t w = 0; w < windows; ++w) {
      for (std::size_t t = w * window; t < (w + 1) * window; ++t)
        for (const StepSpikes::Unit unit : spikes.at(i, t)) {
          if (counts[unit] == 0) fired.push_back(unit);
          counts[unit] += 1;
        }
      for (const std::size_t a : fired) {
        sums[a] += counts[a];
        for (const std::size_t b : fired) products(a, b) += counts[a] * counts[b];
      }
      for (const std::size_t a : fired) counts[a] = 0;
      fired.clear();
    }
  Tensor<double> correlation({units, units});
  const auto covariance = [&](std::size_t a, std::size_t b) { return n * products(a, b) - sums[a] * sums[b]; };
  for (std::size_t a = 0; a < units; ++a)
    for (std::size_t b = 0; b < units; ++b) {
      const double scale = std::sqrt(covariance(a, a)) * std::sqrt(covariance(b, b));
      correlation(a, b) = scale > 0 ? a == b ? 1 : covariance(a, b) / scale : nan;
    }
  return correlation;
}

Tensor<double> tuning_curves(const SpikesView& spikes, std::span<const std::int64_t> of_sample, std::size_t labels,
                             double dt) {
  require_one_per_sample(spikes, of_sample.size(), "labels");
  std::vector<double> seconds(labels);
  for (const std::int64_t label : of_sample) {
    if (label < 0 || static_cast<std::size_t>(label) >= labels)
      throw SpecError("labels: expected 0 … " + std::to_string(labels) + " (excluded), found " + std::to_string(label));
    seconds[static_cast<std::size_t>(label)] += static_cast<double>(spikes.steps()) * dt;
  }
  Tensor<double> curves({spikes.units(), labels});
  each_spike(spikes, [&](std::size_t sample, std::size_t, std::size_t unit) { curves(unit, of_sample[sample]) += 1; });
  for (std::size_t u = 0; u < spikes.units(); ++u)
    for (std::size_t k = 0; k < labels; ++k) curves(u, k) = seconds[k] > 0 ? curves(u, k) / seconds[k] : nan;
  return curves;
}

}  // namespace neurarium
