// Spike times against SciPy's brentq on the closed form (validation/eventprop/write_spike_times.py); gradients against central
// differences of sums Σ c t over spikes.
#include "neurarium/models/eventprop_lif/eventprop_lif.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "neurarium/interchange/npz.hpp"
#include "neurarium/neurarium.hpp"

namespace neurarium {
namespace {

using Spikes = SpikeTimes<double>;

const Registry& registry() {
  static const Registry builtin = builtin_registry();
  return builtin;
}

template <class T>
std::unique_ptr<EventPropLif<T>> layer_of(const EventPropLifParams& params, std::size_t inputs,
                                          std::uint64_t seed = 1) {
  auto layer = std::make_unique<EventPropLif<T>>(
      params, typename EventPropLif<T>::Parts{
                  registry().make<Initialiser>("initialiser", params.initialiser, "initialiser"),
                  registry().make<Initialiser>("initialiser", params.recurrent_initialiser, "initialiser")});
  layer->build(Shape{inputs}, "layer", seed);
  return layer;
}

ArraySource given(const Array& array) {
  ArraySource source;
  source.array = std::make_shared<Array>(array);
  return source;
}

// ── Spike times ────────────────────────────────────────────────────────────────────────────────────────────────────

class Network {
 public:
  explicit Network(const std::string& name) : prefix_("network." + name + ".") {}
  const Array* find(const std::string& key) const {
    static const NamedArrays file =
        read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/eventprop/spike_times.npz");
    for (const auto& [name, array] : file)
      if (name == prefix_ + key) return &array;
    return nullptr;
  }
  const Array& operator()(const std::string& key) const {
    if (const Array* array = find(key)) return *array;
    throw InternalError("no array " + prefix_ + key);
  }
  EventPropLifParams params() const {
    EventPropLifParams p;
    p.units = static_cast<std::int64_t>((*this)("threshold").size());
    p.weights = given((*this)("weights"));
    p.recurrent = (*this)("recurrent").size() > 0;
    if (p.recurrent) p.recurrent_weights = given((*this)("recurrent"));
    p.time_constants = given((*this)("tau_membrane"));
    p.synapse_time_constants = given((*this)("tau_synapse"));
    p.thresholds = given((*this)("threshold"));
    if (const Array* refractory = find("refractory")) {
      p.refractory = refractory->as<double>().flat()[0];
      p.adaptations = given((*this)("adaptation"));
      p.adaptation_time_constants = given((*this)("tau_adaptation"));
    }
    if ((*this)("delays").size() > 0) p.delays = "synaptic", p.initial_delays = given((*this)("delays"));
    return p;
  }
  template <class T>
  void fill(SpikeTimes<T>& spikes) const {
    const auto times = (*this)("times").as<double>().flat();
    const auto who = (*this)("who").as<std::int64_t>().flat();
    for (std::size_t k = 0; k < times.size(); ++k)
      spikes.add(static_cast<T>(times[k]), static_cast<typename SpikeTimes<T>::Unit>(who[k]));
    spikes.end_sample();
  }

