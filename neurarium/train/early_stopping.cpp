#include "neurarium/train/early_stopping.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/train/model_checkpoint.hpp"

namespace neurarium {

Schema EarlyStoppingParams::fields() {
  using P = EarlyStoppingParams;
  return Schema::of<P>({
      field("patience", &P::patience, "Epochs without a better figure after which training stops; 0 = never.")
          .at_least(0),
      field("on", &P::on, "Which figure of the held-out samples is watched.").one_of({"loss", "accuracy"}),
      field("held_out", &P::held_out, "Share of the training samples that is held out, if patience > 0.")
          .positive()
          .below(1),
  });
}

HeldOut hold_out(std::uint64_t seed, std::uint64_t n, double share) {
  const auto count = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(n)));
  if (count == 0 || count >= n)
    throw SpecError("train.early_stopping.held_out: a share of " + std::to_string(share) + " of " + std::to_string(n) +
                        " samples leaves nothing to learn from",
                    "give a smaller share, or patience = 0");
  const auto order = permutation(Stream(seed, "data.held_out"), 0, n);
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(n - count);
  HeldOut result{{order.begin(), cut}, {cut, order.end()}};
  std::ranges::sort(result.kept);
  std::ranges::sort(result.held_out);
  return result;
}

void EarlyStopping::watch(std::uint64_t epoch, double loss, double accuracy) {
  const double figure = params_.on == "loss" ? -loss : accuracy;
  if (best_epoch_ == 0 || figure > best_) {
    best_epoch_ = epoch;
    best_ = figure;
    best_weights_.clear();
    for (const NamedView& item : state_of(model_)) best_weights_.emplace_back(item.name, Array(ArrayView(item.values)));
  }
  stopped_ = epoch - best_epoch_ >= static_cast<std::uint64_t>(params_.patience);
}

void EarlyStopping::put_back() const {
  if (best_epoch_ > 0) neurarium::restore({best_weights_, {}}, model_, nullptr);
}

void EarlyStopping::save(NamedArrays& arrays) const {
  Array numbers(DType::f64, {3});
  const auto n = numbers.as<double>();
  n(0) = static_cast<double>(best_epoch_), n(1) = best_, n(2) = stopped_;
  arrays.emplace_back("early_stopping", std::move(numbers));
  for (const auto& [name, array] : best_weights_) arrays.emplace_back("early_stopping.best." + name, array);
}

void EarlyStopping::restore(const Checkpoint& checkpoint) {
  const Array* numbers = checkpoint.find("early_stopping");
  if (!numbers || numbers->dtype() != DType::f64 || numbers->shape() != Shape{3})
    throw ResumeError("the checkpoint has no 'early_stopping'; it belongs to another experiment");
  const auto n = numbers->as<double>();
  best_epoch_ = static_cast<std::uint64_t>(n(0)), best_ = n(1), stopped_ = n(2) != 0;
  best_weights_.clear();
  if (best_epoch_ == 0) return;
  for (const NamedView& item : state_of(model_)) {
    const Array* saved = checkpoint.find("early_stopping.best." + item.name);
    if (!saved || saved->shape() != item.values.shape() || saved->dtype() != item.values.dtype())
      throw ResumeError("the checkpoint's best weights '" + item.name + "' are missing or of another shape");
    best_weights_.emplace_back(item.name, *saved);
  }
}

}  // namespace neurarium
