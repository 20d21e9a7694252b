// The study `dale-check` on networks whose faults, balances and answers are known by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/nn/network_state.hpp"
#include "neurarium/train/ablation.hpp"
#include "tests/contracts/study_desk.hpp"

namespace neurarium {
namespace {

/// A desk that hands over one network.
struct NetworkDesk : Desk {
  explicit NetworkDesk(TrainedNetwork its_network, std::optional<Dataset> its_data = {}, int threads = 1)
      : Desk(threads, std::move(its_data)), handed(std::move(its_network)) {}
  TrainedNetwork network(const std::string&) override { return handed; }
  void check(std::initializer_list<std::pair<const char*, Value>> settings = {}) {
    run("dale-check", with(section({{"run", "some"}}), settings));
  }
  std::vector<double> stored(const std::string& name) const {
    const auto numbers = arrays.at(name).as<double>().flat();
    return {numbers.begin(), numbers.end()};
  }
  TrainedNetwork handed;
};

using Weights = std::vector<std::pair<std::string, std::vector<double>>>;

TrainedNetwork trained(const Value::List& layers, const Value::List& inputs, const Weights& weights = {},
                       const char* loss = "cross_entropy") {
  const Component description{
      "sequential",
      section({{"layers", layers}, {"inputs", inputs}, {"scalar", "float64"}, {"loss", section({{"type", loss}})}})};
  const auto model = house().make<Model>("model", description, "model");
  for (const auto& [name, numbers] : weights)
    for (const NamedView& parameter : model->parameters())
      if (parameter.name == name) std::ranges::copy(numbers, parameter.values.as<double>().flat().begin());
  TrainedNetwork made;
  made.state = state_of_network(completed(description, house()), *model);
  made.dataset = "known";
  return made;
}

Value dense(int units, Value dale = Value::table()) {
  return section({{"type", "dense"}, {"units", units}, {"use_bias", false}, {"dale", std::move(dale)}});
}

Array labels(const std::vector<std::int64_t>& numbers) {
  Array array(DType::i64, {numbers.size()});
  std::ranges::copy(numbers, array.as<std::int64_t>().data());
  return array;
}

Array rows(std::size_t columns, const std::vector<double>& numbers) {
  Array array(DType::f64, {numbers.size() / columns, columns});
  std::ranges::copy(numbers, array.as<double>().data());
  return array;
}

Dataset tested_on(Split test) {
  Dataset data;
  data.name = "known";
  data.test = std::move(test);
  data.train = data.test;
  for (std::int64_t& label : data.train.y.as<std::int64_t>().flat()) label = 0;
  return data;
}

/// Logits x0 − 2 x1 and x1. Without the −2, samples 1 and 3 look like the first class.
TrainedNetwork inhibited() { return trained({dense(2)}, {2}, {{"dense1.weight", {1, -2, 0, 1}}}); }
Dataset four_samples() { return tested_on({rows(2, {1, 0, 1, 0.6, 0, 1, 3, 1.2}), labels({0, 1, 1, 1})}); }

TEST(DaleCheck, CountsViolationsAndSaysBalanceAndSpectrum) {
  const Value dale = section({{"per", "synapse"}, {"given", Value::List{1, 1, 1, 0, 1, -1}}});
  NetworkDesk desk(trained({dense(2, dale)}, {3}, {{"dense1.weight", {1, -2, 0, -0.5, 3, 4}}}));
  desk.check({{"ablation", false}});
  EXPECT_EQ(desk.number("violations"), 2);
  EXPECT_EQ(desk.number("dense1_weight_constrained"), 5);
  EXPECT_EQ(desk.number("dense1_weight_violations"), 2);
  EXPECT_EQ(desk.number("dense1_weight_largest_violation"), 4);
  EXPECT_DOUBLE_EQ(desk.number("dense1_weight_inhibitory_share"), 2. / 5);
  EXPECT_DOUBLE_EQ(desk.number("dense1_weight_balance"), (-1. / 3 + 6.5 / 7.5) / 2);
  // W Wᵀ = [[5, −6.5], [−6.5, 25.25]]
  const double root = std::sqrt(10.125 * 10.125 + 6.5 * 6.5), first = std::sqrt(15.125 + root),
               second = std::sqrt(15.125 - root), p = first / (first + second);
  EXPECT_NEAR(desk.number("dense1_weight_largest_singular_value"), first, 1e-12);
  EXPECT_NEAR(desk.number("dense1_weight_spectral_entropy"),
              -(p * std::log(p) + (1 - p) * std::log(1 - p)) / std::log(2), 1e-12);
  const std::vector<double> spectrum = desk.stored("singular-values-dense1_weight");
  ASSERT_EQ(spectrum.size(), 2u);
  EXPECT_NEAR(spectrum[1], second, 1e-12);
  EXPECT_EQ(desk.find<Chart>("singular-values")->traces.at(0).y, spectrum);
  EXPECT_NE(desk.said.find("2 of the 5 synapses that must have a sign have the other one"), std::string::npos)
      << desk.said;
  // nobody asked the data
  EXPECT_TRUE(desk.asked.empty());
  EXPECT_FALSE(desk.has_figure("accuracy"));
  EXPECT_EQ(desk.find<Chart>("without-units"), nullptr);
}

TEST(DaleCheck, AsksWithoutInhibitionAndWithoutEachUnit) {
  NetworkDesk desk(inhibited(), four_samples());
  desk.check();
  EXPECT_EQ(desk.number("accuracy"), 1);
  EXPECT_EQ(desk.number("accuracy_without_inhibition"), 0.5);
  const auto model = network_with<Trainable>(desk.handed.state, house(), "a test");
  const Synapses all[] = {{"dense1.weight", 1}};
  const auto is_below_0 = [](std::size_t, double w) { return w < 0; };
  EXPECT_EQ(desk.number("accuracy_without_inhibition"),
            evaluate_without(*model, all, is_below_0, desk.data->test, 1, desk).result.accuracy);
  // −2 x1 and x1: a tie only where x1 = 0, which the first class wins; then x0 and 0: the first class everywhere
  EXPECT_EQ(desk.stored("without-dense1_weight"), (std::vector<double>{1, 0.25}));
  EXPECT_EQ(desk.number("dense1_weight_worst_unit"), 1);
  EXPECT_EQ(desk.number("dense1_weight_accuracy_without_worst_unit"), 0.25);
  const Chart* chart = desk.find<Chart>("without-units");
  ASSERT_TRUE(chart);
  ASSERT_EQ(chart->traces.size(), 3u);
  EXPECT_EQ(chart->traces[0].y, (std::vector<double>{25, 100}));
  EXPECT_EQ(chart->traces[0].labels, (std::vector<std::string>{"unit 1", "unit 0"}));
  EXPECT_EQ(chart->traces[2].y, (std::vector<double>{50, 50}));
  EXPECT_NE(desk.said.find("4 test samples of known"), std::string::npos) << desk.said;
  EXPECT_NE(desk.said.find("No synapse must have a sign"), std::string::npos) << desk.said;
}

TEST(DaleCheck, AsksTheFirstSamplesAndTrainingSamplesWhereThereAreNoOthers) {
  NetworkDesk few(inhibited(), four_samples());
  few.check({{"samples", 2}});
  EXPECT_EQ(few.number("accuracy"), 1);
  EXPECT_EQ(few.stored("without-dense1_weight"), (std::vector<double>{1, 0.5}));
  Dataset data = four_samples();
  data.test = {};
  NetworkDesk untested(inhibited(), data);
  untested.check({{"samples", 100}});
  EXPECT_EQ(untested.number("accuracy"), 0.25);  // all of them are called 0 there
  EXPECT_NE(untested.said.find("4 training samples"), std::string::npos) << untested.said;
}

// Fibre 0 stands for class 0, fibre 1 for class 1; a readout of spikes has its weights the other way round, [pre, post].
TEST(DaleCheck, KnowsHowSynapsesOfSpikingLayersLie) {
  auto spikes = std::make_shared<StepSpikes>(4, 3);
  for (StepSpikes::Unit sample = 0; sample < 6; ++sample)
    for (int t = 0; t < 4; ++t)
      spikes->add_step(t == 0 ? std::vector<StepSpikes::Unit>{static_cast<StepSpikes::Unit>(sample % 2)}
                              : std::vector<StepSpikes::Unit>{});
  const Value readout = section({{"type", "leaky_integrator"}, {"units", 2}});
  NetworkDesk desk(trained({readout}, {4, 3}, {{"leaky_integrator1.weight", {2, -1, -1, 2, 0.5, 0.5}}}),
                   tested_on({{}, labels({0, 1, 0, 1, 0, 1}), spikes}));
  desk.check({{"samples", 4}});
  EXPECT_DOUBLE_EQ(desk.number("leaky_integrator1_weight_balance"), 1.5 / 3.5);
  EXPECT_EQ(desk.number("accuracy"), 1);
  EXPECT_EQ(desk.number("accuracy_without_inhibition"), 1);
  EXPECT_EQ(desk.stored("without-leaky_integrator1_weight"), (std::vector<double>{1, 0.5, 1}));  // ties: class 0
  EXPECT_EQ(desk.find<Table>("weights")->rows.at(0).at(1), "3 → 2");
}

// Unit 0 hears the fibre, unit 1 only unit 0, and the readout only unit 1.
TEST(DaleCheck, ASilentUnitIsNotHeardByItsOwnLayerEither) {
  auto spikes = std::make_shared<StepSpikes>(6, 1);
  for (int t = 0; t < 6; ++t)
    spikes->add_step(t == 0 ? std::vector<StepSpikes::Unit>{0} : std::vector<StepSpikes::Unit>{});
  NetworkDesk desk(
      trained({section({{"type", "lif"}, {"units", 2}, {"recurrent", true}}),
               section({{"type", "leaky_integrator"}, {"units", 2}})},
              {6, 1},
              {{"lif1.weight", {2, 0}}, {"lif1.recurrent", {0, 2, 0, 0}}, {"leaky_integrator1.weight", {0, 0, -1, 1}}}),
      tested_on({{}, labels({1}), spikes}));
  desk.check();
  EXPECT_EQ(desk.number("accuracy"), 1);
  EXPECT_EQ(desk.stored("without-leaky_integrator1_weight"), (std::vector<double>{0, 0}));
  EXPECT_EQ(desk.stored("without-lif1_weight"), std::vector<double>{0});
  EXPECT_EQ(desk.arrays.count("without-lif1_recurrent"), 0u);
  EXPECT_NEAR(desk.number("lif1_recurrent_largest_singular_value"), 2, 1e-12);
}

TEST(DaleCheck, LooksAtWeightsOnly) {
  const Value learned = section({{"signs", "random"}, {"per", "synapse"}, {"rule", "learned"}});
  NetworkDesk desk(trained({section({{"type", "residual"}, {"layers", Value::List{dense(4)}}}),
                            section({{"type", "finite_gaussian"}, {"units", 3}, {"shape", "diagonal"}}),
                            dense(2, learned), section({{"type", "dann"}, {"units", 2}, {"inhibitory", 1}})},
                           {4}));
  desk.check({{"ablation", false}});
  std::vector<std::string> names;
  for (const auto& row : desk.find<Table>("weights")->rows) names.push_back(row.front());
  EXPECT_EQ(names, (std::vector<std::string>{"residual1.dense1.weight", "finite_gaussian1.weight", "dense1.weight",
                                             "dann1.weight_ex", "dann1.weight_ix", "dann1.weight_ei"}));
  EXPECT_EQ(desk.number("residual1_dense1_weight_constrained"), 0);
  EXPECT_EQ(desk.number("dense1_weight_constrained"), 6);
  EXPECT_EQ(desk.number("dense1_weight_inhibitory_share"), 0.5);
}

TEST(DaleCheck, NetworksThatGuessNumbersHaveALoss) {
  Dataset data;
  data.name = "known";
  data.train = {rows(2, {1, 0, 0, 1}), rows(1, {1, -2})};
  NetworkDesk desk(trained({dense(1)}, {2}, {{"dense1.weight", {1, -2}}}, "squared_error"), data);
  desk.check();
  EXPECT_FALSE(desk.has_figure("accuracy"));
  EXPECT_EQ(desk.number("loss"), 0);
  EXPECT_EQ(desk.number("loss_without_inhibition"), 1);
  EXPECT_EQ(desk.stored("without-dense1_weight"), (std::vector<double>{0.25, 1}));
  EXPECT_EQ(desk.number("dense1_weight_worst_unit"), 1);
  EXPECT_EQ(desk.number("dense1_weight_loss_without_worst_unit"), 1);
}

TEST(DaleCheck, ThreadsChangeNothing) {
  NetworkDesk one(inhibited(), four_samples()), two(inhibited(), four_samples(), 2);
  one.check(), two.check();
  expect_same_results(one, two);
}

/// The message of the SpecError that `f` throws.
std::string refusal(const std::function<void()>& f) {
  try {
    f();
  } catch (const SpecError& error) {
    return error.what();
  }
  return "nothing is refused";
}

TEST(DaleCheck, RefusesWhatItCannotLookAt) {
  EXPECT_NE(refusal([] { Desk().run("dale-check", Value::table()); }).find("a run that has learned"),
            std::string::npos);
  NetworkDesk weightless(trained({section({{"type", "flatten"}})}, {4}));
  EXPECT_NE(refusal([&] { weightless.check(); }).find("no layer of the network has weights"), std::string::npos);
  Dataset unlabelled = four_samples();
  unlabelled.test = {}, unlabelled.train.y = Array();
  NetworkDesk asked(inhibited(), unlabelled);
  EXPECT_NE(refusal([&] { asked.check(); }).find("ablation = false"), std::string::npos);
  NetworkDesk stopped(inhibited(), four_samples());
  stopped.stop_after(1);
  EXPECT_THROW(stopped.check(), Interrupted);
}

}  // namespace
}  // namespace neurarium
