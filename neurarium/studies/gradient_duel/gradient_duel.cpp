// gradient-duel: the same network learns by surrogate gradients and by EventProp, and both gradients are looked at, at the same weights.
#include "neurarium/nn/build_model.hpp"
#include "neurarium/studies/gradient_duel/duel_findings.hpp"
#include "neurarium/studies/gradient_duel/grid_latencies.hpp"
#include "neurarium/train/labelled_part.hpp"
#include "neurarium/train/shared_out.hpp"

namespace neurarium {
namespace {

struct Params : DuelParams {
  std::string dataset = "yin-yang:";
  GridLatencyParams latencies;
  std::int64_t repeats = 1;
  std::int64_t train_samples = 0;
  std::int64_t test_samples = 0;
  Params() {
    train.optimiser = {"adam", Value::table()};
    train.optimiser.settings.set("learning_rate", 5e-3);
  }
  static Schema fields() {
    std::vector<FieldInfo> all = DuelNetworkParams::fields();
    std::vector<FieldInfo> more = {
        field("dataset", &Params::dataset,
              "Spikes on a grid of dt, or numbers in [0, 1] (or bytes), with labels: by name or as FILE.npz."),
        field("latencies", &Params::latencies, "How numbers become spikes."),
        field("repeats", &Params::repeats, "Duels, each from a start of its own.").between(1, 1000),
        field("train_samples", &Params::train_samples, "How many samples to learn from, from the first on; 0 = all.")
            .at_least(0),
        field("test_samples", &Params::test_samples, "How many to test on; 0 = all.").at_least(0),
        field("probe_samples", &Params::probe_samples,
              "Training samples, from the first on, on which gradients are compared.")
            .at_least(1),
        field("exact", &Params::exact,
              "Whether the gradient of exact spike times is taken, too: the judge of both. Slow for many recurrent "
              "units."),
        field("slopes", &Params::slopes, "Slopes of the surrogate at which its gradient is compared, too.").positive(),
        field("sizes", &Params::sizes,
              "Steps of the hidden weights, in their root mean squares, whose effect on the loss gradients foretell.")
            .positive(),
        field("directions", &Params::directions, "How many random steps of each size; 0: none.").at_least(0),
        field("train", &Params::train, "How they learn."),
    };
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    return Schema::of<Params>(std::move(all));
  }
};

class GradientDuel : public Study {
 public:
  explicit GradientDuel(const Params& params) : params_(params) {
    require_an_epoch(params_.train);
    if (params_.hidden.empty()) throw SpecError("hidden: there is no hidden layer", "give at least one, hidden=[100]");
  }

  void run(RunContext& context) override {
    const Dataset source = context.dataset(params_.dataset);
    if (!source.train.spikes) require_arrays(source);
    DuelData data;
    data.training = on_grid(source, labelled_part(source, source.train, params_.train_samples, "training"));
    data.test = on_grid(source, labelled_part(source, source.test, params_.test_samples, "test"));
    data.classes = classes_of(data.training, data.test);
    DuelFindings found;
    found.dataset = source.name, found.params = &params_, found.data = &data;
    found.duels.resize(static_cast<std::size_t>(params_.repeats));
    SharedTrainings duels{found.duels.size(), "gradient_duel.runs", params_.train.checkpoint_seconds, {}, {}, {}};
    duels.train = [&](std::size_t k, RunContext& own) { found.duels[k] = fight(params_, data, own); };
    duels.save = [&](std::size_t k) { return saved_duel(found.duels[k]); };
    duels.restore = [&](std::size_t k, const Checkpoint& part) {
      Duel& duel = found.duels[k] = restored_duel(k, part);
      const std::uint64_t seed = seed_of_training(context.seed(), duels.seeds, k);
      duel.surrogate.network.description = described(Side::surrogate, data, seed);
      duel.eventprop.network.description = described(Side::eventprop, data, seed);
    };
    train_shared_out(duels, context);
    found.first_seed = seed_of_training(context.seed(), duels.seeds, 0);
    measure_costs(found, context);
    add_duel_figures(context, found);
    add_duel_picture(context, found);
    add_duel_charts(context, found);
    add_duel_tables(context, found);
    context.answer(duel_answer(found));
  }

 private:
  Split on_grid(const Dataset& source, const Split& part) const {
    return part.spikes ? part : as_grid_latencies(part, source.divisor, params_.latencies, params_.dt);
  }
  Component described(Side side, const DuelData& data, std::uint64_t seed) const {
    return duel_network(params_, side, data.training.entry_shape(), data.classes, seed);
  }
  void measure_costs(DuelFindings& found, RunContext& context) const {
    const auto surrogate =
                   build_model<Trainable>(described(Side::surrogate, *found.data, 0), context.registry(), "this study"),
               eventprop =
                   build_model<Trainable>(described(Side::eventprop, *found.data, 0), context.registry(), "this study");
    const Probe probe(found.data->training, static_cast<std::size_t>(params_.probe_samples));
    const auto at_end_of = [&](const DuelPath& path) {
      const auto trained = network_with<Trainable>(path.network, context.registry(), "this study");
      set_weights(*surrogate, weights_of(*trained)), set_weights(*eventprop, weights_of(*trained));
      return cost_of_gradients(*surrogate, *eventprop, probe);
    };
    found.after_surrogate = at_end_of(found.duels.front().surrogate);
    found.after_eventprop = at_end_of(found.duels.front().eventprop);
  }

  Params params_;
};

}  // namespace

void register_gradient_duel_studies(Registry& registry) {
  registry
      .add<Params>("study", "gradient-duel",
                   "How near is a surrogate's gradient to the exact one? The same network by both, side by side.")
      .makes<Study>([](const Params& params) { return std::make_unique<GradientDuel>(params); });
}

}  // namespace neurarium
