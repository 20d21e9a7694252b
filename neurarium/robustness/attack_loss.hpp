// Losses that attacks climb: the larger, the more wrong the answer. For one row of logits z with k classes, label y, the strongest
// other class o, and z_(1) ≥ z_(2) ≥ … sorted:
//   cross-entropy    −ln softmax(z)_y
//   scale-free       the same of 10 z / max|z|, the scale held fixed: small logits hide nothing
//   dlr              −(z_y − z_o) / (z_(1) − z_(3))                       k ≥ 3
//   margin           z_o − z_y
//   confidence       ln softmax(z)_o: how sure the network is of something wrong
// and towards a class t that is wanted instead of the label:
//   cross-entropy, confidence   ln softmax(z)_t;   scale-free   the same of 10 z / max|z|;   margin   z_t − z_y
//   dlr                         −(z_y − z_t) / (z_(1) − (z_(3) + z_(4))/2)       k ≥ 4
// Source: Goodfellow, Shlens, Szegedy, ICLR 2015 (cross-entropy); Croce & Hein, "Reliable evaluation of adversarial robustness
// with an ensemble of diverse parameter-free attacks", ICML 2020 (dlr); Carlini & Wagner, IEEE S&P 2017 (margin).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "neurarium/core/tensor.hpp"

namespace neurarium {

enum class AttackLoss { cross_entropy, scale_free, dlr, margin, confidence };
/// The names above in that order.
std::vector<std::string> attack_loss_names();
AttackLoss attack_loss_of(const std::string& name);
/// How many classes the loss compares at least, away from the label or towards a class.
std::size_t least_classes(AttackLoss loss, bool is_targeted) noexcept;

/// The loss of each row of logits [n, k], and, unless `slope` is empty, ∂loss/∂logits [n, k]. `targets`: t of each row (not its
/// label), or empty: away from the label. SpecError if k is too small.
template <class T>
void evaluate_attack_loss(AttackLoss loss, View<const T> logits, std::span<const std::int64_t> labels,
                          std::span<const std::size_t> targets, std::span<double> values, View<T> slope);

}  // namespace neurarium
