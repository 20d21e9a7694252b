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
      field("held_out", &P::held_out, "Share of the training samples that is held out, if patience or window > 0.")
          .positive()
          .below(1),
      field("window", &P::window, "Stop when the best of so many last figures is the oldest of them; 0 = never.")
          .at_least(0),
      field("first", &P::first, "First epoch in which the window may stop training.").at_least(1),
      field("at_limit", &P::at_limit, "Whose weights a training keeps that comes to its last epoch.")
          .one_of({"best", "last"}),
  });
}

namespace {
/// The watched figure, larger for better.
double figure_of(const EpochResult& epoch, const EarlyStoppingParams& params) {
  return params.on == "loss" ? -epoch.held_out_loss : epoch.held_out_accuracy;
}
}  // namespace

bool has_stopped(const EpochHistory& history, const EarlyStoppingParams& params) {
  if (history.empty() || !params.wanted()) return false;
  const auto patience = static_cast<std::uint64_t>(params.patience);
  if (patience > 0 && history.back().epoch - best_epoch(history, params).epoch >= patience) return true;
  const auto window = static_cast<std::size_t>(params.window);
  if (window == 0 || history.size() < window || history.back().epoch < static_cast<std::uint64_t>(params.first))
    return false;
  const double oldest = figure_of(history[history.size() - window], params);
  return std::all_of(history.end() - params.window, history.end(),
                     [&](const EpochResult& epoch) { return figure_of(epoch, params) <= oldest; });
}

const EpochResult& best_epoch(const EpochHistory& history, const EarlyStoppingParams& params) {
  return *std::ranges::max_element(history, {}, [&](const EpochResult& epoch) { return figure_of(epoch, params); });
}

const EpochResult& kept_epoch(const EpochHistory& history, const EarlyStoppingParams& params) {
  if (params.at_limit == "last" && !has_stopped(history, params)) return history.back();
  return best_epoch(history, params);
}

namespace {
bool has_labels(ArrayView y) { return !y.empty() && y.dtype() == DType::i64 && y.shape().axes() == 1; }
}  // namespace

EarlyStopping::EarlyStopping(const EarlyStoppingParams& params, Trainable& model, const SplitView& split,
                             double divisor, RunContext& context, const SplitView* validation)
    : params_(params),
      model_(model),
      divisor_(divisor),
      context_(context),
      watched_(validation ? *validation : SplitView(ArrayView(), ArrayView())) {
  if (validation && (validation->samples() == 0 || validation->y.empty()))
    throw DataError("validation data", "has no samples with answers", "give some, or leave them out");
  if (validation) model.require_answers(validation->y, "validation data");
  if (params.on == "accuracy" && params.wanted() && !has_labels((validation ? *validation : split).y))
    throw SpecError("train.early_stopping.on: the data have no labels, so there is no accuracy", "watch \"loss\"");
  if (!params.wanted() || validation) {
    kept_.resize(split.samples());
    std::iota(kept_.begin(), kept_.end(), std::uint64_t{0});
    return;
  }
  HeldOut parts = hold_out(context.seed(), split.samples(), params.held_out, "train.early_stopping.held_out");
  kept_ = std::move(parts.kept);
  held_out_ = rows_of(split, parts.held_out);
  watched_ = held_out_;
}

void EarlyStopping::watch(EpochResult& result, const EpochHistory& before) {
  if (watched_.samples() == 0) return;
  const EpochResult found = evaluate(model_, watched_, divisor_, context_);
  result.has_held_out = true, result.held_out_loss = found.loss, result.held_out_accuracy = found.accuracy;
  if (!params_.wanted()) return;
  const double figure = figure_of(result, params_);
  if (best_epoch_ == 0 || figure > best_) {
    best_epoch_ = result.epoch;
    best_ = figure;
    best_weights_.clear();
    for (const NamedView& item : state_of(model_)) best_weights_.emplace_back(item.name, Array(ArrayView(item.values)));
  }
  EpochHistory history = before;
  history.push_back(result);
  stopped_ = has_stopped(history, params_);
}

void EarlyStopping::put_back() const {
  if (best_epoch_ > 0 && (stopped_ || params_.at_limit == "best"))
    neurarium::restore({best_weights_, {}}, model_, nullptr);
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
