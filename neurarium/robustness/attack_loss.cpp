#include "neurarium/robustness/attack_loss.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace neurarium {
namespace {

using Row = std::span<const double>;
using Slope = std::span<double>;

/// The first of the largest, without `skipped`.
std::size_t strongest_but(Row z, std::size_t skipped) {
  std::size_t best = skipped == 0 ? 1 : 0;
  for (std::size_t i = 0; i < z.size(); ++i)
    if (i != skipped && z[i] > z[best]) best = i;
  return best;
}

/// softmax(factor · z) in `p`; returns ln Σ exp(factor · z).
double softmax_of(Row z, double factor, Slope p) {
  const double largest = factor * *std::ranges::max_element(z);
  double sum = 0;
  for (std::size_t i = 0; i < z.size(); ++i) sum += p[i] = std::exp(factor * z[i] - largest);
  for (double& x : p) x /= sum;
  return largest + std::log(sum);
}

double cross_entropy(Row z, std::size_t y, double factor, Slope slope) {
  const double log_sum = softmax_of(z, factor, slope);
  slope[y] -= 1;
  for (double& s : slope) s *= factor;
  return log_sum - factor * z[y];
}

double scale_free(Row z, std::size_t y, Slope slope) {
  double largest = 0;
  for (const double x : z) largest = std::max(largest, std::abs(x));
  return cross_entropy(z, y, 10 / std::max(largest, 1e-300), slope);
}

double margin(Row z, std::size_t y, Slope slope) {
  const std::size_t o = strongest_but(z, y);
  std::ranges::fill(slope, 0.0);
  slope[o] = 1, slope[y] = -1;
  return z[o] - z[y];
}

double confidence(Row z, std::size_t y, Slope slope) {
  const std::size_t o = strongest_but(z, y);
  const double log_sum = softmax_of(z, 1, slope);
  for (double& s : slope) s = -s;
  slope[o] += 1;
  return z[o] - log_sum;
}

/// −(z_y − z_other)/d with d = z_(1) − Σ weights · lower places.
double difference_of_logits(Row z, std::size_t y, std::size_t other, bool is_targeted, Slope slope) {
  std::vector<std::size_t> places(z.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::ranges::stable_sort(places, [&](std::size_t a, std::size_t b) { return z[a] > z[b]; });
  constexpr double guard = 1e-12;
  const double low = is_targeted ? (z[places[2]] + z[places[3]]) / 2 : z[places[2]];
  const double scale = z[places[0]] - low + guard, value = (z[other] - z[y]) / scale;
  std::ranges::fill(slope, 0.0);
  slope[other] += 1 / scale;
  slope[y] -= 1 / scale;
  slope[places[0]] -= value / scale;
  if (is_targeted) slope[places[2]] += value / scale / 2, slope[places[3]] += value / scale / 2;
  else slope[places[2]] += value / scale;
  return value;
}

void require_classes(AttackLoss loss, std::size_t classes) {
  const std::size_t least = loss == AttackLoss::dlr_targeted ? 4 : loss == AttackLoss::dlr ? 3 : 2;
  if (classes < least)
    throw SpecError("the loss " + std::string(least == 4 ? "dlr-targeted" : "dlr") + " compares at least " +
                        std::to_string(least) + " classes, and the network has " + std::to_string(classes),
                    "choose the loss margin or scale-free");
}

}  // namespace

std::vector<std::string> attack_loss_names() { return {"cross-entropy", "scale-free", "dlr", "margin", "confidence"}; }

AttackLoss attack_loss_of(const std::string& name) {
  using enum AttackLoss;
  if (name == "scale-free") return scale_free;
  if (name == "dlr") return dlr;
  if (name == "margin") return margin;
  if (name == "confidence") return confidence;
  return cross_entropy;
}

template <class T>
void evaluate_attack_loss(AttackLoss loss, View<const T> logits, std::span<const std::int64_t> labels,
                          std::span<const std::size_t> targets, std::span<double> values, View<T> slope) {
  const std::size_t n = logits.shape()[0], k = logits.shape()[1];
  require_classes(loss, k);
  std::vector<double> z(k), row(k);
  for (std::size_t i = 0; i < n; ++i) {
    std::ranges::copy(logits[i].flat(), z.begin());
    const auto y = static_cast<std::size_t>(labels[i]);
    switch (loss) {
      case AttackLoss::cross_entropy: values[i] = cross_entropy(z, y, 1, row); break;
      case AttackLoss::scale_free: values[i] = scale_free(z, y, row); break;
      case AttackLoss::margin: values[i] = margin(z, y, row); break;
      case AttackLoss::confidence: values[i] = confidence(z, y, row); break;
      case AttackLoss::dlr: values[i] = difference_of_logits(z, y, strongest_but(z, y), false, row); break;
      case AttackLoss::dlr_targeted: values[i] = difference_of_logits(z, y, targets[i], true, row); break;
    }
    if (slope.size() > 0)
      std::ranges::transform(row, slope[i].flat().begin(), [](double s) { return static_cast<T>(s); });
  }
}

template void evaluate_attack_loss<float>(AttackLoss, View<const float>, std::span<const std::int64_t>,
                                          std::span<const std::size_t>, std::span<double>, View<float>);
template void evaluate_attack_loss<double>(AttackLoss, View<const double>, std::span<const std::int64_t>,
                                           std::span<const std::size_t>, std::span<double>, View<double>);

}  // namespace neurarium
