#include "neurarium/train/local_trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "neurarium/core/digits.hpp"
#include "neurarium/data/sampler.hpp"
#include "neurarium/train/model_checkpoint.hpp"

namespace neurarium {

Schema LocalTrainParams::fields() {
  using P = LocalTrainParams;
  return Schema::of<P>({
      field("epochs", &P::epochs, "Passes over the data.").at_least(0),
      field("samples", &P::samples, "Samples shown per epoch; 0 = all.").at_least(0),
      field("shuffle", &P::shuffle, "New order in each epoch."),
      field("order", &P::order,
            "Sample numbers to show, [epochs, samples] or [samples]; replaces shuffle, samples and epochs."),
      field("checkpoint_seconds", &P::checkpoint_seconds, "Longest time between two checkpoints.")
          .unit("s")
          .at_least(0),
  });
}

namespace {

/// The orders the user gave, checked: row e is epoch e.
std::vector<std::vector<std::uint64_t>> given_orders(const Array& order, std::size_t available) {
  const Shape& shape = order.shape();
  if (shape.axes() < 1 || shape.axes() > 2)
    throw ShapeError("train.order", "[samples] or [epochs, samples]", to_string(shape));
  const std::size_t epochs = shape.axes() == 2 ? shape[0] : 1,
                    samples = order.size() / std::max<std::size_t>(epochs, 1);
  const Tensor<double> numbers = to_tensor<double>(order.view());
  std::vector<std::vector<std::uint64_t>> rows(epochs);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double id = numbers.flat()[i];
    if (!(id >= 0) || id >= static_cast<double>(available) || id != static_cast<double>(static_cast<std::uint64_t>(id)))
      throw SpecError("train.order: entry " + std::to_string(i) + " is " + std::to_string(id) +
                      ", expected a whole number in 0 … " + std::to_string(available - 1));
    rows[i / samples].push_back(static_cast<std::uint64_t>(id));
  }
  return rows;
}

/// Finite, but so large that nothing more is learned. No NaN comes of it, and the run would seem to go well.
class Runaway : public NumericError {
 public:
  Runaway(const std::string& name, double value, std::uint64_t epoch, std::uint64_t step, std::size_t index)
      : NumericError(name, step, index) {
    text_ = name + " in epoch " + std::to_string(epoch + 1) + ": has run away at step " + std::to_string(step) +
            ": entry " + std::to_string(index) + " is " + short_digits(value, 3) + ", expected at most 1e12; " + mend;
  }
  const char* what() const noexcept override { return text_.c_str(); }
  static constexpr const char* mend = "lower the model's learning rate, or look for extreme values in the data";

 private:
  std::string text_;
};

void require_bounded(Model& model, std::uint64_t epoch, std::uint64_t step) {
  constexpr double largest = 1e12;
  for (const NamedView& item : model.parameters()) {
    if (!is_floating(item.values.dtype())) continue;
    with_floating(item.values.dtype(), [&]<class T>() {
      const auto numbers = ArrayView(item.values).as<T>().flat();
      const auto above = std::ranges::find_if(numbers, [](T x) { return std::abs(x) > static_cast<T>(largest); });
      if (above != numbers.end())
        throw Runaway(item.name, static_cast<double>(*above), epoch, step,
                      static_cast<std::size_t>(above - numbers.begin()));
    });
  }
}

/// How many samples the model is given at once: as many as it learns in some tenths of a second at most, so that the stop
/// token is looked at often and the call itself costs nothing. The bits do not depend on it.
class Piece {
 public:
  std::size_t samples() const { return samples_; }
  void learned(std::size_t samples, std::chrono::steady_clock::duration time) {
    if (samples < samples_) return;  // the last of an epoch says little
    if (time < std::chrono::milliseconds(20)) samples_ = std::min<std::size_t>(2 * samples_, 1024);
    if (time > std::chrono::milliseconds(400)) samples_ = std::max<std::size_t>(samples_ / 2, 1);
  }

 private:
  std::size_t samples_ = 64;
};

}  // namespace

void train_locally(LocalLearner& model, const Array& x, double divisor, const LocalTrainParams& params,
                   RunContext& context, const std::function<void(std::uint64_t)>& after_epoch,
                   const ExtraState& extra) {
  const std::size_t available = x.shape()[0];
  if (available == 0) throw DataError("training data", "has no samples");
  std::vector<std::vector<std::uint64_t>> orders;
  if (params.order.given()) orders = given_orders(*params.order.array, available);
  const std::size_t epochs = orders.empty() ? static_cast<std::size_t>(params.epochs) : orders.size();
  const std::size_t wanted = params.samples > 0 ? static_cast<std::size_t>(params.samples) : available;
  if (wanted > available)
    throw SpecError("train.samples = " + std::to_string(wanted) + ", but the data has " + std::to_string(available) +
                    " samples");
  const std::size_t samples = orders.empty() ? wanted : orders.front().size();

  std::uint64_t epoch = 0, done = 0;
  if (const auto checkpoint = context.resumed()) {
    restore_kept(*checkpoint, model, nullptr);
    if (extra.restore) extra.restore(*checkpoint);
    epoch = counter_of(*checkpoint, "epoch", epochs);
    done = counter_of(*checkpoint, "sample", samples);
  }
  const auto save = [&] {
    require_finite(model, nullptr, done);
    require_bounded(model, epoch, done);
    Checkpoint checkpoint =
        checkpoint_of(model, nullptr, {{"epoch", std::to_string(epoch)}, {"sample", std::to_string(done)}});
    if (extra.save)
      for (auto& item : extra.save()) checkpoint.arrays.push_back(std::move(item));
    context.save(checkpoint);
  };
  for (const auto& [what, chosen] : model.choices()) context.choice(what, chosen);
  Piece piece;
  while (epoch < epochs) {
    const auto order = orders.empty()
                           ? epoch_order(context.seed(), static_cast<std::uint32_t>(epoch), available, params.shuffle)
                           : orders[epoch];
    while (done < samples) {
      if (context.stop_requested()) {
        save();
        throw Interrupted("stopped in epoch " + std::to_string(epoch + 1) + " after " + std::to_string(done) +
                          " samples");
      }
      if (context.checkpoint_due(params.checkpoint_seconds)) save();
      const auto ids = std::span(order).subspan(done, std::min(piece.samples(), samples - done));
      const auto begin = std::chrono::steady_clock::now();
      try {
        model.observe(gather_rows(x, ids), divisor,
                      {Mode::train, context.seed(), static_cast<std::uint32_t>(epoch), done, ids}, context.pool());
      } catch (const NumericError& error) {  // the model counts the samples of one epoch: say which
        throw NumericError(error.where() + " in epoch " + std::to_string(epoch + 1), error.step(),
                           error.first_bad_index(), Runaway::mend);
      }
      piece.learned(ids.size(), std::chrono::steady_clock::now() - begin);
      done += ids.size();
      context.progress({"train", static_cast<double>(epoch * samples + done), static_cast<double>(epochs * samples),
                        "samples", "epoch " + std::to_string(epoch + 1) + "/" + std::to_string(epochs)});
    }
    require_bounded(model, epoch, done);  // before it is measured and shown
    ++epoch;
    done = 0;
    if (after_epoch) after_epoch(epoch);
    save();
  }
}

}  // namespace neurarium
