#include "neurarium/robustness/attack_loss.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "neurarium/robustness/logit_row.hpp"

namespace neurarium {

std::size_t least_classes(AttackLoss loss, bool is_targeted) noexcept {
  return loss != AttackLoss::dlr ? 2 : is_targeted ? 4 : 3;
}

namespace {

using Row = std::span<const double>;
using Slope = std::span<double>;

/// softmax(factor · z) in `p`; returns ln Σ exp(factor · z).
double softmax_of(Row z, double factor, Slope p) {
  const double largest = factor * *std::ranges::max_element(z);
  double sum = 0;
  for (std::size_t i = 0; i < z.size(); ++i) sum += p[i] = std::exp(factor * z[i] - largest);
  for (double& x : p) x /= sum;
  return largest + std::log(sum);
}

/// −ln softmax(factor · z) of class c.
double cross_entropy(Row z, std::size_t c, double factor, Slope slope) {
  const double log_sum = softmax_of(z, factor, slope);
  slope[c] -= 1;
  for (double& s : slope) s *= factor;
  return log_sum - factor * z[c];
}

/// What makes the largest |z| 10; for logits that are all 0, a slope of this size that float32 still holds.
double scale_of(Row z) {
  double largest = 0;
  for (const double x : z) largest = std::max(largest, std::abs(x));
  return 10 / std::max(largest, 1e-30);
}

/// z_o − z_y
double margin(Row z, std::size_t y, std::size_t o, Slope slope) {
  std::ranges::fill(slope, 0.0);
  slope[o] = 1, slope[y] = -1;
  return z[o] - z[y];
}

double negated(double value, Slope slope) {
  for (double& s : slope) s = -s;
  return -value;
}

/// Where the four largest are, the first of equal ones first; as many as there are.
std::array<std::size_t, 4> four_largest(Row z) {
  std::array<std::size_t, 4> places{};
  std::size_t found = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    std::size_t at = std::min<std::size_t>(found, 4);
    for (; at > 0 && z[i] > z[places[at - 1]]; --at)
      if (at < 4) places[at] = places[at - 1];
    if (at < 4) places[at] = i;
    found = std::min<std::size_t>(found + 1, 4);
  }
  return places;
}

/// −(z_y − z_o)/d with d = z_(1) − z_(3), or z_(1) − (z_(3) + z_(4))/2.
double difference_of_logits(Row z, std::size_t y, std::size_t o, bool is_targeted, Slope slope) {
  const auto places = four_largest(z);
  constexpr double guard = 1e-12;
  const double low = is_targeted ? (z[places[2]] + z[places[3]]) / 2 : z[places[2]];
  const double scale = z[places[0]] - low + guard, value = (z[o] - z[y]) / scale;
  std::ranges::fill(slope, 0.0);
  slope[o] += 1 / scale;
  slope[y] -= 1 / scale;
  slope[places[0]] -= value / scale;
  if (is_targeted) slope[places[2]] += value / scale / 2, slope[places[3]] += value / scale / 2;
  else slope[places[2]] += value / scale;
  return value;
}

void require_classes(AttackLoss loss, bool is_targeted, std::size_t classes) {
  const std::size_t least = least_classes(loss, is_targeted);
  if (classes < least)
    throw SpecError("the loss dlr " + std::string(is_targeted ? "towards a class " : "") + "compares at least " +
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
  const bool is_targeted = !targets.empty();
  require_classes(loss, is_targeted, k);
  std::vector<double> z(k), row(k);
  for (std::size_t i = 0; i < n; ++i) {
    std::ranges::copy(logits[i].flat(), z.begin());
    const auto y = static_cast<std::size_t>(labels[i]);
    const std::size_t o = is_targeted ? targets[i] : strongest_but<double>(z, y);
    const bool towards = is_targeted || loss == AttackLoss::confidence;
    double& value = values[i];
    switch (loss) {
      case AttackLoss::margin: value = margin(z, y, o, row); break;
      case AttackLoss::dlr: value = difference_of_logits(z, y, o, is_targeted, row); break;
      default:
        value = cross_entropy(z, towards ? o : y, loss == AttackLoss::scale_free ? scale_of(z) : 1, row);
        if (towards) value = negated(value, row);
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