 private:
  std::string prefix_;
};

class AgainstSciPy : public testing::TestWithParam<const char*> {};

TEST_P(AgainstSciPy, UnitsFireWhereTheyShould) {
  const Network network(GetParam());
  const auto expected = network("spike_times").as<double>().flat();
  const auto who = network("spike_units").as<std::int64_t>().flat();
  ASSERT_GT(expected.size(), 10u);
  const auto check = [&]<class T>(double tolerance) {
    const auto layer = layer_of<T>(network.params(), network("weights").shape()[0]);
    Activity<T> in, out;
    network.fill(in.make_times(1, network("weights").shape()[0], 0.06));
    Tape tape;
    layer->forward(in, out, {}, tape);
    const SpikeTimes<T>& spikes = out.times();
    ASSERT_EQ(spikes.count(0), expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k) {
      EXPECT_EQ(spikes.units_of(0)[k], who[k]) << k;
      EXPECT_NEAR(static_cast<double>(spikes.times(0)[k]), expected[k], tolerance) << k;
    }
  };
  check.operator()<double>(1e-12);
  check.operator()<float>(1e-5);
}

INSTANTIATE_TEST_SUITE_P(EventPropLif, AgainstSciPy,
                         testing::Values("newton", "parabola", "lambert", "mixed", "recurrent", "recurrent_mixed",
                                         "delays", "recurrent_delays", "refractory", "adapting", "adapting_quickly",
                                         "recovering", "recurrent_recovering"),
                         [](const auto& kind) { return std::string(kind.param); });

// ── Gradients ──────────────────────────────────────────────────────────────────────────────────────────────────────

/// Samples of spikes by `inputs` units, drawn from `seed`.
void draw_inputs(std::uint64_t seed, std::size_t samples, std::size_t inputs, std::size_t events, Spikes& spikes) {
  Tensor<double> lots(Shape{samples, events, 2});
  fill_uniform(Stream(seed, "inputs"), {}, 0, 1, lots.flat());
  for (std::size_t s = 0; s < samples; ++s) {
    for (std::size_t e = 0; e < events; ++e)
      spikes.add(0.04 * lots(s, e, 0), static_cast<Spikes::Unit>(lots(s, e, 1) * static_cast<double>(inputs)));
    spikes.end_sample();
  }
}

/// A sum over all spikes of numbers that depend on their sample, unit and place among the unit's spikes, times their times.
struct SpikeSum {
  double value = 0;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> counts;
  std::vector<double> factors;  ///< of each event
  explicit SpikeSum(const Spikes& spikes) {
    for (std::size_t s = 0; s < spikes.samples(); ++s)
      for (std::size_t k = 0; k < spikes.count(s); ++k) {
        const std::size_t unit = spikes.units_of(s)[k], place = counts[{s, unit}]++;
        factors.push_back(std::sin(1 + 1.7 * static_cast<double>(s) + 2.3 * static_cast<double>(unit) +
                                   0.9 * static_cast<double>(place)));
        value += factors.back() * spikes.times(s)[k];
      }
  }
};

struct Checked {
  double largest_error = 0;
  std::size_t compared = 0, skipped = 0, spikes = 0;
};

/// All gradients of a layer of 6 units with 5 inputs, 3 samples, against central differences of fourth order.
Checked check_gradients_of(const EventPropLifParams& params, std::uint64_t seed) {
  constexpr std::size_t inputs = 5, samples = 3;
  const auto layer = layer_of<double>(params, inputs, seed);
  // time constants and thresholds that differ
  std::size_t kind = 0;
  for (Parameter<double>* parameter : layer->parameters())
    if (parameter->name != "weight" && parameter->name != "recurrent" && parameter->name != "delay") {
      Tensor<double> lots(parameter->value.shape());
      fill_uniform(Stream(seed, "moved"), Counter{0, 0, 0, static_cast<std::uint32_t>(kind++)}, -0.2, 0.2, lots.flat());
      for (std::size_t i = 0; i < lots.size(); ++i) parameter->value.flat()[i] += lots.flat()[i];
    }
  Activity<double> in, out;
  draw_inputs(seed, samples, inputs, 9, in.make_times(samples, inputs, 0.06));
  Tape tape;
  layer->forward(in, out, {}, tape);
  const SpikeSum here(out.times());
  Activity<double> slope, in_slope;
  std::ranges::copy(here.factors, slope.make_per_event(out.times()).begin());
  std::vector<Tensor<double>> gradient;
  std::vector<View<double>> views;
  for (Parameter<double>* parameter : layer->parameters()) gradient.emplace_back(parameter->value.shape());
  for (Tensor<double>& tensor : gradient) views.push_back(tensor.view());
  layer->backward(slope, &in_slope, tape, views);

  Checked checked;
  checked.spikes = out.times().events();
  const auto compare = [&](std::size_t count, const std::function<void(std::size_t, double)>& move,
                           const std::function<double(std::size_t)>& analytic, double step) {
    double largest = 0;
    std::vector<std::pair<double, double>> pairs;
    for (std::size_t i = 0; i < count; ++i) {
      bool same = true;
      const auto at = [&](double by) {
        move(i, by);
        Tape other;
        Activity<double> moved;
        layer->forward(in, moved, {}, other);
        move(i, -by);
        const SpikeSum there(moved.times());
        same &= there.counts == here.counts;
        return there.value;
      };
      const double numeric = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
      if (!same) {
        ++checked.skipped;
        continue;
      }
      pairs.emplace_back(analytic(i), numeric);
      largest = std::max(largest, std::abs(numeric));
    }
    for (const auto& [a, n] : pairs)
      checked.largest_error =
          std::max(checked.largest_error, std::abs(a - n) / std::max(std::abs(n), 1e-2 * largest + 1e-12));
    checked.compared += pairs.size();
  };
  const auto parameters = layer->parameters();
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const auto numbers = parameters[p]->value.flat();
    const double before = checked.largest_error;
    compare(
        numbers.size(), [&](std::size_t i, double by) { numbers[i] += by; },
        [&](std::size_t i) { return gradient[p].flat()[i]; }, 2e-6);
    if (checked.largest_error > std::max(before, 1e-6))
      ADD_FAILURE() << parameters[p]->name << " is off by " << checked.largest_error;
  }
  // input times: moved copies, in their order
  Spikes& times = const_cast<Spikes&>(in.times());
  const double before = checked.largest_error;
  compare(
      times.events(), [&](std::size_t i, double by) { const_cast<double&>(times.all_times()[i]) += by; },
      [&](std::size_t i) { return std::as_const(in_slope).per_event()[i]; }, 2e-8);
  if (checked.largest_error > std::max(before, 1e-6)) ADD_FAILURE() << "input times: " << checked.largest_error;
  return checked;
}

struct Kind {
  const char* name;
  std::function<void(EventPropLifParams&)> set;
  friend std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.name; }
};
class EveryKind : public testing::TestWithParam<Kind> {};

