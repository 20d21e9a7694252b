// convert-network: the network of a run as a finite Gaussian one, or back, without training; what that changes.
#include <algorithm>
#include <iterator>

#include "neurarium/core/rng.hpp"
#include "neurarium/core/words.hpp"
#include "neurarium/models/finite_gaussian/convert_network.hpp"
#include "neurarium/models/finite_gaussian/tempered.hpp"
#include "neurarium/robustness/foreign_data.hpp"
#include "neurarium/studies/gaussian/conversion_findings.hpp"
#include "neurarium/studies/gaussian/studies.hpp"
#include "neurarium/train/evaluation.hpp"
#include "neurarium/train/hold_out.hpp"

namespace neurarium {
namespace {

struct Params : WidthRule {
  std::string run;
  std::string to = "gaussian";
  std::int64_t samples = 8000;
  bool temperature = false;
  double held_out = 0.1;
  static Schema fields() {
    std::vector<FieldInfo> all = {
        field("run", &Params::run, "The run whose network is converted, or RUN/MEMBER.").names_run(),
        field("to", &Params::to, "What it becomes.").one_of({"gaussian", "classical"}),
    };
    std::ranges::move(inherited_fields<Params, WidthRule>(), std::back_inserter(all));
    all.push_back(field("samples", &Params::samples, "Training samples that calibrated rules look at, at most; drawn.")
                      .at_least(1));
    all.push_back(field("temperature", &Params::temperature,
                        "Divide W and b of the last layer by the T that fits held-out samples best."));
    all.push_back(field("held_out", &Params::held_out,
                        "Share of the training samples that T is fitted on and rules never look at.")
                      .positive()
                      .below(1));
    return Schema::of<Params>(std::move(all));
  }
};

/// The samples of one conversion.
struct Samples {
  Split calibration;  ///< what rules look at
  Split held_out;     ///< what the temperature is fitted on
  SplitView asked;    ///< what accuracy and confidence are measured on
  std::string split;  ///< its name
};

class ConvertNetwork : public Study {
 public:
  explicit ConvertNetwork(const Params& params) : params_(params) {
    if (params.run.empty())
      throw SpecError("run: there is no network to convert", "name a run: run=runs/train-network-…");
  }

  void run(RunContext& context) override {
    const TrainedNetwork source = context.network(params_.run);
    const Dataset data = context.dataset(source.dataset);
    require_arrays(data);
    const Samples samples = samples_of(data, source.seed, context.seed());
    const bool to_gaussian = params_.to == "gaussian";
    ConversionFindings found;
    found.to_gaussian = to_gaussian;
    found.run = params_.run;
    found.split = samples.split;
    found.samples = samples.asked.samples();
    found.calibration_samples = to_gaussian && params_.looks_at_samples() ? samples.calibration.samples() : 0;

    context.progress({"convert", 0, 1, "networks", {}});
    const NetworkState made = converted(source.state, samples, data.divisor, context.registry());
    NetworkState kept = made;
    found.before = findings(source.state, samples, data, false, context, "the network as it was");
    found.converted = findings(made, samples, data, params_.temperature, context, "the converted network");
    found.after = found.converted;
    if (params_.temperature) {
      found.temperature = fitted_temperature(found.converted);
      found.held_out_samples = samples.held_out.samples();
      kept = tempered(made, *found.temperature, context.registry());
      found.after = findings(kept, samples, data, false, context, "the tempered network");
    }
    found.largest_output_change = output_change(source.state, made, samples.asked.x, data.divisor, context);
    if (to_gaussian)
      found.round_trip_change = output_change(source.state, neurarium::to_classical(made, context.registry()),
                                              samples.asked.x, data.divisor, context);
    const std::size_t looked_at = std::min(enough_for_reach, samples.calibration.samples());
    found.reach = reach_of(to_gaussian ? made : source.state, context.registry(),
                           ArrayView(samples.calibration.x).rows(0, looked_at), data.divisor);
    for (const LayerReach& layer : found.reach) found.layers.push_back(layer.layer);
    found.source_is = to_gaussian ? "classical" : "finite Gaussian";
    found.result_is = to_gaussian ? "finite Gaussian (" + params_.rule + ")" : "classical";

    context.keep("", {kept, source.dataset, source.data_sha256, source.seed});
    add_conversion_figures(context, found);
    add_conversion_exhibits(context, found);
    for (const std::string& warning : warnings_of(found.reach)) context.note("warning: " + warning);
  }

