// What a layer does with the silent, with ties, with what comes too late, and what it refuses. (Spike times: spike_times_test.cpp;
// gradients: gradients_test.cpp.)
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/models/eventprop_lif/lone_layer_test.hpp"

namespace neurarium {
namespace {

using namespace lone_layer;
using P = EventPropLifParams;
using Spikes = SpikeTimes<double>;

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