TEST_P(EveryKind, GradientsEqualCentralDifferences) {
  EventPropLifParams params;
  params.units = 6;
  params.initialiser = {"normal", Value::table()};
  params.initialiser.settings.set("mean", 1.5), params.initialiser.settings.set("sd", 1.5);
  params.recurrent_initialiser.settings.set("sd", 0.4);
  GetParam().set(params);
  Checked all;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE(seed);
    const Checked checked = check_gradients_of(params, seed);
    EXPECT_LT(checked.largest_error, 1e-6);
    all.compared += checked.compared, all.skipped += checked.skipped, all.spikes += checked.spikes;
  }
  EXPECT_GT(all.spikes, 100u);
  EXPECT_LT(all.skipped * 20, all.compared);
}

using P = EventPropLifParams;
INSTANTIATE_TEST_SUITE_P(
    EventPropLif, EveryKind,
    testing::Values(Kind{"newton", [](P&) {}}, Kind{"parabola", [](P& p) { p.tau_synapse = 0.01; }},
                    Kind{"lambert", [](P& p) { p.tau_synapse = 0.02; }},
                    Kind{"slow_synapse", [](P& p) { p.tau_synapse = 0.05; }},
                    Kind{"per_unit", [](P& p) { p.learn_time_constants = p.learn_thresholds = true; }},
                    Kind{"per_unit_near_equal",
                         [](P& p) { p.learn_time_constants = p.learn_thresholds = true, p.tau_synapse = 0.02; }},
                    Kind{"axonal", [](P& p) { p.delays = "axonal"; }},
                    Kind{"synaptic", [](P& p) { p.delays = "synaptic", p.learn_time_constants = true; }},
                    Kind{"recurrent", [](P& p) { p.recurrent = true; }},
                    Kind{"recurrent_everything",
                         [](P& p) {
                           p.recurrent = p.learn_time_constants = p.learn_thresholds = true;
                           p.delays = "synaptic", p.silent_push = 0.01, p.threshold = 1.5;
                         }},
                    Kind{"recurrent_axonal_silent",
                         [](P& p) {
                           p.recurrent = p.learn_thresholds = true;
                           p.delays = "axonal", p.silent_push = 0.01, p.threshold = 1.5;
                         }},
                    Kind{"refractory", [](P& p) { p.refractory = 3e-3; }},
                    Kind{"refractory_per_unit",
                         [](P& p) {
                           p.refractory = 3e-3, p.tau_synapse = 0.02, p.delays = "axonal";
                           p.learn_time_constants = p.learn_thresholds = true;
                         }},
                    Kind{"adapting", [](P& p) { p.adaptation = 0.4, p.learn_adaptation = true; }},
                    Kind{"adapting_quickly",
                         [](P& p) {
                           p.adaptation = 1.5, p.tau_adaptation = 4e-3, p.tau_synapse = 0.02;
                           p.learn_adaptation = p.learn_time_constants = p.learn_thresholds = true;
                         }},
                    Kind{"recovering_everything",
                         [](P& p) {
                           p.refractory = 2e-3, p.adaptation = 0.4, p.tau_adaptation = 0.03, p.threshold = 1.5;
                           p.learn_adaptation = p.learn_time_constants = p.learn_thresholds = true;
                           p.delays = "synaptic", p.silent_push = 0.01;
                         }},
                    Kind{"recurrent_refractory", [](P& p) { p.recurrent = true, p.refractory = 2e-3; }},
                    Kind{"recurrent_recovering_everything",
                         [](P& p) {
                           p.refractory = 2e-3, p.adaptation = 0.4, p.tau_adaptation = 0.03, p.threshold = 1.5;
                           p.learn_adaptation = p.learn_time_constants = p.learn_thresholds = p.recurrent = true;
                           p.delays = "synaptic", p.silent_push = 0.01;
                         }},
                    Kind{"silent", [](P& p) { p.silent_push = 0.01, p.threshold = 1.5; }},
                    Kind{"silent_everything",
                         [](P& p) {
                           p.silent_push = 0.01, p.threshold = 1.5, p.delays = "synaptic";
                           p.learn_time_constants = p.learn_thresholds = true;
                         }}),
    [](const auto& kind) { return std::string(kind.param.name); });

