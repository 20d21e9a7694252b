#include "neurarium/studies/gaussian/robustness_recipes.hpp"

#include "neurarium/core/digits.hpp"
#include "neurarium/models/finite_gaussian/convert_network.hpp"
#include "neurarium/models/finite_gaussian/tempered.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/robustness/answers.hpp"
#include "neurarium/robustness/calibration.hpp"
#include "neurarium/train/detached_context.hpp"

namespace neurarium {

RecipeParams::RecipeParams() {
  const auto adam = [](TrainParams& params, std::int64_t epochs) {
    params.optimiser = {"adam", Value::table()};
    params.epochs = epochs, params.batch_size = 128, params.shard_size = 64;
  };
  adam(train, 3), adam(adversarial, 5), adam(retrain, 1), adam(scratch, 10);
  adversarial.adversarial.epsilon = 0.1;
}

Schema RecipeParams::fields() {
  using P = RecipeParams;
  return Schema::of<P>({
      field("hidden", &P::hidden, "Units of the hidden layers.").at_least(1),
      field("train", &P::train, "How classical networks learn."),
      field("adversarial", &P::adversarial, "How adversarially trained networks learn."),
      field("retrain", &P::retrain, "How a converted network goes on learning."),
      field("scratch", &P::scratch, "How finite Gaussian networks learn from scratch."),
      field("width", &P::width, "σ in units of √d at which those begin.").positive(),
      field("pressure", &P::pressure, "λ: λ · mean σ²/d of each layer is added to the loss.").at_least(0),
      field("dropout", &P::dropout, "Share of their hidden units that a step of training leaves out.")
          .at_least(0)
          .below(1),
      field("scale", &P::scale, "s of the width rule \"scaled\".").positive(),
  });
}

namespace {

Component layer(const std::string& type, const std::vector<std::pair<std::string, Value>>& settings) {
  Component part{type, Value::table()};
  for (const auto& [key, value] : settings) part.settings.set(key, value);
  return part;
}

Value as_value(const std::vector<Component>& parts) { return detail::FieldTraits<std::vector<Component>>::get(parts); }

class Recipes {
 public:
  Recipes(const RecipeParams& params, const Dataset& data, const Split& kept, const Split& held_out,
          RunContext& context)
      : params_(params), data_(data), kept_(kept), held_out_(held_out), context_(context) {
    const NumbersOfData numbers = numbers_of(kept.x, data.divisor);
    mean_ = numbers.mean, sd_ = numbers.sd;
    if (!(sd_ > 0)) throw DataError(data.name, "all numbers of its samples are the same");
    const auto labels = kept.y.as<std::int64_t>().flat();
    classes_ = *std::ranges::max_element(labels) + 1;
  }

  std::vector<Candidate> all() {
    std::vector<Candidate> made;
    const NetworkState relu = trained("classical, ReLU", classical("relu"), params_.train);
    const NetworkState tanh = trained("classical, tanh", classical("tanh"), params_.train);
    made.push_back({"classical-relu", "trained classically, ReLU", relu});
    made.push_back({"classical-tanh", "trained classically, tanh", tanh});
    for (const char* rule : {"notebook", "author", "scaled", "calibrated", "calibrated-diagonal"})
      made.push_back({std::string("converted-") + rule,
                      std::string("classical-tanh converted, no training, widths by the rule ") + rule,
                      converted_by(tanh, rule)});
    made.push_back({"converted-tempered", "converted-calibrated-diagonal with a temperature", made.back().state});
    temper(made.back());
    made.push_back({"retrained", "converted by scaled, then trained on", retrained(converted_by(tanh, "scaled"))});
    for (const char* shape : {"spherical", "diagonal"})
      made.push_back({std::string("scratch-") + shape,
                      std::string("finite Gaussian from scratch, ") + shape + " widths",
                      trained(std::string("from scratch, ") + shape, from_scratch(shape), params_.scratch)});
    const NetworkState adversarial = trained("adversarial", classical("relu"), params_.adversarial);
    made.push_back({"adversarial",
                    "trained on samples that " + params_.adversarial.adversarial.attack.type +
                        " changes by ε = " + short_digits(params_.adversarial.adversarial.epsilon) + ", ReLU",
                    adversarial});
    made.push_back({"adversarial-converted", "adversarial converted by calibrated-diagonal, with a temperature",
                    converted_by(adversarial, "calibrated-diagonal")});
    temper(made.back());
    return made;
  }

