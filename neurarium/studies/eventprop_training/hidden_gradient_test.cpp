// The probe beside the model's own gradient and closed forms; that the study reports what it says, whatever the threads and stops.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/models/spike_integrator/response.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/studies/eventprop_training/hidden_findings.hpp"
#include "tests/contracts/study_desk.hpp"

namespace neurarium {
namespace {

/// Of some samples of the plane.
HiddenProbe::Set some_samples(std::size_t n) {
  HiddenProbe::Set set{Tensor<double>(Shape{n, 4}), Array(DType::i64, {n}), 3};
  for (std::size_t i = 0; i < n; ++i) {
    const double x = 0.1 + 0.8 * static_cast<double>(i) / static_cast<double>(n), y = 0.9 - 0.7 * x * x;
    const double row[] = {x, y, 1 - x, 1 - y};
    std::ranges::copy(row, set.x.view()[i].flat().begin());
    set.labels.as<std::int64_t>()(i) = static_cast<std::int64_t>(i % 3);
  }
  return set;
}

HiddenProbe::Set copy_of(const HiddenProbe::Set& set) { return {set.x, set.labels, set.classes}; }

TEST(HiddenProbe, FindsTheGradientThatTrainingFollows) {
  for (const ShapedLoss& loss : all_shaped_losses()) {
    for (const bool recurrent : {false, true}) {
      SCOPED_TRACE(std::string(loss.name) + (recurrent ? ", recurrent" : ""));
      TimedNetworkParams network;
      network.hidden = {20}, network.recurrent = recurrent, network.output_mean = 0, network.readout = loss.readout;
      network.gain = 7;
      const HiddenProbe::Set set = some_samples(9);
      Component description = timed_network(network, Shape{4}, 3, 5);
      description.settings.set("scalar", "float64");
      const auto model = build_model<Trainable>(description, house(), "a test");
      Gradient gradient = make_gradient(*model);
      Tape tape;
      model->evaluate_with_gradient({ArrayView(set.x.view()), set.labels, 1}, {}, tape, gradient);
      const std::vector<ProbedLoss> losses{{loss.readout, 7}};
      HiddenProbe probe(network, losses, copy_of(set), house());
      const ProbeView view = probe.look(state_of_network(description, *model).arrays);
      std::vector<double> expected;
      for (std::size_t i = 0; i + 1 < gradient.size(); ++i)
        for (const double g : gradient[i].as<double>().flat()) expected.push_back(g / 9);
      ASSERT_EQ(view.losses[0].gradient.size(), expected.size());
      double squares = 0, readout = 0;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_NEAR(view.losses[0].gradient[i], expected[i], 1e-12 * std::max(1.0, std::abs(expected[i])));
        squares += expected[i] * expected[i];
      }
      for (const double g : gradient.back().as<double>().flat()) readout += g * g / 81;
      EXPECT_GT(squares, 0);
      EXPECT_NEAR(view.losses[0].norm, std::sqrt(squares), 1e-10 * std::sqrt(squares));
      EXPECT_NEAR(view.losses[0].readout_norm, std::sqrt(readout), 1e-10 * std::sqrt(readout));
      EXPECT_EQ(view.losses[0].matrix_norms.size(), recurrent ? 2u : 1u);
    }
  }
}

// One hidden unit: the label part of a spike is gain · (w_y − mean w) · psp(T − t), whatever the network believes.
TEST(HiddenProbe, LabelPartOfASumIsThePspAtTheTrialsEnd) {
  TimedNetworkParams network;
  network.hidden = {1}, network.bias_time = -1;
  HiddenProbe::Set set = some_samples(1);
  const std::vector<ProbedLoss> losses{{"sum", 0.3}, {"sum", 30}};
  HiddenProbe probe(network, losses, std::move(set), house());
  Array hidden(DType::f64, {4, 1}), readout(DType::f64, {1, 3});
  for (double& w : hidden.as<double>().flat()) w = 3;
  const double weights[] = {0.5, -0.2, 0.9};
  std::ranges::copy(weights, readout.as<double>().flat().begin());
  const ProbeView view = probe.look({{"eventprop_lif1.weight", hidden}, {"spike_integrator1.weight", readout}});
  const double parts = HiddenProbe::parts_of_trial, width = network.duration / parts;
  double spikes = 0;
  for (std::size_t p = 0; p < HiddenProbe::parts_of_trial; ++p) {
    if (view.spikes[p] != 1) continue;
    spikes += 1;
    const double to_end = network.duration - static_cast<double>(p) * width;
    const TimeConstants tau{network.tau_membrane, network.tau_synapse};
    const double a = potential(tau, to_end).value, b = potential(tau, to_end - width).value;
    for (std::size_t l = 0; l < 2; ++l) {
      const double unit = losses[l].gain * 1e3 * (0.5 - 0.4);  // V in milliseconds; label 0
      EXPECT_GE(view.losses[l].label_signal[p], 0.999 * unit * std::min(a, b));
      EXPECT_LE(view.losses[l].label_signal[p], 1.001 * unit * std::max(a, b));
    }
  }
  EXPECT_GT(spikes, 0);
  EXPECT_EQ(view.silent_units, 0);
}

// At each instant the same label: averaged over the trial, its part is that of the mean, but for the steps.
TEST(HiddenProbe, AverageCrossEntropyKnowsOfTheLabelWhatTheMeanKnows) {
  TimedNetworkParams network;
  network.hidden = {30}, network.dt = 0.05e-3;
  const std::vector<ProbedLoss> losses{{"mean", 5}, {"trace", 5}, {"weighted", 5}};
  HiddenProbe probe(network, losses, some_samples(12), house());
  TimedNetworkParams integrator = network;
  integrator.readout = "mean", integrator.output_mean = 0, integrator.output_sd = 0.5;
  const Component model = timed_network(integrator, Shape{4}, 3, 2);
  const ProbeView view = probe.look(state_of_network(model, *build_model<Trainable>(model, house(), "a test")).arrays);
  const double mean = view.losses[0].label_norm, average = view.losses[1].label_norm;
  EXPECT_GT(mean, 0);
  EXPECT_NEAR(average / mean, 1, 0.01);
  for (std::size_t p = 0; p < HiddenProbe::parts_of_trial; ++p)
    EXPECT_NEAR(view.losses[1].label_signal[p], view.losses[0].label_signal[p],
                0.02 * *std::ranges::max_element(view.losses[0].label_signal));
  EXPECT_GT(std::abs(view.losses[2].label_norm / mean - 1), 0.05);
}

TEST(HiddenProbe, CosinesAreThoseOfVectors) {
  EXPECT_NEAR(cosine(std::vector<double>{1, 0, 2}, std::vector<double>{-2, 5, 1}), 0, 1e-15);
  EXPECT_NEAR(cosine(std::vector<double>{3, 4}, std::vector<double>{-6, -8}), -1, 1e-15);
  EXPECT_EQ(cosine(std::vector<double>{0, 0}, std::vector<double>{1, 1}), 0);
}

Value settings(std::initializer_list<std::pair<const char*, Value>> more = {}) {
  Value table = Value::table(), train = Value::table();
  train.set("epochs", 2), train.set("batch_size", 16), train.set("shard_size", 16);
  table.set("dataset", "yin-yang:training_samples=128,test_samples=60");
  table.set("hidden", Value::List{20}), table.set("losses", Value::List{"sum", "weighted"});
  table.set("draws", 3), table.set("probe_samples", 20), table.set("train", train);
  return with(std::move(table), more);
}

void run_study(Desk& desk, const Value& table) { desk.run("hidden-gradient", table); }

TEST(HiddenGradient, HasTheSameBitsWithAnyThreadsAndAfterAStop) {
  const Value table = settings({{"repeats", 2}});
  const ThreeWays ways(7, [&](Desk& desk) { run_study(desk, table); });
  for (const Desk* other : {&ways.two, &ways.stopped}) {
    EXPECT_EQ(ways.one.said, other->said);
    ASSERT_EQ(ways.one.exhibits.size(), other->exhibits.size());
    for (std::size_t i = 0; i < ways.one.exhibits.size(); ++i)
      if (const auto* chart = std::get_if<Chart>(&ways.one.exhibits[i])) {
        const Chart& same = std::get<Chart>(other->exhibits[i]);
        for (std::size_t t = 0; t < chart->traces.size(); ++t)
          EXPECT_EQ(chart->traces[t].y, same.traces[t].y) << chart->name;
      }
  }
}

TEST(HiddenGradient, FixedHiddenLayersStayAndOthersMoveFromTheSameStart) {
  Desk desk;
  HiddenFindings found;
  found.params.hidden = {20}, found.params.losses = {"weighted", "max"};
  found.params.draws = 2, found.params.probe_samples = 20, found.params.train.epochs = 2;
  const Dataset data = desk.dataset("yin-yang:training_samples=128,test_samples=60");
  found.data = {data.train, data.test, data.divisor, 3};
  find_hidden_gradients(found, desk);
  ASSERT_EQ(found.trainings.size(), 4u);
  const auto array = [&](std::size_t k, const std::string& name) {
    for (const auto& [key, values] : found.trainings[k].outcome.network.arrays)
      if (key == name) return to_tensor<double>(values.view());
    throw InternalError("no array " + name);
  };
  const auto fixed = array(2, "eventprop_lif1.weight"), also_fixed = array(3, "eventprop_lif1.weight"),
             learned = array(0, "eventprop_lif1.weight");
  EXPECT_TRUE(std::ranges::equal(fixed.flat(), also_fixed.flat()));
  EXPECT_FALSE(std::ranges::equal(fixed.flat(), learned.flat()));
  EXPECT_FALSE(
      std::ranges::equal(array(2, "spike_integrator1.weight").flat(), array(3, "spike_integrator1.weight").flat()));
  double way = 0, start = 0;
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    way += std::pow(learned.flat()[i] - fixed.flat()[i], 2), start += fixed.flat()[i] * fixed.flat()[i];
  }
  EXPECT_NEAR(found.trainings[0].moved, std::sqrt(way / start), 1e-6);
  ASSERT_EQ(found.trainings[0].course.size(), 3u);
  EXPECT_GT(found.trainings[0].course[0].along, 0);  // from the start on it goes downhill
  for (const std::size_t l : {0u, 1u}) EXPECT_NEAR(found.draws[0].losses[l].spread, 1, 1e-9);
  EXPECT_NEAR(found.trainings[1].cosines(1, 1), 1, 1e-12);
}