// ── By hand ────────────────────────────────────────────────────────────────────────────────────────────────────────

Array numbers(const Shape& shape, std::initializer_list<double> values) {
  Tensor<double> tensor(shape);
  std::ranges::copy(values, tensor.flat().begin());
  return Array(tensor);
}

EventPropLifParams params_with(const Shape& shape, std::initializer_list<double> weights) {
  EventPropLifParams p;
  p.units = static_cast<std::int64_t>(shape[1]);
  p.weights = given(numbers(shape, weights));
  return p;
}

/// One sample of these spikes (time, unit), of 0.1 s.
void one_sample(Activity<double>& in, std::size_t units, std::initializer_list<std::pair<double, int>> spikes) {
  Spikes& times = in.make_times(1, units, 0.1);
  for (const auto& [time, unit] : spikes) times.add(time, static_cast<Spikes::Unit>(unit));
  times.end_sample();
}

double response(double t) { return (std::exp(-t / 0.02) - std::exp(-t / 0.005)) / 3; }
double response_slope(double t) { return (std::exp(-t / 0.005) / 0.005 - std::exp(-t / 0.02) / 0.02) / 3; }

// A maximum that an inhibitory spike ends moves with it.
TEST(EventPropLif, ASilentUnitsPushKnowsOfMaximaAtArrivals) {
  EventPropLifParams p = params_with({2, 1}, {4, -9});
  p.silent_push = 0.01;
  const auto layer = layer_of<double>(p, 2);
  Activity<double> in, out, slope, in_slope;
  one_sample(in, 2, {{0.01, 0}, {0.014, 1}});
  Tape tape;
  layer->forward(in, out, {}, tape);
  ASSERT_EQ(out.times().events(), 1u);
  EXPECT_NEAR(out.times().times(0)[0], 0.1 + 0.01 * (1 - 4 * response(0.004)), 1e-15);
  slope.make_per_event(out.times())[0] = 1;
  Tensor<double> weights(Shape{2, 1});
  const std::vector<View<double>> gradient{weights.view()};
  layer->backward(slope, &in_slope, tape, gradient);
  EXPECT_NEAR(std::as_const(in_slope).per_event()[0], 0.01 * 4 * response_slope(0.004), 1e-14);
  EXPECT_NEAR(std::as_const(in_slope).per_event()[1], -0.01 * 4 * response_slope(0.004), 1e-14);
  EXPECT_NEAR(weights(0, 0), -0.01 * response(0.004), 1e-16);
  EXPECT_EQ(weights(1, 0), 0);
}