 private:
  Component network(std::vector<Component> layers) const {
    Component model{"sequential", Value::table()};
    Value::List inputs;
    for (const std::size_t extent : kept_.entry_shape()) inputs.emplace_back(static_cast<std::int64_t>(extent));
    layers.insert(layers.begin(), layer("standardise", {{"mean", mean_}, {"sd", sd_}}));
    model.settings.set("layers", as_value(layers));
    model.settings.set("loss", "cross_entropy");
    model.settings.set("inputs", std::move(inputs));
    model.settings.set("seed", context_.seed());
    return model;
  }

  Component classical(const std::string& activation) const {
    std::vector<Component> layers;
    for (const std::int64_t units : params_.hidden)
      layers.push_back(layer("dense", {{"units", units}, {"activation", activation}}));
    layers.push_back(layer("dense", {{"units", classes_}}));
    return network(std::move(layers));
  }

  Component from_scratch(const std::string& shape) const {
    std::vector<Component> layers;
    const auto add = [&](std::int64_t units, const char* activation) {
      layers.push_back(layer("finite_gaussian", {{"units", units},
                                                 {"activation", activation},
                                                 {"shape", shape},
                                                 {"gate", !layers.empty()},
                                                 {"width", params_.width},
                                                 {"pressure", params_.pressure}}));
    };
    for (const std::int64_t units : params_.hidden) {
      add(units, "tanh");
      if (params_.dropout > 0) layers.push_back(layer("dropout", {{"rate", params_.dropout}}));
    }
    add(classes_, "identity");
    return network(std::move(layers));
  }

  NetworkState trained(const std::string& phase, const Component& description, const TrainParams& params) {
    const auto model = build_trainable(description);
    return go_on(phase, description, *model, params);
  }

  NetworkState go_on(const std::string& phase, const Component& description, Trainable& model,
                     const TrainParams& params) {
    DetachedContext side(context_, phase);
    (void)train(model, kept_, data_.divisor, params, side);
    return state_of_network(description, model);
  }

  std::unique_ptr<Trainable> build_trainable(const Component& description) const {
    return build_model<Trainable>(description, context_.registry(), "gaussian-robustness");
  }

  NetworkState converted_by(const NetworkState& classical, const std::string& name) const {
    WidthRule rule;
    rule.rule = name, rule.scale = params_.scale;
    constexpr std::size_t enough = 8000;
    return to_gaussian(classical, rule, context_.registry(),
                       ArrayView(kept_.x).rows(0, std::min(enough, kept_.samples())), data_.divisor);
  }

  NetworkState retrained(NetworkState state) {
    for (Value& part : state.description.settings.find("layers")->as_list())
      if (part.at("type").as_text() == "finite_gaussian") part.set("pressure", params_.pressure);
    const auto model = network_with<Trainable>(state, context_.registry(), "training");
    return go_on("retraining", state.description, *model, params_.retrain);
  }

  void temper(Candidate& candidate) const {
    const auto model = network_with<Trainable>(candidate.state, context_.registry(), "a temperature");
    const Answers answers = answers_to(*model, known_data("held_out", "", held_out_.x, data_.divisor), context_.pool());
    try {
      const double temperature =
          fit_temperature(answers.logits.view(), held_out_.y.as<std::int64_t>().flat()).temperature;
      candidate.state = tempered(candidate.state, temperature, context_.registry());
    } catch (const DataError& error) {  // no T is best: all held-out samples are right, say
      candidate.story += std::string("; left out: ") + error.what();
    }
  }

  const RecipeParams& params_;
  const Dataset& data_;
  const Split &kept_, &held_out_;
  RunContext& context_;
  double mean_ = 0, sd_ = 1;
  std::int64_t classes_ = 0;
};

}  // namespace

std::vector<Candidate> make_candidates(const RecipeParams& params, const Dataset& data, const Split& kept,
                                       const Split& held_out, RunContext& context) {
  return Recipes(params, data, kept, held_out, context).all();
}

}  // namespace neurarium
