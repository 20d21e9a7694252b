// dale-cost, dale-learned-signs and localisation-rate, on tiny sizes: that networks are what their names say, and the arithmetic and
// words of what is said about them.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/sign_constraint.hpp"
#include "neurarium/studies/localisation/cost_findings.hpp"
#include "neurarium/studies/localisation/rate_findings.hpp"
#include "neurarium/studies/localisation/signs_findings.hpp"
#include "neurarium/studies/localisation/tiny_study_test.hpp"
#include "neurarium/train/evaluation.hpp"

namespace neurarium {
namespace {

Value words(std::initializer_list<const char*> texts) { return Value::List(texts.begin(), texts.end()); }

// ── The network's further settings ─────────────────────────────────────────────────────────────────────────────────

std::vector<std::string> parameters_of(const LocalisationNetworkParams& params) {
  const Component described = localisation_network(params, tiny().task);
  const auto model = build_model<Trainable>(with_seed(described, house(), 3), house(), "training by gradients");
  std::vector<std::string> names;
  for (const NamedView& parameter : model->parameters()) names.push_back(parameter.name);
  return names;
}

TEST(LocalisationNetwork, LearnsWhatItIsTold) {
  using Names = std::vector<std::string>;
  LocalisationNetworkParams p = tiny().model;
  p.spike = "same_step";
  EXPECT_EQ(parameters_of(p), (Names{"hidden.weight", "output.weight"}));
  p.use_bias = p.learn_thresholds = true;
  EXPECT_EQ(parameters_of(p), (Names{"hidden.weight", "hidden.bias", "hidden.threshold", "output.weight"}));
  p.tau_synapse = 2e-3, p.learn_time_constants = true;
  EXPECT_EQ(parameters_of(p),
            (Names{"hidden.weight", "hidden.bias", "hidden.log_tau_membrane", "hidden.log_tau_synapse",
                   "hidden.threshold", "output.weight", "output.log_tau_membrane"}));
}

TEST(LocalisationNetwork, RecurrentUnitsHaveOneSignForAllTheirSynapses) {
  LocalisationNetworkParams p = tiny().model;
  p.recurrent = true;
  for (const char* readout : {"mean", "count"}) {
    p.readout = readout;
    const auto model = build_model<Trainable>(with_seed(localisation_network(p, tiny().task), house(), 3), house(),
                                              "training by gradients");
    std::map<std::string, std::vector<double>> signs;
    for (const NamedView& parameter : model->parameters()) {
      ASSERT_NE(parameter.signs, nullptr) << parameter.name;
      const Tensor<double> s = to_tensor<double>(parameter.signs->signs);
      signs[parameter.name].assign(s.flat().begin(), s.flat().end());
    }
    ASSERT_EQ(signs.size(), 3u);
    EXPECT_EQ(signs.at("hidden.recurrent"), signs.at("output.weight"));
    EXPECT_EQ(std::ranges::count(signs.at("output.weight"), -1.), 3);  // half of 6
  }
  p.rule = "learned";
  EXPECT_THROW(localisation_network(p, tiny().task), SpecError);
}

TEST(LocalisationNetwork, OutputHasATimeConstantOfItsOwn) {
  LocalisationNetworkParams p = tiny().model;
  const auto tau = [&](std::size_t layer) {
    const Component described = localisation_network(p, tiny().task);
    return described.settings.find("layers")->as_list()[layer].find("tau_membrane")->as_number();
  };
  EXPECT_EQ(tau(0), 5e-3);
  EXPECT_EQ(tau(1), 5e-3);
  p.tau_readout = 2e-2;
  EXPECT_EQ(tau(0), 5e-3);
  EXPECT_EQ(tau(1), 2e-2);
}

TEST(LocalisationNetwork, OutputsFireAndAreCountedIfTheyAreTold) {
  LocalisationNetworkParams p = tiny().model;
  p.readout = "count", p.spike = "same_step", p.reset = "subtract", p.threshold = 0.7, p.tau_readout = 2e-2;
  const Value::List layers = localisation_network(p, tiny().task).settings.find("layers")->as_list();
  ASSERT_EQ(layers.size(), 3u);
  const auto text = [&](std::size_t layer, const char* key) { return layers[layer].find(key)->as_text(); };
  EXPECT_EQ(text(1, "type"), "lif");
  EXPECT_EQ(text(1, "name"), "output");
  EXPECT_EQ(text(1, "spike"), "same_step");
  EXPECT_EQ(text(1, "reset"), "subtract");
  EXPECT_EQ(layers[1].find("units")->as_integer(), 4);
  EXPECT_EQ(layers[1].find("threshold")->as_number(), 0.7);
  EXPECT_EQ(layers[1].find("tau_membrane")->as_number(), 2e-2);
  EXPECT_EQ(text(2, "type"), "spike_count");
  using Names = std::vector<std::string>;
  EXPECT_EQ(parameters_of(p), (Names{"hidden.weight", "output.weight"}));
  p.learn_time_constants = true;
  EXPECT_EQ(parameters_of(p),
            (Names{"hidden.weight", "hidden.log_tau_membrane", "output.weight", "output.log_tau_membrane"}));
}

TEST(LocalisationNetwork, WhatComesInUnheardStepsReachesNoAnswer) {
  const InterauralPhaseParams task = tiny().task;
  const auto steps = static_cast<std::size_t>(task.steps), fibres = static_cast<std::size_t>(task.units());
  std::vector<StepSpikes::Unit> all(fibres);
  std::iota(all.begin(), all.end(), StepSpikes::Unit{0});
  for (const char* spike : {"late", "same_step"})
    for (const char* readout : {"mean", "count"}) {
      LocalisationNetworkParams p = tiny().model;
      p.spike = spike, p.readout = readout, p.inhibitory_fraction = 0;
      const auto model =
          build_model<Trainable>(with_seed(localisation_network(p, task), house(), 3), house(), "a test");
      for (std::size_t from_end = 1; from_end <= 5; ++from_end) {
        StepSpikes sound(steps, fibres);  // silence, but for one step in which all fibres fire
        for (std::size_t t = 0; t < steps; ++t) sound.add_known_step(all.data(), t + from_end == steps ? fibres : 0);
        Desk desk;
        const Tensor<double> said = to_tensor<double>(answers_of(*model, sound, desk).view());
        EXPECT_EQ(std::ranges::any_of(said.flat(), [](double x) { return x != 0; }),
                  static_cast<std::int64_t>(from_end) > unheard_steps(p))
            << spike << ' ' << readout << ' ' << from_end;
      }
    }
}

TEST(LocalisationNetwork, FibresHaveDelaysIfTheyAreTold) {
  LocalisationNetworkParams p = tiny().model;
  const auto layers = [&] { return localisation_network(p, tiny().task).settings.find("layers")->as_list(); };
  ASSERT_EQ(layers().size(), 2u);
  p.delay_maximum = 0.02, p.learn_delays = false;
  ASSERT_EQ(layers().size(), 3u);
  EXPECT_EQ(layers()[0].find("type")->as_text(), "axonal_delay");
  EXPECT_EQ(layers()[0].find("maximum")->as_number(), 0.02);
  EXPECT_FALSE(layers()[0].find("learn_delays")->as_bool());
}

TEST(LocalisationPresets, AreWhatTheStudiesKnow) {
  std::size_t seen = 0;
  for (const Preset& preset : builtin_presets()) {
    const std::string study(preset.study);
    if (!study.starts_with("dale-") && study != "localisation-rate") continue;
    const Experiment asked = resolve({study, {}, section({{"preset", std::string(preset.name)}})}, house());
    EXPECT_NO_THROW(house().make<Study>("study", {study, asked.settings}, study)) << study << ' ' << preset.name;
    ++seen;
  }
  EXPECT_GE(seen, 17u);
}

// ── dale-cost ──────────────────────────────────────────────────────────────────────────────────────────────────────

/// Of accuracies for (none, late), (abs, late), (none, same_step), (abs, same_step).
CostFindings costs_of(const std::array<std::vector<double>, 4>& tests) {
  CostFindings found{tiny(), {"abs"}, {"late", "same_step"}, {"drawn"}, {}};
  for (std::size_t i = 0; i < 4; ++i) {
    CostCondition& c = found.conditions.emplace_back();
    c.rule = i % 2 == 0 ? "none" : "abs", c.spike = i < 2 ? "late" : "same_step", c.start = "drawn";
    for (const double test : tests[i]) c.runs.emplace_back().test_accuracy = test;
  }
  return found;
}

TEST(DaleCost, CostIsADifferenceWithWelchsInterval) {
  // d ± scipy.stats.t.ppf(0.975, df) √(Σ sd²/n), df = (Σ sd²/n)² / Σ (sd²/n)²/(n − 1)
  const CostFindings found = costs_of({{{.80, .82, .84}, {.74, .75, .79}, {.86, .88, .87}, {.85, .88, .88}}});
  const MeanDifference late = found.cost("abs", "late"), same = found.cost("abs", "same_step"),
                       extra = found.extra_of_late("abs");
  EXPECT_NEAR(late.mean, 0.06, 1e-12);
  EXPECT_NEAR(same.mean, 0, 1e-12);
  EXPECT_NEAR(extra.mean, 0.06, 1e-12);
  EXPECT_NEAR(late.low, 0.005238672699934735, 1e-9);
  EXPECT_NEAR(late.high, 0.11476132730006493, 1e-9);
  EXPECT_NEAR(extra.low, 0.005285387711520977, 1e-9);
  EXPECT_NEAR(extra.high, 0.11471461228847868, 1e-9);
}

TEST(DaleCost, CostOfARuleIsTheMeanOverStarts) {
  CostFindings found = costs_of({{{.8, .8}, {.7, .7}, {.8, .8}, {.8, .8}}});
  found.starts.push_back("balanced");
  const std::vector<CostCondition> drawn = found.conditions;
  for (CostCondition c : drawn) {
    c.start = "balanced";
    for (auto& run : c.runs) run.test_accuracy = c.rule == "abs" ? 0.5 : 0.8;
    found.conditions.push_back(c);
  }
  EXPECT_NEAR(found.cost("abs", "late").mean, 0.2, 1e-12);        // 0.1 and 0.3
  EXPECT_NEAR(found.cost("abs", "same_step").mean, 0.15, 1e-12);  // 0 and 0.3
  EXPECT_NEAR(found.extra_of_late("abs").mean, 0.05, 1e-12);
}

TEST(DaleCost, SaysWhatCosts) {
  const MeanDifference costs{.06, .04, .08}, free{.01, -.01, .03}, gains{-.05, -.07, -.03};
  EXPECT_EQ(cost_verdict(costs, free, costs), "it is the late spike that costs, not the law");
  EXPECT_EQ(cost_verdict(costs, costs, costs), "the law costs in either order, and more with late spikes");
  EXPECT_EQ(cost_verdict(costs, costs, gains), "the law costs in either order, and less with late spikes");
  EXPECT_NE(cost_verdict(costs, costs, free).find("do not show that late spikes"), std::string::npos);
  EXPECT_NE(cost_verdict(costs, free, free).find("do not settle"), std::string::npos);
  EXPECT_NE(cost_verdict({.1, NAN, NAN}, {.1, NAN, NAN}, {.1, NAN, NAN}).find("does not tell"), std::string::npos);
  EXPECT_NE(cost_answer(costs_of({{{.8, .81}, {.7, .71}, {.8, .81}, {.8, .81}}})).find("the late spike that costs"),
            std::string::npos);
}

TEST(DaleCost, EveryKindIsTrained) {
  Desk desk(2);
  run_tiny(desk, "dale-cost", {{"repeats", 2}, {"rules", words({"abs", "clamp"})}});
  ASSERT_EQ(desk.figure("conditions").as_list().size(), 12u);  // 3 rules, 2 orders, 2 starts
  EXPECT_EQ(desk.figure("conditions").as_list()[0].as_text(), "none, late, drawn");
  const auto tests = desk.arrays.at("test_accuracy");
  ASSERT_EQ(tests.shape(), (Shape{12, 2}));
  const auto mean = [&](std::size_t i) { return (tests.as<double>()(i, 0) + tests.as<double>()(i, 1)) / 2; };
  for (std::size_t i = 0; i < 12; ++i) EXPECT_NEAR(desk.numbers("test_mean")[i], mean(i), 1e-15);
  // late: none 0 and 1, abs 2 and 3, clamp 4 and 5
  EXPECT_NEAR(desk.numbers("cost_of_clamp_late")[0], (mean(0) + mean(1) - mean(4) - mean(5)) / 2, 1e-15);
  EXPECT_EQ(desk.numbers("extra_cost_of_late_under_abs").size(), 3u);
}

TEST(DaleCost, RefusesWhatItCannotDo) {
  Desk desk;
  EXPECT_THROW(run_tiny(desk, "dale-cost", {{"rules", words({})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "dale-cost", {{"rules", words({"none"})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "dale-cost", {{"spikes", words({"late", "late"})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "dale-cost", {{"model", section({{"rule", "clamp"}})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "dale-cost", {{"model", section({{"spike", "same_step"}})}}), SpecError);
}

// ── dale-learned-signs ─────────────────────────────────────────────────────────────────────────────────────────────

TEST(LearnedSigns, CountsWhoTurned) {
  Tensor<double> signs(Shape{2, 4}), weight(Shape{4, 2});
  const double began[] = {1, 1, -1, -1}, now[] = {0.5, -0.9, -1, 0.2};
  for (std::size_t i = 0; i < 4; ++i) signs(std::size_t{0}, i) = began[i], signs(std::size_t{1}, i) = now[i];
  const double sizes[] = {1, 1, -2, -2, -4, -4, 3, 0};
  std::ranges::copy(sizes, weight.flat().begin());
  const SignsOfLayer found = signs_of_layer(Array(signs), Array(weight));
  EXPECT_EQ(found.inhibitory, 0.5);
  EXPECT_EQ(found.became_inhibitory, 0.25);
  EXPECT_EQ(found.became_excitatory, 0.25);
  EXPECT_NEAR(found.inhibitory_weight, 12. / 17, 1e-15);
  EXPECT_NEAR(found.sureness, 0.65, 1e-15);
}

SignsFindings starts_of(const std::vector<std::pair<double, std::vector<int>>>& ends) {
  // ends: of 10 fibres, and of 10 hidden units, how many inhibit after training
  SignsFindings found{tiny(), {}};
  for (const auto& [fraction, counts] : ends) {
    SignsCondition& c = found.conditions.emplace_back();
    c.fraction = fraction;
    for (const int count : counts) {
      LocalisationOutcome& run = c.learned.runs.emplace_back();
      Tensor<double> signs(Shape{2, 10}), weight(Shape{10, 1});
      for (std::size_t i = 0; i < 10; ++i) signs(std::size_t{1}, i) = i < static_cast<std::size_t>(count) ? -1 : 1;
      weight.fill(1);
      run.hidden_signs = run.output_signs = Array(signs), run.hidden_weight = run.output_weight = Array(weight);
    }
  }
  return found;
}

TEST(LearnedSigns, SaysWhetherStartsAreForgotten) {
  const auto verdict = [](const SignsFindings& found) { return signs_verdict(found, SignedLayer::fibres); };
  EXPECT_NE(verdict(starts_of({{0.1, {4, 5, 6}}, {0.9, {5, 5, 6}}})).find("does not show any more"), std::string::npos);
  EXPECT_NE(verdict(starts_of({{0.1, {2, 2, 3}}, {0.9, {7, 7, 8}}})).find("remember where"), std::string::npos);
  EXPECT_NE(verdict(starts_of({{0.1, {1, 1, 1}}, {0.9, {9, 9, 9}}})).find("do not come closer"), std::string::npos);
  EXPECT_NE(verdict(starts_of({{0.1, {1}}, {0.9, {9}}})).find("does not tell"), std::string::npos);
}

TEST(LearnedSigns, BeginWhereTheyAreTold) {
  Desk desk(2);
  run_tiny(desk, "dale-learned-signs", {{"repeats", 2}, {"fractions", list({0, 0.5, 1})}});
  // A unit that inhibits now began so or turned: exactly, whatever it learned.
  for (const std::string layer : {"fibres_", "hidden_"})
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_NEAR(desk.numbers(layer + "inhibitory_mean")[i],
                  0.5 * static_cast<double>(i) + desk.numbers(layer + "became_inhibitory")[i] -
                      desk.numbers(layer + "became_excitatory")[i],
                  1e-12);
  EXPECT_EQ(desk.numbers("test_mean_fixed").size(), 3u);
  EXPECT_EQ(desk.arrays.at("inhibitory_fibres").shape(), (Shape{3, 2}));
}

TEST(LearnedSigns, AreKeptWithAStoppedRun) {
  LocalisationSettings settings = tiny();
  settings.model.rule = "learned";
  const std::vector<LocalisationPlan> plans(2, {settings.model, "one", nullptr, {}});
  Desk desk, again;
  const auto expected = train_all(settings, plans, desk);
  again.save(*desk.resumed());
  const auto kept = train_all(settings, plans, again);  // nothing is left to train
  for (std::size_t k = 0; k < 2; ++k) {
    ASSERT_EQ(kept[k].hidden_signs.shape(), (Shape{2, 12}));
    EXPECT_TRUE(same(kept[k].hidden_signs, expected[k].hidden_signs));
    EXPECT_TRUE(same(kept[k].output_signs, expected[k].output_signs));
  }
}

TEST(LearnedSigns, RefusesWhatItCannotDo) {
  Desk desk;
  EXPECT_THROW(run_tiny(desk, "dale-learned-signs", {{"fractions", list({0.5, 0.2})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "dale-learned-signs", {{"model", section({{"rule", "clamp"}})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "dale-learned-signs", {{"model", section({{"per", "synapse"}})}}), SpecError);
}

// ── localisation-rate ──────────────────────────────────────────────────────────────────────────────────────────────

TEST(TrainAll, TrainsOnThePlansOwnTask) {
  // The same as a study of that task alone.
  LocalisationSettings settings = tiny(), slow = tiny();
  slow.task.rate_max = 200;
  LocalisationPlan usual{settings.model, "usual", nullptr, {}}, own = usual;
  own.task = slow.task;
  Desk mixed, alone;
  const LocalisationPlan plans[] = {usual, own}, expected_plans[] = {usual, usual};
  const auto found = train_all(settings, plans, mixed);
  const auto expected = train_all(slow, expected_plans, alone);
  EXPECT_EQ(found[1].history.back().loss, expected[1].history.back().loss);
  EXPECT_EQ(found[1].history.back().held_out_loss, expected[1].history.back().held_out_loss);
  EXPECT_EQ(found[1].test_accuracy, expected[1].test_accuracy);
  EXPECT_NE(found[0].history.back().loss, expected[0].history.back().loss);
}

TEST(LocalisationRate, TrainsEachConditionOnceAndAsksItsObserver) {
  Desk desk(2);
  run_tiny(desk, "localisation-rate",
           {{"rates", list({600, 100})},
            {"spontaneous", list({0, 200})},
            {"escape_noise", list({0, 0.3})},
            {"repeats", 2},
            {"observer_samples", 64}});
  // 600 without spontaneous firing and noise: once
  EXPECT_EQ(desk.numbers("rates"), (std::vector<double>{600, 100, 600, 600}));
  EXPECT_EQ(desk.numbers("spontaneous_rates"), (std::vector<double>{0, 0, 200, 0}));
  EXPECT_EQ(desk.numbers("escape_noises"), (std::vector<double>{0, 0, 0, 0.3}));
  const auto observers = desk.numbers("ideal_observer_accuracy");
  InterauralPhaseParams task;
  task.steps = 40, task.fibres = 6, task.classes = 4, task.rate_max = 100;
  IdealObserverParams seen;
  seen.steps_seen = 37;  // what reaches the answer of late spikes
  EXPECT_EQ(observers[1], measure_ideal_observer(task, seen, 64, 3).accuracy);
  EXPECT_EQ(observers[3], observers[0]);  // who looks at the fibres
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(desk.numbers("behind_observer")[i], observers[i] - desk.numbers("test_mean")[i], 1e-15);
  EXPECT_EQ(desk.numbers("fall_with_rate").size(), 3u);
  EXPECT_NEAR(desk.numbers("fall_with_rate")[0], desk.numbers("test_mean")[0] - desk.numbers("test_mean")[1], 1e-15);
  EXPECT_NEAR(desk.numbers("fall_with_spontaneous_rate")[0],
              desk.numbers("test_mean")[0] - desk.numbers("test_mean")[2], 1e-15);
  EXPECT_NEAR(desk.numbers("fall_with_escape_noise")[0], desk.numbers("test_mean")[0] - desk.numbers("test_mean")[3],
              1e-15);
}

TEST(LocalisationRate, ObserverSeesTheStepsThatReachCountsOfSpikes) {
  Desk desk;
  run_tiny(desk, "localisation-rate",
           {{"model", section({{"hidden", 6}, {"readout", "count"}})},
            {"rates", list({100})},
            {"spontaneous", list({})},
            {"escape_noise", list({})},
            {"repeats", 1},
            {"observer_samples", 512}});
  InterauralPhaseParams task;
  task.steps = 40, task.fibres = 6, task.classes = 4, task.rate_max = 100;
  IdealObserverParams seen;
  seen.steps_seen = 36;
  EXPECT_EQ(desk.numbers("ideal_observer_absolute_error_deg"),
            (std::vector<double>{measure_ideal_observer(task, seen, 512, 3).mean_absolute_error_deg}));
}

TEST(LocalisationRate, EscapeNoiseIsThatOfTheNetwork) {
  // One network of the sweep over noise, and of a study whose network has it.
  Desk sweep, given, silent;
  const auto run = [](Desk& desk, double in_model, const Value& spontaneous, const Value& noise) {
    run_tiny(desk, "localisation-rate",
             {{"model", section({{"hidden", 6}, {"escape_noise", in_model}})},
              {"rates", list({})},
              {"spontaneous", spontaneous},
              {"escape_noise", noise},
              {"repeats", 1},
              {"observer_samples", 16}});
  };
  run(sweep, 0, list({}), list({0.4})), run(given, 0.4, list({0}), list({})), run(silent, 0, list({0}), list({}));
  EXPECT_EQ(sweep.numbers("hidden_rate_hz"), given.numbers("hidden_rate_hz"));
  EXPECT_NE(sweep.numbers("hidden_rate_hz"), silent.numbers("hidden_rate_hz"));
}

TEST(LocalisationRate, RefusesWhatItCannotDo) {
  Desk desk;
  EXPECT_THROW(run_tiny(desk, "localisation-rate", {{"rates", list({50, 600})}}), SpecError);
  EXPECT_THROW(
      run_tiny(desk, "localisation-rate", {{"rates", list({})}, {"spontaneous", list({})}, {"escape_noise", list({})}}),
      SpecError);
  EXPECT_THROW(run_tiny(desk, "localisation-rate", {{"escape_noise", list({0.2, 0.1})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "localisation-rate", {{"rates", list({1200})}}),
               SpecError);  // more than a spike per step
  EXPECT_THROW(run_tiny(desk, "localisation-rate", {{"spontaneous", list({500})}}), SpecError);
}

}  // namespace
}  // namespace neurarium