TEST(EventPropLif, UnitsThatHearNothingAnswerWithTheirThreshold) {
  EventPropLifParams p = params_with({1, 2}, {0, -1});
  p.silent_push = 0.02;
  p.threshold = 1.5;
  const auto layer = layer_of<double>(p, 1);
  Activity<double> in, out;
  one_sample(in, 1, {{0.01, 0}});
  Tape tape;
  layer->forward(in, out, {}, tape);
  ASSERT_EQ(out.times().events(), 2u);
  for (const double time : out.times().times(0)) EXPECT_DOUBLE_EQ(time, 0.1 + 0.02 * 1.5);
  EXPECT_EQ(layer->smallest_slope(tape), std::numeric_limits<double>::infinity());
}

TEST(EventPropLif, WhatComesAtTheEndOrLaterHasNoEffect) {
  const auto layer = layer_of<double>(params_with({1, 1}, {20}), 1);
  Activity<double> in, out, slope, in_slope;
  one_sample(in, 1, {{0.02, 0}, {0.1, 0}, {0.12, 0}});
  Tape tape;
  layer->forward(in, out, {}, tape);
  ASSERT_GT(out.times().events(), 0u);
  std::ranges::fill(slope.make_per_event(out.times()), 1);
  layer->backward(slope, &in_slope, tape, {});
  const auto found = std::as_const(in_slope).per_event();
  EXPECT_NEAR(found[0], static_cast<double>(out.times().events()), 1e-12);  // all spikes move with the only input
  EXPECT_EQ(found[1], 0);
  EXPECT_EQ(found[2], 0);
}

TEST(EventPropLif, UnitsThatFireTogetherStandInTheirOrder) {
  for (const bool recurrent : {false, true}) {
    EventPropLifParams p = params_with({1, 3}, {8, 8, 8});
    p.recurrent = recurrent;
    if (recurrent) p.recurrent_weights = given(numbers({3, 3}, {0, 0, 0, 0, 0, 0, 0, 0, 0}));
    const auto layer = layer_of<double>(p, 1);
    Activity<double> in, out;
    one_sample(in, 1, {{0.01, 0}});
    Tape tape;
    layer->forward(in, out, {}, tape);
    ASSERT_EQ(out.times().events(), 3u);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_EQ(out.times().units_of(0)[k], k);
      EXPECT_EQ(out.times().times(0)[k], out.times().times(0)[0]);
    }
  }
  // … and the first of them can keep the others from firing.
  EventPropLifParams p = params_with({1, 3}, {8, 8, 8});
  p.recurrent = true;
  p.recurrent_weights = given(numbers({3, 3}, {0, -9, -9, -9, 0, -9, -9, -9, 0}));
  const auto layer = layer_of<double>(p, 1);
  Activity<double> in, out;
  one_sample(in, 1, {{0.01, 0}});
  Tape tape;
  layer->forward(in, out, {}, tape);
  ASSERT_EQ(out.times().events(), 1u);
  EXPECT_EQ(out.times().units_of(0)[0], 0);
}

TEST(EventPropLif, SilentNetworksAndEmptyTrialsHaveGradientsOfZero) {
  for (const bool recurrent : {false, true}) {
    EventPropLifParams p;
    p.units = 3, p.recurrent = recurrent, p.learn_time_constants = p.learn_thresholds = true;
    const auto layer = layer_of<double>(p, 2);
    Activity<double> in, out, slope, in_slope;
    in.make_times(2, 2, 0.1).end_sample();
    const_cast<Spikes&>(in.times()).end_sample();
    Tape tape;
    layer->forward(in, out, {}, tape);
    EXPECT_EQ(out.times().samples(), 2u);
    EXPECT_EQ(out.times().events(), 0u);
    slope.make_per_event(out.times());
    std::vector<Tensor<double>> gradient;
    std::vector<View<double>> views;
    for (const auto* parameter : layer->parameters()) gradient.emplace_back(parameter->value.shape());
    for (auto& tensor : gradient) views.push_back(tensor.view());
    layer->backward(slope, &in_slope, tape, views);
    for (const auto& tensor : gradient)
      for (const double g : tensor.flat()) EXPECT_EQ(g, 0);
  }
}

// ── What can't be ──────────────────────────────────────────────────────────────────────────────────────────────────

