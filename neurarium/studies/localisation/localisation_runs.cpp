#include "neurarium/studies/localisation/localisation_runs.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>

#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/nn/sign_constraint.hpp"
#include "neurarium/studies/localisation/weight_pictures.hpp"
#include "neurarium/train/shared_out.hpp"

namespace neurarium {
namespace {

// ── A training's place in the checkpoint ───────────────────────────────────────────────────────────────────────────

// No times: a resumed run ends with the checkpoint of one that was never stopped.
constexpr double LocalisationOutcome::*kept_figures[] = {
    &LocalisationOutcome::train_accuracy, &LocalisationOutcome::validation_accuracy,
    &LocalisationOutcome::test_accuracy, &LocalisationOutcome::mean_absolute_error_deg,
    &LocalisationOutcome::hidden_rate_hz};

const std::string network_prefix = "network.";

NamedArrays arrays_of(const LocalisationOutcome& outcome) {
  NamedArrays arrays;
  Array numbers(DType::f64, {std::size(kept_figures)});
  for (std::size_t i = 0; i < std::size(kept_figures); ++i) numbers.as<double>()(i) = outcome.*kept_figures[i];
  arrays.emplace_back("figures", std::move(numbers));
  save_history(outcome.history, arrays);
  arrays.emplace_back("hidden_weight", outcome.hidden_weight);
  arrays.emplace_back("output_weight", outcome.output_weight);
  for (const auto& [name, array] : outcome.network) arrays.emplace_back(network_prefix + name, array);
  if (outcome.hidden_signs.empty()) return arrays;
  arrays.emplace_back("hidden_signs", outcome.hidden_signs);
  arrays.emplace_back("output_signs", outcome.output_signs);
  return arrays;
}

LocalisationOutcome outcome_of(const Checkpoint& part, const LocalisationPlan& plan, std::size_t k) {
  const Array *numbers = part.find("figures"), *hidden = part.find("hidden_weight"),
              *output = part.find("output_weight");
  if (!numbers || numbers->dtype() != DType::f64 || numbers->shape() != Shape{std::size(kept_figures)} || !hidden ||
      !output)
    refuse_training(k);
  LocalisationOutcome outcome;
  for (std::size_t i = 0; i < std::size(kept_figures); ++i) outcome.*kept_figures[i] = numbers->as<double>()(i);
  outcome.history = saved_history(part);
  outcome.hidden_weight = *hidden, outcome.output_weight = *output;
  if (const Array* signs = part.find("hidden_signs")) outcome.hidden_signs = *signs;
  if (const Array* signs = part.find("output_signs")) outcome.output_signs = *signs;
  for (const auto& [name, array] : part.arrays)
    if (name.starts_with(network_prefix)) outcome.network.emplace_back(name.substr(network_prefix.size()), array);
  if (outcome.network.empty() != plan.member.empty()) refuse_training(k);
  return outcome;
}

/// [2, units]: where learned signs began, and tanh(s); empty for any other rule.
Array learned_signs(Model& model, const std::string& weight) {
  for (const NamedView& parameter : model.parameters()) {
    if (parameter.name != weight || !parameter.signs || parameter.signs->learned.empty()) continue;
    const Tensor<double> began = to_tensor<double>(parameter.signs->signs),
                         now = to_tensor<double>(parameter.signs->learned);
    Array both(DType::f64, {2, now.size()});
    for (std::size_t i = 0; i < now.size(); ++i) {
      both.as<double>()(0, i) = began.flat()[i];
      both.as<double>()(1, i) = std::tanh(now.flat()[i]);
    }
    return both;
  }
  return {};
}

/// What all trainings learn from and are stopped by, unless their plans have tasks of their own.
struct SharedSounds {
  std::optional<LocalisationSet> training, validation;
};

LocalisationOutcome train_one(LocalisationSettings settings, const LocalisationPlan& plan, std::size_t k,
                              const SharedSounds& shared, std::uint64_t data_seed, RunContext& context) {
  if (plan.task) settings.task = *plan.task;
  settings.model = plan.model;
  const auto set = [&](const std::string& name, std::int64_t samples) {
    return LocalisationSet(settings.task, static_cast<std::size_t>(samples), data_seed, name, 0, context.pool());
  };
  std::optional<LocalisationSet> own_training, own_validation, own_test;
  if (plan.task) {
    own_training = set("training", settings.training_samples);
    own_validation = set("validation", settings.validation_samples);
  }
  if (!plan.test) own_test = set("test." + std::to_string(k), settings.test_samples);
  TrainedLocalisation found =
      train_localisation(settings, plan.task ? *own_training : *shared.training,
                         plan.task ? *own_validation : *shared.validation, plan.test ? *plan.test : *own_test, context);
  LocalisationOutcome outcome;
  outcome.train_accuracy = found.training.accuracy;
  outcome.validation_accuracy = found.validation.accuracy;
  outcome.test_accuracy = found.test.accuracy;
  outcome.mean_absolute_error_deg = found.test.mean_absolute_error_deg;
  const auto& rates = found.hidden_rates;
  outcome.hidden_rate_hz = std::accumulate(rates.begin(), rates.end(), 0.) / static_cast<double>(rates.size());
  outcome.train_seconds = found.train_seconds;
  outcome.history = std::move(found.history);
  outcome.hidden_weight = Array(ArrayView(weights_of(*found.model, "hidden.weight").view()));
  outcome.output_weight = Array(ArrayView(weights_of(*found.model, "output.weight").view()));
  outcome.hidden_signs = learned_signs(*found.model, "hidden.weight");
  outcome.output_signs = learned_signs(*found.model, "output.weight");
  if (!plan.member.empty()) outcome.network = state_of_network(found.description, *found.model).arrays;
  return outcome;
}

}  // namespace

std::vector<LocalisationOutcome> train_all(const LocalisationSettings& settings,
                                           std::span<const LocalisationPlan> plans, RunContext& context) {
  const auto set = [&](const char* name, std::int64_t samples) {
    return LocalisationSet(settings.task, static_cast<std::size_t>(samples), context.seed(), name, 0, context.pool());
  };
  SharedSounds shared;
  if (std::ranges::any_of(plans, [](const LocalisationPlan& plan) { return !plan.task; })) {
    shared.training = set("training", settings.training_samples);
    shared.validation = set("validation", settings.validation_samples);
  }
  std::vector<LocalisationOutcome> all(plans.size());
  SharedTrainings trainings{plans.size(), "localisation.runs", settings.train.checkpoint_seconds, {}, {}, {}};
  trainings.train = [&](std::size_t k, RunContext& own) {
    try {
      all[k] = train_one(settings, plans[k], k, shared, context.seed(), own);
    } catch (const NumericError& error) {
      throw NumericError(plans[k].words + ": " + error.where(), error.step(), error.first_bad_index());
    }
  };
  trainings.save = [&](std::size_t k) { return arrays_of(all[k]); };
  trainings.restore = [&](std::size_t k, const Checkpoint& part) { all[k] = outcome_of(part, plans[k], k); };
  train_shared_out(trainings, context);
  for (std::size_t k = 0; k < all.size(); ++k) {
    const LocalisationPlan& plan = plans[k];
    all[k].seed = seed_of_training(context.seed(), trainings.seeds, k);
    if (plan.member.empty()) continue;
    LocalisationSettings own = settings;
    if (plan.task) own.task = *plan.task;
    const Component network = with_seed(localisation_network(plan.model, own.task), context.registry(), all[k].seed);
    context.keep(plan.member, {{network, all[k].network}, name_of_sounds(own, context.seed()), "", context.seed()});
  }
  return all;
}

std::vector<double> each(std::span<const LocalisationOutcome> outcomes, double LocalisationOutcome::*figure) {
  std::vector<double> numbers;
  for (const LocalisationOutcome& outcome : outcomes) numbers.push_back(outcome.*figure);
  return numbers;
}

Chart loss_chart(std::span<const LocalisationOutcome* const> runs, std::span<const std::string> names,
                 bool validation) {
  Chart chart;
  chart.name = validation ? "validation_loss" : "training_loss";
  chart.title = validation ? "Loss on the validation sounds" : "Loss on the training sounds";
  chart.caption =
      std::string("Mean cross-entropy ") +
      (validation ? "on the validation sounds after each epoch" : "of each epoch, each sound before its step") +
      ", first network of each condition. A line that ends early was stopped early.";
  chart.x_label = "epoch", chart.y_label = "loss";
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Trace line;
    line.name = names[i];
    if (runs.size() > 4) {  // more than one can name by colour: an order of colours, dark to light
      const double share = 0.85 * static_cast<double>(i) / static_cast<double>(runs.size() - 1);
      const Colour colour = colour_at(ColourMap::viridis, share);
      char text[8];
      std::snprintf(text, sizeof text, "#%02x%02x%02x", colour.red, colour.green, colour.blue);
      line.colour = text;
    }
    for (const EpochResult& epoch : runs[i]->history) {
      line.x.push_back(static_cast<double>(epoch.epoch));
      line.y.push_back(validation ? epoch.held_out_loss : epoch.loss);
    }
    chart.traces.push_back(std::move(line));
  }
  return chart;
}

}  // namespace neurarium