 private:
  /// Calibration looks at samples that the temperature is not fitted on, with and without a temperature: so the widths are the same.
  Samples samples_of(const Dataset& data, std::uint64_t seed_of_run, std::uint64_t seed) const {
    Samples samples{{}, {}, data.train, "train"};
    if (data.test.samples() > 0) samples.asked = data.test, samples.split = "test";
    HeldOut parts;
    if (params_.temperature || params_.looks_at_samples()) {
      parts = hold_out(seed_of_run, data.train.samples(), params_.held_out);
    } else {
      parts.kept.resize(data.train.samples());
      for (std::size_t i = 0; i < parts.kept.size(); ++i) parts.kept[i] = i;
    }
    const auto most = std::min(static_cast<std::size_t>(params_.samples), parts.kept.size());
    std::vector<std::uint64_t> drawn = permutation(Stream(seed, "convert.samples"), 0, parts.kept.size());
    drawn.resize(most);
    for (std::uint64_t& id : drawn) id = parts.kept[id];
    std::ranges::sort(drawn);
    samples.calibration = rows_of(data.train, drawn);
    if (params_.temperature) samples.held_out = rows_of(data.train, parts.held_out);
    return samples;
  }

  NetworkState converted(const NetworkState& source, const Samples& samples, double divisor,
                         const Registry& registry) const {
    if (params_.to == "classical") return neurarium::to_classical(source, registry);
    return neurarium::to_gaussian(source, params_, registry, samples.calibration.x, divisor);
  }

  static NetworkFindings findings(const NetworkState& network, const Samples& samples, const Dataset& data,
                                  bool with_temperature, RunContext& context, const std::string& what) {
    const auto model = network_with<Trainable>(network, context.registry(), "a conversion");
    NetworkFindings found;
    if (!samples.asked.y.empty()) found.result = evaluate(*model, samples.asked, data.divisor, context);
    const bool has_labels = !samples.asked.y.empty() && samples.asked.y.dtype() == DType::i64;
    if (!model->outputs_are_logits() || !has_labels) {
      if (with_temperature)
        throw SpecError("temperature: the network's outputs are no logits, or its data have no labels",
                        "leave temperature out");
      return found;
    }
    KnowledgeQuestion question{samples.asked, SplitView(ArrayView(), ArrayView()), data.divisor, {}};
    if (with_temperature) question.held_out = samples.held_out;
    question.foreign.push_back(uniform_noise(numbers_of(samples.calibration.x, data.divisor), data.train.entry_shape(),
                                             samples.asked.samples(), context.seed()));
    found.knowledge = what_it_knows(*model, question, context.pool(), [&](const std::string& set) {
      context.progress({"look at " + what, 0, 1, "sets", set});
      if (context.stop_requested()) throw Interrupted("stopped while looking at " + what);
    });
    return found;
  }

  static double fitted_temperature(const NetworkFindings& found) {
    if (found.knowledge->temperature) return found.knowledge->temperature->temperature;
    throw SpecError("temperature: there is no best one: " + found.knowledge->why_no_temperature,
                    "leave temperature out");
  }

  static double output_change(const NetworkState& a, const NetworkState& b, ArrayView x, double divisor,
                              RunContext& context) {
    const auto outputs = [&](const NetworkState& network) {
      return to_tensor<double>(answers_of(*network_with(network, context.registry()), x, divisor, context).view());
    };
    const Tensor<double> first = outputs(a), second = outputs(b);
    double largest = 0;
    for (std::size_t i = 0; i < first.size(); ++i)
      largest = std::max(largest, std::abs(first.flat()[i] - second.flat()[i]));
    return largest;
  }

  Params params_;
};

}  // namespace

void register_convert_network(Registry& registry) {
  registry
      .add<Params>("study", "convert-network",
                   "What changes when a trained network becomes finite Gaussian, or classical again?")
      .makes<Study>([](const Params& params) { return std::make_unique<ConvertNetwork>(params); });
}

}  // namespace neurarium
