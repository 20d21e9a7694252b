#include "neurarium/robustness/calibration.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/nn/classes.hpp"

namespace neurarium {

Calibration::Calibration(View<const double> probabilities, std::span<const std::int64_t> labels, std::size_t count)
    : bins(count) {
  require_labels(probabilities, labels);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto p = probabilities[i].flat();
    const std::size_t best = strongest(p);
    const double place = std::ceil(p[best] * static_cast<double>(count)) - 1;
    Bin& bin = bins[static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(count - 1)))];
    ++bin.samples;
    bin.confidence += p[best];
    bin.accuracy += best == static_cast<std::size_t>(labels[i]) ? 1 : 0;
    confidence += p[best] / static_cast<double>(labels.size());
  }
  for (Bin& bin : bins) {
    if (bin.samples == 0) continue;
    const auto n = static_cast<double>(bin.samples);
    bin.confidence /= n;
    bin.accuracy /= n;
    const double distance = std::abs(bin.accuracy - bin.confidence);
    expected_error += n / static_cast<double>(labels.size()) * distance;
    largest_error = std::max(largest_error, distance);
  }
}

namespace {

constexpr double widest = 1e4;  // how far from the spread of the logits a temperature may be

/// L at one β, with its first two derivatives there.
struct Loss {
  double value = 0, slope = 0, curvature = 0;
};

class LossOfTemperature {
 public:
  LossOfTemperature(View<const double> logits, std::span<const std::int64_t> labels) : z_(logits), labels_(labels) {}

  Loss operator()(double beta) const {
    Loss sum;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const auto z = z_[i].flat();
      const double most = std::ranges::max(z);
      double total = 0, first = 0, second = 0;  // moments of z − most, which lose nothing to its size
      for (const double x : z) {
        const double away = x - most, e = std::exp(beta * away);
        total += e, first += e * away, second += e * away * away;
      }
      const double mean = first / total, right = z[static_cast<std::size_t>(labels_[i])] - most;
      sum.value += std::log(total) - beta * right;
      sum.slope += mean - right;
      sum.curvature += second / total - mean * mean;
    }
    const auto n = static_cast<double>(labels_.size());
    return {sum.value / n, sum.slope / n, sum.curvature / n};
  }

  /// Root of the mean variance of a sample's logits.
  double spread() const {
    double sum = 0;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const auto z = z_[i].flat();
      double mean = 0, variance = 0;
      for (const double x : z) mean += x / static_cast<double>(z.size());
      for (const double x : z) variance += (x - mean) * (x - mean) / static_cast<double>(z.size());
      sum += variance / static_cast<double>(labels_.size());
    }
    return std::sqrt(sum);
  }

  bool all_right() const {
    for (std::size_t i = 0; i < labels_.size(); ++i)
      if (const auto z = z_[i].flat(); z[static_cast<std::size_t>(labels_[i])] < std::ranges::max(z)) return false;
    return true;
  }

 private:
  View<const double> z_;
  std::span<const std::int64_t> labels_;
};

/// Where the slope is 0 between low, where it is negative, and high, where it is positive.
double root_of_slope(const LossOfTemperature& loss, double low, double high) {
  double beta = std::clamp(1.0, low, high);
  for (int step = 0; step < 200; ++step) {
    const Loss here = loss(beta);
    if (here.slope == 0) break;
    (here.slope < 0 ? low : high) = beta;
    double next = beta - here.slope / here.curvature;
    if (!(next > low && next < high)) next = std::sqrt(low * high);  // not a number, too
    const bool still = std::abs(next - beta) <= 1e-12 * beta;
    beta = next;
    if (still) break;
  }
  return beta;
}

}  // namespace

TemperatureFit fit_temperature(View<const double> logits, std::span<const std::int64_t> labels) {
  require_labels(logits, labels);
  const char* what = "temperature";
  if (labels.empty()) throw DataError(what, "there are no samples to fit it to");
  const LossOfTemperature loss(logits, labels);
  const double spread = loss.spread();
  if (!std::isfinite(spread)) throw DataError(what, "the logits are not finite");
  if (spread == 0)
    throw DataError(what,
                    "the network says the same of every class for each of the samples: no temperature changes that");
  const double low = 1 / (widest * spread), high = widest / spread;
  if (loss.all_right() || loss(high).slope < 0)
    throw DataError(what,
                    "none of the " + std::to_string(labels.size()) +
                        " samples is wrong (by a margin that counts): the smaller it is, the better",
                    "give more samples, which the network has not learned");
  if (loss(low).slope >= 0)
    throw DataError(what, "the answers to these samples are no better than chance: the larger it is, the better",
                    "train the network first, or check whether the labels belong to the samples");
  TemperatureFit fit;
  const double beta = root_of_slope(loss, low, high);
  fit.temperature = 1 / beta;
  fit.loss_before = loss(1).value;
  fit.loss_after = loss(beta).value;
  return fit;
}

Tensor<double> softmax_at(View<const double> logits, double temperature) {
  Tensor<double> z(logits.shape());
  std::ranges::transform(logits.flat(), z.flat().begin(), [&](double x) { return x / temperature; });
  return softmax(z.view());
}

}  // namespace neurarium
