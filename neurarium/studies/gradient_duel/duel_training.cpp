#include "neurarium/studies/gradient_duel/duel_training.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "neurarium/core/quantile.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/train/evaluation.hpp"

namespace neurarium {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t compared_samples = 128;

/// The network in every way there is, to be asked for gradients at any weights.
class Witnesses {
 public:
  Witnesses(const DuelParams& params, const DuelData& data, const RunContext& context)
      : params_(params), data_(data), probe_(data.training, static_cast<std::size_t>(params.probe_samples)) {
    // The judge is asked for small differences of its loss, too.
    const auto made = [&](const DuelNetworkParams& p, Side side, const char* scalar = "float32") {
      const Component network =
          duel_network(p, side, data.training.entry_shape(), data.classes, context.seed(), scalar);
      return build_model<Trainable>(network, context.registry(), "this study");
    };
    surrogate_ = made(params, Side::surrogate), grid_ = made(params, Side::eventprop);
    if (params.exact) exact_ = made(params, Side::exact, "float64");
    for (const double slope : params.slopes) {
      DuelNetworkParams other = params;
      other.slope = slope;
      slopes_.push_back(made(other, Side::surrogate));
    }
  }

  Numbers start() { return weights_of(*grid_); }

  Moment look(const Numbers& weights, double epoch, RunContext& context) {
    take(weights);
    Moment m;
    m.epoch = epoch;
    const EpochResult test = evaluate(*grid_, data_.test, 1, context);
    const SpikesView counted(*data_.test.spikes, 0, std::min(counted_samples, data_.test.samples()));
    m.test_accuracy = test.accuracy, m.test_loss = test.loss,
    m.hidden_spikes = hidden_spikes_per_sample(*grid_, counted);
    const SameSpikes same = compare_spikes(*grid_, *surrogate_, probe_, compared_samples);
    m.same_counts = same.same_counts, m.answer_difference = same.answer_difference;
    const std::vector<Numbers> all = gradients();
    const auto three = [&](const auto& part) {
      ThreeCosines c{cosine(part(all[0]), part(all[1])), unknown, unknown};
      if (exact_)
        c.surrogate_exact = cosine(part(all[0]), part(all[2])), c.grid_exact = cosine(part(all[1]), part(all[2]));
      return c;
    };
    m.hidden = three(hidden_part);
    m.unit = {median_cosine_of_units(all[0], all[1]), unknown, unknown};
    if (exact_)
      m.unit.surrogate_exact = median_cosine_of_units(all[0], all[2]),
      m.unit.grid_exact = median_cosine_of_units(all[1], all[2]);
    for (std::size_t k = 0; k < all[0].size(); ++k)
      m.of_weight.push_back(three([&](const Numbers& gradient) { return gradient[k].numbers; }));
    m.readout = m.of_weight.back().surrogate_grid;
    m.surrogate_length = length(hidden_part(all[0])), m.grid_length = length(hidden_part(all[1]));
    m.exact_length = exact_ ? length(hidden_part(all[2])) : unknown;
    const std::vector<double> judge = hidden_part(all.back());
    for (const auto& model : slopes_) m.of_slope.push_back(cosine(hidden_part(probe_.gradient(*model)), judge));
    return m;
  }

  Foresight foresee(const Numbers& weights, std::uint64_t seed) {
    take(weights);
    const std::vector<Numbers> all = gradients();
    Foresight found;
    for (const double size : params_.sizes) {
      const auto r =
          foresight(exact_ ? *exact_ : *grid_, probe_, all, size, static_cast<std::size_t>(params_.directions), seed);
      found.surrogate.push_back(r[0]), found.grid.push_back(r[1]), found.exact.push_back(exact_ ? r[2] : unknown);
    }
    return found;
  }

 private:
  void take(const Numbers& weights) {
    set_weights(*surrogate_, weights), set_weights(*grid_, weights);
    if (exact_) set_weights(*exact_, weights);
    for (const auto& model : slopes_) set_weights(*model, weights);
  }
  std::vector<Numbers> gradients() const {
    std::vector<Numbers> all{probe_.gradient(*surrogate_), probe_.gradient(*grid_)};
    if (exact_) all.push_back(probe_.gradient(*exact_));
    return all;
  }

  const DuelParams& params_;
  const DuelData& data_;
  Probe probe_;
  std::unique_ptr<Trainable> surrogate_, grid_, exact_;
  std::vector<std::unique_ptr<Trainable>> slopes_;
};

DuelPath path_of(Side side, const DuelParams& params, const DuelData& data, const Numbers& start, const Moment& first,
                 Witnesses& witnesses, RunContext& context) {
  const Component description = duel_network(params, side, data.training.entry_shape(), data.classes, context.seed());
  const auto model = build_model<Trainable>(description, context.registry(), "this study");
  set_weights(*model, start);
  DuelPath path;
  path.moments.push_back(first);
  std::vector<double> seconds;
  auto begun = Clock::now();
  TrainCallbacks callbacks;
  callbacks.after_epoch = [&](const EpochResult& epoch) {
    seconds.push_back(std::chrono::duration<double>(Clock::now() - begun).count());
    path.moments.push_back(witnesses.look(weights_of(*model), static_cast<double>(epoch.epoch), context));
    begun = Clock::now();
  };
  try {
    path.history = train(*model, data.training, 1, params.train, context, callbacks);
  } catch (const NumericError& error) {
    throw NumericError(std::string(side == Side::surrogate ? "surrogate" : "EventProp") + ": " + error.where(),
                       error.step(), error.first_bad_index(), "lower train.optimiser.learning_rate");
  }
  path.epoch_seconds = seconds.empty() ? 0 : quantile(seconds, 0.5);
  if (params.directions > 0) path.at_end = witnesses.foresee(weights_of(*model), context.seed());
  path.network = state_of_network(description, *model);
  return path;
}

}  // namespace

Duel fight(const DuelParams& params, const DuelData& data, RunContext& context) {
  Witnesses witnesses(params, data, context);
  const Numbers start = witnesses.start();
  Duel duel;
  for (const NamedNumbers& weight : start) duel.weights.push_back(weight.name);
  const Moment first = witnesses.look(start, 0, context);
  if (params.directions > 0) duel.at_start = witnesses.foresee(start, context.seed());
  duel.surrogate = path_of(Side::surrogate, params, data, start, first, witnesses, context);
  duel.eventprop = path_of(Side::eventprop, params, data, start, first, witnesses, context);
  return duel;
}

}  // namespace neurarium