void expect_numeric_error(EventPropLif<double>& layer, const std::string& words,
                          std::initializer_list<std::pair<double, int>> spikes = {{0.01, 0}, {0.02, 0}}) {
  Activity<double> in, out;
  one_sample(in, 1, spikes);
  Tape tape;
  try {
    layer.forward(in, out, {}, tape);
    FAIL() << "no error: " << words;
  } catch (const NumericError& error) {
    EXPECT_EQ(error.where(), "layer");
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

TEST(EventPropLif, StopsWhereNumbersHaveRunAway) {
  for (const bool recurrent : {false, true}) {
    EventPropLifParams p = params_with({1, 2}, {3, 5});
    p.learn_time_constants = p.learn_thresholds = true, p.recurrent = recurrent, p.most_spikes = 1000;
    p.learn_adaptation = true;
    const auto with = [&](const std::string& name, double value) {
      auto layer = layer_of<double>(p, 1);
      for (Parameter<double>* parameter : layer->parameters())
        if (parameter->name == name) parameter->value.flat().back() = value;
      return layer;
    };
    expect_numeric_error(*with("weight", std::nan("")), "is not finite");
    expect_numeric_error(*with("weight", 1e9), "more than 1000 spikes");  // else it would fire for hours
    expect_numeric_error(*with("weight", 1e300), "more than 1000 spikes");
    if (recurrent) expect_numeric_error(*with("recurrent", 1e6), "more than 1000 spikes");
    expect_numeric_error(*with("threshold", -0.1), "a threshold has fallen");
    expect_numeric_error(*with("log_tau_membrane", -1000), "a time constant has become 0 or infinite");
    expect_numeric_error(*with("log_tau_synapse", 1000), "a time constant has become 0 or infinite");
    expect_numeric_error(*with("log_tau_adaptation", -1000), "a time constant has become 0 or infinite");
    expect_numeric_error(*with("adaptation", std::nan("")), "is not finite");
    auto layer = layer_of<double>(p, 1);
    expect_numeric_error(*layer, "a time of an input spike", {{-0.001, 0}});
    expect_numeric_error(*layer, "a time of an input spike", {{std::nan(""), 0}});
  }
}

TEST(EventPropLif, RefusesSettingsThatContradictOneAnother) {
  const auto refused = [](const char* words, const std::function<void(P&)>& set) {
    EventPropLifParams p;
    set(p);
    try {
      layer_of<double>(p, 2);
      ADD_FAILURE() << "accepted: " << words;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  };
  refused("shortest_delay", [](P& p) { p.shortest_delay = 1; });
  refused("there are no delays", [](P& p) { p.initial_delays = given(numbers({2}, {0, 0})); });
  refused("a delay is negative", [](P& p) { p.delays = "axonal", p.initial_delays = given(numbers({2}, {0, -1})); });
  refused("need exact times", [](P& p) { p.delays = "synaptic", p.engine = "grid"; });
  refused("recurrent is false", [](P& p) { p.recurrent_weights = given(numbers({1, 1}, {0})); });
  refused("would lower its threshold", [](P& p) { p.units = 1, p.adaptations = given(numbers({1}, {-0.1})); });
  refused("do not adapt", [](P& p) { p.adaptation_time_constants = given(numbers({10}, {})); });
  refused("above 0",
          [](P& p) { p.units = 1, p.adaptation = 1, p.adaptation_time_constants = given(numbers({1}, {0})); });
  for (const auto& [key, value] : {std::pair("refractory", -1e-3), {"adaptation", -0.1}, {"tau_adaptation", 0.0}}) {
    Value settings = Value::table();
    settings.set(key, value);
    EXPECT_THROW(registry().make<Layer<double>>("layer", Component("eventprop_lif", settings)), SpecError) << key;
  }
  refused("above 0", [](P& p) { p.units = 1, p.time_constants = given(numbers({1}, {0})); });
  Activity<double> in, out;
  one_sample(in, 3, {{0.01, 2}});
  Tape tape;
  EXPECT_THROW(layer_of<double>(params_with({1, 1}, {1}), 1)->forward(in, out, {}, tape), ShapeError);
}

}  // namespace
}  // namespace neurarium