TEST(HiddenGradient, RefusesWhatItCantCompare) {
  Desk desk;
  EXPECT_THROW(run_study(desk, settings({{"losses", Value::List{"loudest"}}})), SpecError);
  EXPECT_THROW(run_study(desk, settings({{"losses", Value::List{"sum", "sum"}}})), SpecError);
  EXPECT_THROW(run_study(desk, settings({{"losses", Value::List{}}})), SpecError);
  EXPECT_THROW(run_study(desk, settings({{"hidden", Value::List{}}})), SpecError);
  EXPECT_THROW(run_study(desk, settings({{"dt", 1.0}})), SpecError);  // longer than a trial
}

TEST(HiddenGradient, DrawsNoConclusionFromGainsThatAreNotApart) {
  HiddenFindings found;
  found.params.losses = {"sum", "weighted"}, found.params.frozen = true;
  const auto with = [&](std::size_t samples, double fixed, double sum, double weighted) {
    found.data.test.x = Array(DType::f64, {samples, 1}), found.data.test.y = Array(DType::i64, {samples});
    found.draws.assign(1, {});
    found.draws[0].losses.resize(2);
    for (LossView& view : found.draws[0].losses)
      view.signal.assign(HiddenProbe::parts_of_trial, 1), view.label_signal.assign(HiddenProbe::parts_of_trial, 1);
    found.trainings.clear();
    for (const bool learns : {true, false})
      for (std::size_t l = 0; l < 2; ++l) {
        HiddenTraining training;
        training.loss = l, training.hidden_learns = learns;
        training.outcome.counts.resize(1);
        training.outcome.counts[0].test_accuracy = !learns ? fixed : l == 0 ? sum : weighted;
        found.trainings.push_back(training);
      }
    return hidden_answer(found);
  };
  EXPECT_NE(with(1000, 0.5, 0.5, 0.5).find("not told apart"), std::string::npos);
  EXPECT_NE(with(32, 0.5, 0.5, 0.5 + 1. / 32).find("not told apart"), std::string::npos);
  EXPECT_NE(with(1, 0, 0, 1).find("not told apart"), std::string::npos);
  const std::string told = with(1000, 0.5, 0.55, 0.9);
  EXPECT_EQ(told.find("not told apart"), std::string::npos) << told;
  EXPECT_NE(told.find("teaches the hidden layer"), std::string::npos) << told;
}

}  // namespace
}  // namespace neurarium
