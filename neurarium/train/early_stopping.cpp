#include "neurarium/train/early_stopping.hpp"

#include <algorithm>
#include <numeric>

#include "neurarium/train/evaluation.hpp"
#include "neurarium/train/hold_out.hpp"
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

const EpochResult& best_epoch(const EpochHistory& history, const EarlyStoppingParams& params) {
  return *std::ranges::max_element(history, {}, [&](const EpochResult& epoch) {
    return params.on == "loss" ? -epoch.held_out_loss : epoch.held_out_accuracy;
  });
}

EarlyStopping::EarlyStopping(const EarlyStoppingParams& params, Trainable& model, const SplitView& split,
                             double divisor, RunContext& context)
    : params_(params), model_(model), divisor_(divisor), context_(context) {
  if (!params.wanted()) {
    kept_.resize(split.samples());
    std::iota(kept_.begin(), kept_.end(), std::uint64_t{0});
    return;
  }
  HeldOut parts = hold_out(context.seed(), split.samples(), params.held_out, "train.early_stopping.held_out");
  kept_ = std::move(parts.kept);
  held_out_ = rows_of(split, parts.held_out);
  if (params.on == "accuracy" && !held_out_.has_labels())
    throw SpecError("train.early_stopping.on: the data have no labels, so there is no accuracy", "watch \"loss\"");
}

void EarlyStopping::watch(EpochResult& result) {
  if (!params_.wanted()) return;
  const EpochResult found = evaluate(model_, held_out_, divisor_, context_);
  result.has_held_out = true, result.held_out_loss = found.loss, result.held_out_accuracy = found.accuracy;
  const double figure = params_.on == "loss" ? -found.loss : found.accuracy;
  if (best_epoch_ == 0 || figure > best_) {
    best_epoch_ = result.epoch;
    best_ = figure;
    best_weights_.clear();
    for (const NamedView& item : state_of(model_)) best_weights_.emplace_back(item.name, Array(ArrayView(item.values)));
  }
  stopped_ = result.epoch - best_epoch_ >= static_cast<std::uint64_t>(params_.patience);
}

void EarlyStopping::put_back() const {
  if (best_epoch_ > 0) neurarium::restore({best_weights_, {}}, model_, nullptr);
}

void EarlyStopping::save(NamedArrays& arrays) const {
  if (!params_.wanted()) return;
  Array numbers(DType::f64, {3});
  const auto n = numbers.as<double>();
  n(0) = static_cast<double>(best_epoch_), n(1) = best_, n(2) = stopped_;
  arrays.emplace_back("early_stopping", std::move(numbers));
  for (const auto& [name, array] : best_weights_) arrays.emplace_back("early_stopping.best." + name, array);
}

void EarlyStopping::restore(const Checkpoint& checkpoint) {
  if (!params_.wanted()) return;
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
