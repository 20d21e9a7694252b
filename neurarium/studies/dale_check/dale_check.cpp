// dale-check: do the weights of a trained network keep their signs, and what is it worth without inhibition, or without a unit?
#include <algorithm>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/dale_check/dale_findings.hpp"

namespace neurarium {
namespace {

struct Params {
  std::string run;
  bool ablation = true;
  std::int64_t samples = 0;
  static Schema fields() {
    return Schema::of<Params>({
        field("run", &Params::run, "The run whose network is looked at; RUN/MEMBER where it has several.").names_run(),
        field("ablation", &Params::ablation,
              "Whether it is asked its data again: without inhibition, and without each unit."),
        field("samples", &Params::samples,
              "How many of the test samples (without any: training samples) it is asked, from the first on; 0 = all.")
            .at_least(0),
    });
  }
};

SplitView first_of(const Split& split, std::int64_t wanted) {
  SplitView some = split;
  const std::size_t n = std::min(some.samples(), static_cast<std::size_t>(wanted));
  if (wanted == 0 || n == some.samples()) return some;
  if (some.spikes) some.spikes = some.spikes.part(0, n);
  else some.x = some.x.rows(0, n);
  some.y = some.y.rows(0, n);
  return some;
}

class DaleCheck : public Study {
 public:
  explicit DaleCheck(const Params& params) : params_(params) {
    if (params_.run.empty())
      throw SpecError("run: whose weights are to be looked at?",
                      "give run = \"runs/train-network-0123abcd\", a run that has learned");
  }

  void run(RunContext& context) override {
    const TrainedNetwork network = context.network(params_.run);
    const auto model = network_with<Trainable>(network.state, context.registry(), "a look at its signs", params_.run);
    DaleFindings found;
    found.weights = checked_weights(*model, network.state.description, context.registry());
    if (found.weights.empty())
      throw SpecError(params_.run + ": no layer of the network has weights that could have signs",
                      "give a run whose network has dense, convolutional or spiking layers, say");
    if (params_.ablation) {
      const Dataset data = context.dataset(network.dataset);
      const SplitView asked = samples_of(data);
      found.asked =
          with_commas(asked.samples()) + (data.test.samples() > 0 ? " test" : " training") + " samples of " + data.name;
      found.ablation = ablate(*model, found.weights, asked, data.divisor, context);
    }
    show(context, found);
  }

 private:
  SplitView samples_of(const Dataset& data) const {
    if (!data.train.spikes) require_arrays(data);
    const Split& split = data.test.samples() > 0 ? data.test : data.train;
    if (split.y.empty())
      throw SpecError("ablation: " + data.name + " has no answers that could be right or wrong",
                      "set ablation = false to look at the weights alone");
    return first_of(split, params_.samples);
  }

  Params params_;
};

}  // namespace

void register_dale_check_studies(Registry& registry) {
  registry
      .add<Params>("study", "dale-check",
                   "Do a trained network's weights keep their signs, and what are inhibition and single units worth?")
      .makes<Study>([](const Params& params) { return std::make_unique<DaleCheck>(params); });
}

}  // namespace neurarium
