// The duel is fair: both networks fire in the same steps, give the same answers and have the same gradient at the readout; the
// surrogate is that of the membrane; the judge foretells what comes. And what the study reports, with any threads and after a stop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/layer.hpp"
#include "neurarium/studies/gradient_duel/duel_findings.hpp"
#include "neurarium/studies/gradient_duel/grid_latencies.hpp"
#include "tests/contracts/study_desk.hpp"

namespace neurarium {
namespace {

/// Random spikes of `samples` samples, with labels 0, 1, 2, 0, …
Split random_spikes(std::size_t samples, std::size_t steps, std::size_t inputs, double share) {
  auto spikes = std::make_shared<StepSpikes>(steps, inputs);
  const Stream stream(5, "gradient_duel_test");
  std::vector<double> draws(inputs);
  for (std::size_t i = 0; i < samples; ++i)
    for (std::size_t t = 0; t < steps; ++t) {
      fill_uniform(stream, {0, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(t), 0}, 0, 1, draws);
      std::vector<StepSpikes::Unit> now;
      for (std::size_t j = 0; j < inputs; ++j)
        if (draws[j] < share) now.push_back(static_cast<StepSpikes::Unit>(j));
      spikes->add_step(now);
    }
  Array labels(DType::i64, {samples});
  for (std::size_t i = 0; i < samples; ++i) labels.as<std::int64_t>().flat()[i] = static_cast<std::int64_t>(i % 3);
  return {{}, std::move(labels), std::move(spikes)};
}

DuelNetworkParams two_layers(bool recurrent) {
  DuelNetworkParams params;
  params.hidden = {12, 9}, params.recurrent = recurrent, params.dt = 0.7e-3;
  params.hidden_mean = 0.8, params.hidden_sd = 0.6, params.recurrent_sd = 0.4;
  return params;
}

std::unique_ptr<Trainable> network(const DuelNetworkParams& params, Side side, const Split& data) {
  return build_model<Trainable>(duel_network(params, side, data.entry_shape(), 3, 11, "float64"), house(), "a test");
}

Component layer_of(const Component& network, const std::string& name) {
  for (const Value& layer : network.settings.at("layers").as_list())
    if (const Value* called = layer.find("name"); called && called->as_text() == name) return component_from(layer);
  throw InternalError("no layer " + name);
}

// Step by step and unit by unit, in double: the spike of lif in step t is that of eventprop_lif at (t + 1) dt, in a second layer (t + 2) dt.
TEST(GradientDuel, BothNetworksFireInTheSameSteps) {
  constexpr std::size_t samples = 3, steps = 150, inputs = 7;
  const Split data = random_spikes(samples, steps, inputs, 0.08);
  for (const bool recurrent : {false, true}) {
    SCOPED_TRACE(recurrent);
    const DuelNetworkParams params = two_layers(recurrent);
    const Component described[] = {duel_network(params, Side::surrogate, data.entry_shape(), 3, 11, "float64"),
                                   duel_network(params, Side::eventprop, data.entry_shape(), 3, 11, "float64")};
    Activity<double> on_grid[3], at_times[3];
    on_grid[0].borrow(SpikesView(*data.spikes));
    SpikeTimes<double>& times = at_times[0].make_times(samples, inputs, steps * params.dt);
    for (std::size_t i = 0; i < samples; ++i) {
      for (std::size_t t = 0; t < steps; ++t)
        for (const auto unit : data.spikes->at(i, t)) times.add(static_cast<double>(t) * params.dt, unit);
      times.end_sample();
    }
    Tape tapes[4];
    Shape grid_shape{steps, inputs}, times_shape{inputs};
    for (std::size_t layer = 1; layer <= 2; ++layer) {
      const std::string name = "hidden" + std::to_string(layer);
      const auto lif = house().make<Layer<double>>("layer", layer_of(described[0], name), name),
                 eventprop = house().make<Layer<double>>("layer", layer_of(described[1], name), name);
      grid_shape = lif->build(grid_shape, name, 11), times_shape = eventprop->build(times_shape, name, 11);
      lif->forward(on_grid[layer - 1], on_grid[layer], {}, tapes[layer - 1]);
      eventprop->forward(at_times[layer - 1], at_times[layer], {}, tapes[layer + 1]);
      std::size_t spikes = 0;
      for (std::size_t i = 0; i < samples; ++i) {
        std::vector<std::pair<std::size_t, std::size_t>> by_lif, by_eventprop;
        for (std::size_t t = 0; t + layer < steps; ++t)
          for (const auto unit : on_grid[layer].spikes().at(i, t)) by_lif.emplace_back(t + layer, unit);
        const SpikeTimes<double>& fired = at_times[layer].times();
        for (std::size_t k = 0; k < fired.count(i); ++k)
          by_eventprop.emplace_back(static_cast<std::size_t>(std::llround(fired.times(i)[k] / params.dt)),
                                    fired.units_of(i)[k]);
        EXPECT_EQ(by_lif, by_eventprop) << name << ", sample " << i;
        spikes += by_lif.size();
      }
      EXPECT_GT(spikes, 100u) << name;
    }
  }
}

TEST(GradientDuel, AnswersAndGradientsAtTheReadoutAreEqual) {
  const Split data = random_spikes(4, 120, 7, 0.08);
  const Probe probe(data, 4);
  for (const bool recurrent : {false, true})
    for (const char* readout : {"weighted", "mean", "sum", "last"}) {
      SCOPED_TRACE(std::string(readout) + (recurrent ? ", recurrent" : ""));
      DuelNetworkParams params = two_layers(recurrent);
      params.readout = readout, params.gain = 2;
      const auto surrogate = network(params, Side::surrogate, data), grid = network(params, Side::eventprop, data);
      ASSERT_EQ(weights_of(*surrogate).size(), recurrent ? 5u : 3u);
      const SameSpikes same = compare_spikes(*grid, *surrogate, probe, 4);
      EXPECT_EQ(same.same_counts, 1);
      EXPECT_LT(same.answer_difference, 1e-11);
      EXPECT_NEAR(probe.loss(*grid), probe.loss(*surrogate), 1e-12);
      const Numbers a = probe.gradient(*surrogate), b = probe.gradient(*grid);
      ASSERT_EQ(a.back().name, "readout.weight");
      EXPECT_GT(length(a.back().numbers), 0);
      for (std::size_t i = 0; i < a.back().numbers.size(); ++i)
        EXPECT_NEAR(a.back().numbers[i], b.back().numbers[i], 1e-11);
    }
}

// Other weights in one of both: then they don't spike alike, and it is seen.
TEST(GradientDuel, DifferentSpikesAreSeen) {
  const Split data = random_spikes(4, 120, 7, 0.08);
  const auto surrogate = network(two_layers(false), Side::surrogate, data),
             grid = network(two_layers(false), Side::eventprop, data);
  Numbers weights = weights_of(*surrogate);
  for (double& weight : weights.front().numbers) weight *= 1.2;
  set_weights(*surrogate, weights);
  const SameSpikes same = compare_spikes(*grid, *surrogate, Probe(data, 4), 4);
  EXPECT_LT(same.same_counts, 0.9);
  EXPECT_GT(same.answer_difference, 1e-3);
}

// One input, one hidden unit, two outputs, by plain loops in units of the membrane V, which fires at 1: Σ_t F(t + 1) σ'(V_{t+1} − 1) dV/dW.
TEST(GradientDuel, TheSurrogateIsThatOfTheMembrane) {
  constexpr std::size_t steps = 60;
  auto spikes = std::make_shared<StepSpikes>(steps, 1);
  for (std::size_t t = 0; t < steps; ++t)
    spikes->add_step(t % 4 == 1 ? std::vector<StepSpikes::Unit>{0} : std::vector<StepSpikes::Unit>{});
  Array label(DType::i64, {1});
  const Split data{{}, label, spikes};
  DuelNetworkParams params;
  params.hidden = {1}, params.readout = "last", params.gain = 1, params.slope = 7;
  const double alpha = std::exp(-params.dt / params.tau_membrane), beta = std::exp(-params.dt / params.tau_synapse),
               gamma = drive_of_step(params.tau_membrane, params.tau_synapse, params.dt);
  constexpr double w = 1.3, out = 0.8;
  const auto surrogate_at = [&](const std::string& type, double x) {
    const double s = params.slope;
    if (type == "fast_sigmoid") return 1 / ((1 + s * std::abs(x)) * (1 + s * std::abs(x)));
    if (type == "sigmoid") return s / (4 * std::cosh(s * x / 2) * std::cosh(s * x / 2));
    if (type == "arctan") return s / 2 / (1 + std::pow(M_PI * s * x / 2, 2));
    if (type == "triangle") return std::max(0., 1 - s * std::abs(x)) * s;
    if (type == "rectangle") return std::abs(x) < 0.5 / s ? s : 0.;
    return s * std::exp(-x * x * s * s / 2) / std::sqrt(2 * M_PI);
  };
  for (const char* type : {"fast_sigmoid", "sigmoid", "arctan", "triangle", "rectangle", "gaussian"}) {
    SCOPED_TRACE(type);
    params.surrogate = type;
    const auto model = build_model<Trainable>(
        duel_network(params, Side::surrogate, data.entry_shape(), 2, 0, "float64"), house(), "a test");
    set_weights(*model, {{"hidden1.weight", {w}, 1}, {"readout.weight", {out, -out}, 2}});
    double current = 0, v = 0, by_current = 0, by_v = 0, answer = 0, by_w = 0;
    std::size_t fired = 0;
    for (std::size_t t = 0; t < steps; ++t) {
      const double input = t % 4 == 1 ? 1 : 0;
      current = beta * current + w * input, by_current = beta * by_current + input;
      v = alpha * v + gamma * current, by_v = alpha * by_v + gamma * by_current;
      const double left = static_cast<double>(steps - 1 - t) * params.dt;  // the spike is at the end of the step
      const double response = params.tau_synapse / (params.tau_membrane - params.tau_synapse) *
                              (std::exp(-left / params.tau_membrane) - std::exp(-left / params.tau_synapse));
      by_w += response * surrogate_at(type, v - 1) * by_v;
      if (v > 1) answer += response, v = by_v = 0, ++fired;
    }
    ASSERT_GT(fired, 1u);
    const Numbers found = Probe(data, 1).gradient(*model);
    const double p = 1 / (1 + std::exp(-2 * out * answer));  // of label 0
    EXPECT_NEAR(found.front().numbers[0], (p - 1) * 2 * out * by_w, 1e-10 * std::abs(by_w));
  }
}

TEST(GradientDuel, CosinesOfKnownGradients) {
  const std::vector<double> a{3, 4}, b{-4, 3}, none{0, 0};
  EXPECT_DOUBLE_EQ(cosine(a, a), 1);
  EXPECT_DOUBLE_EQ(cosine(a, b), 0);
  EXPECT_EQ(cosine(a, none), 0);
  EXPECT_DOUBLE_EQ(length(a), 5);
  // Units are columns: parallel, opposite, at right angles; one that is 0 is left out, and so is the readout.
  const Numbers x{{"hidden1.weight", {1, 1, 1, 0, 2, 1, 0, 0}, 4}, {"readout.weight", {1, 1}, 1}},
      y{{"hidden1.weight", {2, -1, 0, 5, 4, -1, 7, 5}, 4}, {"readout.weight", {1, -1}, 1}};
  EXPECT_DOUBLE_EQ(median_cosine_of_units(x, y), 0);
  EXPECT_TRUE(std::isnan(median_cosine_of_units({{"hidden1.weight", {0, 0}, 1}}, {{"hidden1.weight", {1, 1}, 1}})));
  EXPECT_THAT(hidden_part(x), testing::SizeIs(8));
}

TEST(GradientDuel, TheDriveOfAStepIsTheClosedForm) {
  const auto plain = [](double tm, double ts, double dt) {
    return ts / (tm - ts) * (std::exp(-dt / tm) - std::exp(-dt / ts));
  };
  EXPECT_NEAR(drive_of_step(20e-3, 5e-3, 1e-3), plain(20e-3, 5e-3, 1e-3), 1e-15);
  EXPECT_NEAR(drive_of_step(5e-3, 20e-3, 1e-3), plain(5e-3, 20e-3, 1e-3), 1e-15);
  EXPECT_NEAR(drive_of_step(10e-3, 10e-3, 1e-3), 0.1 * std::exp(-0.1), 1e-15);
}

// Where no spike appears or vanishes the exact gradient says what comes; a gradient at right angles says nothing of it.
TEST(GradientDuel, TheExactGradientForetellsSmallSteps) {
  const Split data = random_spikes(2, 60, 5, 0.1);
  DuelNetworkParams params;
  params.hidden = {6}, params.hidden_mean = 1, params.hidden_sd = 0.5;
  const auto exact = network(params, Side::exact, data);
  const Probe probe(data, 2);
  const Numbers before = weights_of(*exact), gradient = probe.gradient(*exact);
  Numbers opposite = gradient;
  for (NamedNumbers& part : opposite)
    for (double& x : part.numbers) x = -x;
  const std::vector<Numbers> both{gradient, opposite};
  const std::vector<double> r = foresight(*exact, probe, both, 1e-7, 20, 3);
  EXPECT_GT(r[0], 0.9999);
  EXPECT_LT(r[1], -0.9999);
  EXPECT_EQ(weights_of(*exact).front().numbers, before.front().numbers);
}

TEST(GradientDuel, LatenciesFallOnTheNearestStep) {
  Split numbers{Array(DType::f32, {2, 3}), Array(DType::i64, {2})};
  const float x[] = {0, 0.5F, 1, 0.26F, 0.24F, 0.9F};
  std::ranges::copy(x, numbers.x.as<float>().data());
  GridLatencyParams params;
  params.duration = 10e-3, params.latest = 4e-3, params.bias_time = 1e-3;
  const Split later = as_grid_latencies(numbers, 1, params, 1e-3);
  EXPECT_EQ(later.entry_shape(), (Shape{10, 4}));
  EXPECT_THAT(later.spikes->at(0, 0), testing::ElementsAre(0));
  EXPECT_THAT(later.spikes->at(0, 1), testing::ElementsAre(3));
  EXPECT_THAT(later.spikes->at(0, 2), testing::ElementsAre(1));
  EXPECT_THAT(later.spikes->at(0, 4), testing::ElementsAre(2));
  EXPECT_THAT(later.spikes->at(1, 1), testing::ElementsAre(0, 1, 3));
  params.order = "larger_first", params.bias_time = -1, params.silent_below = 0.3;
  const Split first = as_grid_latencies(numbers, 1, params, 1e-3);
  EXPECT_EQ(first.entry_shape(), (Shape{10, 3}));
  EXPECT_THAT(first.spikes->at(0, 0), testing::ElementsAre(2));
  EXPECT_EQ(first.spikes->events(), 3u);
  EXPECT_THROW(as_grid_latencies(numbers, 0.5, params, 1e-3), DataError);  // 2 is no share
  params.latest = 0.1;
  EXPECT_THROW(as_grid_latencies(numbers, 1, params, 1e-3), SpecError);
}

Value settings(std::initializer_list<std::pair<const char*, Value>> more) {
  Value table = Value::table(), train = Value::table();
  train.set("epochs", 3), train.set("batch_size", 16), train.set("shard_size", 16);
  table.set("dataset", "yin-yang:training_samples=256,test_samples=100");
  table.set("hidden", Value::List{20}), table.set("probe_samples", 32), table.set("directions", 4);
  table.set("slopes", Value::List{1.0, 10.0}), table.set("sizes", Value::List{0.01, 0.1}), table.set("train", train);
  return with(std::move(table), more);
}

void run_study(Desk& desk, const Value& table) { desk.run("gradient-duel", table); }

TEST(GradientDuel, BothLearnAndAreCompared) {
  for (const bool exact : {true, false}) {
    SCOPED_TRACE(exact);
    Desk desk;
    run_study(desk, settings({{"exact", exact}}));
    for (const std::string side : {"_surrogate", "_eventprop"}) {
      EXPECT_GT(desk.number("test_accuracy" + side), 0.45);  // chance: 0.33, s.e. 0.05
      EXPECT_GT(desk.number("hidden_spikes_per_sample" + side), 1);
      EXPECT_GT(desk.number("gradient_seconds" + side), 0);
      EXPECT_GT(desk.number("epoch_seconds" + side), 0);
    }
    EXPECT_GT(desk.number("readout_cosine_least"), 0.999);
    EXPECT_GT(desk.number("same_spike_counts_least"), 0.999);
    EXPECT_LT(std::abs(desk.number("cosine_start")), 1);
    EXPECT_NE(desk.number("cosine_start"), 0);
    EXPECT_FALSE(desk.said.empty());
  }
}

TEST(GradientDuel, HasTheSameBitsWithAnyThreadsAndAfterAStop) {
  const ThreeWays ways(25, [](Desk& desk) { run_study(desk, settings({{"repeats", 2}})); });
  EXPECT_FALSE(ways.one.figures.empty());
}

TEST(GradientDuel, ACheckpointKeepsAllOfADuel) {
  DuelParams params;
  params.hidden = {8}, params.probe_samples = 8, params.directions = 2, params.train.epochs = 2;
  params.train.batch_size = params.train.shard_size = 4;
  params.train.optimiser = {"adam", Value::table()};
  const DuelData data{random_spikes(8, 40, 4, 0.2), random_spikes(5, 40, 4, 0.2), 3};
  Desk desk;
  const Duel duel = fight(params, data, desk);
  Checkpoint part;
  part.arrays = saved_duel(duel);
  const Duel again = restored_duel(0, part);
  EXPECT_EQ(again.weights, duel.weights);
  EXPECT_EQ(again.at_start.exact, duel.at_start.exact);
  EXPECT_EQ(again.eventprop.at_end.surrogate, duel.eventprop.at_end.surrogate);
  ASSERT_EQ(again.surrogate.moments.size(), 3u);
  const Moment &a = again.surrogate.moments.back(), &b = duel.surrogate.moments.back();
  EXPECT_EQ(a.epoch, 2);
  EXPECT_EQ(a.test_accuracy, b.test_accuracy);
  EXPECT_EQ(a.hidden.grid_exact, b.hidden.grid_exact);
  EXPECT_EQ(a.of_weight.back().surrogate_grid, b.of_weight.back().surrogate_grid);
  EXPECT_EQ(a.of_slope, b.of_slope);
  EXPECT_EQ(again.eventprop.network.arrays.size(), duel.eventprop.network.arrays.size());
  EXPECT_THROW(restored_duel(0, Checkpoint{}), ResumeError);
}

TEST(GradientDuel, RefusesWhatItCantLearn) {
  Desk desk;
  EXPECT_THROW(run_study(desk, settings({{"hidden", Value::List{}}})), SpecError);
  EXPECT_THROW(run_study(desk, settings({{"readout", "max"}})), SpecError);
  EXPECT_THROW(run_study(desk, settings({{"slope", 0.0}})), SpecError);
}

}  // namespace
}  // namespace neurarium
