// The grid behind the interface of engines: times to steps and back, several samples, delays, silent units; and Brian2's spikes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "neurarium/core/errors.hpp"
#include "neurarium/interchange/npz.hpp"
#include "neurarium/models/eventprop_lif/engine.hpp"

namespace neurarium::eventprop {
namespace {

/// A case of a file of tests/data/eventprop, in T.
template <class T>
struct Stored {
  std::map<std::string, Array> arrays;
  std::vector<T> weights, recurrent, tau_membrane, tau_synapse, threshold, adaptation, tau_adaptation;
  double dt, refractory = 0;
  std::size_t inputs, steps;

  Stored(const std::string& file, const std::string& name, const char* membrane, const char* synapse) {
    for (auto& [key, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/eventprop/" + file))
      if (key.starts_with(name + "/")) arrays.emplace(key.substr(name.size() + 1), std::move(array));
    weights = as("weights"), tau_membrane = as(membrane), tau_synapse = as(synapse), threshold = as("threshold");
    if (arrays.contains("recurrent")) recurrent = as("recurrent");
    if (arrays.contains("refractory")) {
      refractory = arrays.at("refractory").as<double>().flat()[0];
      adaptation = as("growth"), tau_adaptation = as("tau_adaptation");
    }
    dt = arrays.at("settings").as<double>()(0);
    steps = static_cast<std::size_t>(arrays.at("settings").as<double>()(1));
    inputs = weights.size() / threshold.size();
  }
  std::vector<T> as(const char* key) const {
    const auto from = arrays.at(key).as<double>().flat();
    return {from.begin(), from.end()};
  }
  Numbers<T> numbers() const {
    Numbers<T> n;
    n.inputs = inputs, n.units = threshold.size(), n.most_spikes = 100000;
    n.weights = View<const T>(weights.data(), Shape{inputs, n.units});
    if (!recurrent.empty()) n.recurrent = View<const T>(recurrent.data(), Shape{n.units, n.units});
    n.tau_membrane = tau_membrane, n.tau_synapse = tau_synapse, n.threshold = threshold;
    n.refractory = refractory, n.adaptation = adaptation, n.tau_adaptation = tau_adaptation;
    return n;
  }
  /// The steps of its events, as times that lie up to `early` of a step before them.
  void add_inputs(SpikeTimes<T>& to, double early) const {
    const auto step = arrays.at("input_step").as<std::uint32_t>().flat();
    const auto unit = arrays.at("input_unit").as<std::uint16_t>().flat();
    for (std::size_t e = 0; e < step.size(); ++e)
      to.add(static_cast<T>(step[e] == 0 ? 0 : (step[e] - early) * dt), unit[e]);
    to.end_sample();
  }
};

template <class T>
void expect_the_spikes_of(const Stored<T>& stored, const SpikeTimes<T>& out, std::size_t sample) {
  const auto step = stored.arrays.at("step").template as<std::uint32_t>().flat();
  const auto unit = stored.arrays.at("unit").template as<std::uint16_t>().flat();
  ASSERT_EQ(out.count(sample), step.size());
  EXPECT_TRUE(std::ranges::equal(out.units_of(sample), unit));
  for (std::size_t k = 0; k < step.size(); ++k)
    ASSERT_EQ(out.times(sample)[k], static_cast<T>(step[k] * stored.dt)) << "spike " << k;
}

TEST(GridEngine, SpikesInTheStepsInWhichBrian2Does) {
  for (const char* name : {"coarse", "fine", "recovering"}) {
    const Stored<double> stored("brian2.npz", name, "tau_membrane", "tau_synapse");
    const auto engine = make_grid_engine<double>(stored.dt);
    const double duration = static_cast<double>(stored.steps + 1) * stored.dt;
    SpikeTimes<double> in(stored.inputs, duration), out(stored.threshold.size(), duration);
    stored.add_inputs(in, 0);
    const auto pass = engine->make_pass();
    engine->forward(stored.numbers(), in, out, *pass);
    expect_the_spikes_of(stored, out, 0);
  }
}

template <class T>
void expect_near(std::span<const T> found, std::span<const double> expected, double factor, double tolerance,
                 const char* what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  double most = 0, worst = 0;
  for (const double x : expected) most = std::max(most, std::abs(x));
  for (std::size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::abs(found[i] - factor * expected[i]));
  EXPECT_LE(worst, tolerance * most) << what;
}

// NumPy's sample twice, with an empty one in between: once with inputs on the steps, once shortly before them.
template <class T>
void expect_numpys_gradients(double tolerance) {
  for (const char* name : {"feedforward", "closed_form", "recurrent", "long", "refractory", "adapting", "recovering",
                           "recovering_forward"}) {
    SCOPED_TRACE(std::string(name) + (sizeof(T) == 8 ? " double" : " float"));
    const Stored<T> stored("grid.npz", name, "membrane", "synapse");
    const auto engine = make_grid_engine<T>(stored.dt);
    const Numbers<T> numbers = stored.numbers();
    const double duration = static_cast<double>(stored.steps + 1) * stored.dt;
    SpikeTimes<T> in(stored.inputs, duration), out(numbers.units, duration);
    stored.add_inputs(in, 0);
    in.end_sample();
    stored.add_inputs(in, 0.3);
    const auto pass = engine->make_pass();
    engine->forward(numbers, in, out, *pass);
    const std::size_t spikes = out.count(0);
    ASSERT_EQ(out.samples(), 3U);
    EXPECT_EQ(out.count(1), 0U);
    const auto above = stored.as("above");
    ASSERT_EQ(spikes, above.size());
    expect_the_spikes_of(stored, out, 0), expect_the_spikes_of(stored, out, 2);
    std::vector<T> gradient(above);
    gradient.insert(gradient.end(), above.begin(), above.end());
    std::vector<T> weights(stored.weights.size()), recurrent(stored.recurrent.size()), threshold(numbers.units),
        membrane(numbers.units), synapse(numbers.units), by_time(in.events(), T{5}), growth(numbers.units),
        tau_adaptation(numbers.units);
    Gradients<T> gradients{weights.data(), recurrent.data(), threshold.data(), membrane.data(),      synapse.data(),
                           nullptr,        by_time,          growth.data(),    tau_adaptation.data()};
    engine->backward(numbers, in, out, gradient, *pass, gradients);
    const auto same = [&](std::span<const T> found, const char* key, double factor) {
      expect_near<T>(found, stored.arrays.at(key).template as<double>().flat(), factor, tolerance, key);
    };
    same(weights, "dweights", 2), same(threshold, "dthreshold", 2);
    if (!recurrent.empty()) same(recurrent, "drecurrent", 2);
    same(membrane, "dmembrane", 2), same(synapse, "dsynapse", 2);
    if (numbers.recovers()) same(growth, "dgrowth", 2), same(tau_adaptation, "dtau_adaptation", 2);
    same(std::span(by_time).first(in.count(0)), "dinputs", 1);
    same(std::span(by_time).last(in.count(2)), "dinputs", 1);
  }
}
TEST(GridEngine, GivesNumPysGradientsSampleBySample) {
  expect_numpys_gradients<double>(1e-10);
  expect_numpys_gradients<float>(1e-3);
}

/// A small layer of two inputs and two units, and one sample.
struct Small {
  std::vector<double> weights{8, 3, 5, 4}, recurrent{-0.5, 0.2, 0.1, 0.3}, tau_membrane{20e-3, 15e-3},
      tau_synapse{5e-3, 15e-3}, threshold{1, 1.1}, delays;
  double push = 0;
  std::vector<std::pair<double, std::uint16_t>> events{{1e-3, 0}, {2.2e-3, 1}, {10e-3, 1}, {14.9e-3, 0}};
  SpikeTimes<double> in{2, 40e-3}, out{2, 40e-3};
  std::unique_ptr<Engine<double>> engine = make_grid_engine<double>(1e-3);
  std::unique_ptr<Pass<double>> pass = engine->make_pass();

  Numbers<double> numbers() const {
    Numbers<double> n;
    n.inputs = n.units = 2, n.most_spikes = 50, n.silent_push = push;
    n.weights = View<const double>(weights.data(), Shape{2, 2});
    n.recurrent = View<const double>(recurrent.data(), Shape{2, 2});
    n.tau_membrane = tau_membrane, n.tau_synapse = tau_synapse, n.threshold = threshold;
    n.delays = delays, n.delay_kind = delays.empty() ? Delays::none : Delays::axonal;
    return n;
  }
  void forward() {
    in.reset(2, 40e-3), out.reset(2, 40e-3);
    for (const auto& [time, unit] : events) in.add(time, unit);
    in.end_sample();
    engine->forward(numbers(), in, out, *pass);
  }
  struct Found {
    std::vector<double> weights, recurrent, threshold, tau_membrane, tau_synapse, delays, in;
  };
  Found backward(const std::vector<double>& above) {
    Found f;
    f.weights.resize(4), f.recurrent.resize(4), f.threshold.resize(2), f.tau_membrane.resize(2);
    f.tau_synapse.resize(2), f.delays.resize(delays.size()), f.in.resize(in.events());
    engine->backward(numbers(), in, out, above, *pass,
                     {f.weights.data(), f.recurrent.data(), f.threshold.data(), f.tau_membrane.data(),
                      f.tau_synapse.data(), delays.empty() ? nullptr : f.delays.data(), f.in});
    return f;
  }
};

TEST(GridEngine, TakesTimesToTheNextStepAndEndsBeforeTheDuration) {
  Small a, b;
  a.events = {{1.2e-3, 0}, {2.0000000000001e-3, 1}, {2.001e-3, 1}, {39e-3, 0}, {39.1e-3, 0}, {60e-3, 0}};
  b.events = {{2e-3, 0}, {2e-3, 1}, {3e-3, 1}};
  a.forward(), b.forward();
  ASSERT_GT(a.out.events(), 2U);
  EXPECT_TRUE(std::ranges::equal(a.out.all_times(), b.out.all_times()));
  const std::vector<double> above(a.out.events(), 1.0);
  const auto of_a = a.backward(above), of_b = b.backward(above);
  EXPECT_EQ(of_a.weights, of_b.weights);
  for (std::size_t e = 0; e < 3; ++e) EXPECT_NE(of_a.in[e], 0);
  for (std::size_t e = 3; e < 6; ++e) EXPECT_EQ(of_a.in[e], 0);
  for (const double time : a.out.all_times()) EXPECT_LT(time, 40e-3);
}

TEST(GridEngine, DelaysAreLaterInputs) {
  Small delayed, shifted;
  delayed.delays = {9.5e-3, 0.5e-3};  // the first event comes after the two of the other input
  for (auto& [time, unit] : shifted.events) time += delayed.delays[unit];
  delayed.forward(), shifted.forward();
  ASSERT_GT(delayed.out.events(), 2U);
  EXPECT_TRUE(std::ranges::equal(delayed.out.all_times(), shifted.out.all_times()));
  const std::vector<double> above(delayed.out.events(), 1.0);
  const auto found = delayed.backward(above), expected = shifted.backward(above);
  EXPECT_EQ(found.weights, expected.weights);
  EXPECT_EQ(found.tau_synapse, expected.tau_synapse);
  std::vector<double> by_input(2), by_delay(2);
  for (std::size_t e = 0; e < 4; ++e) {
    by_delay[delayed.in.units_of(0)[e]] += found.in[e];
    by_input[shifted.in.units_of(0)[e]] += expected.in[e];
  }
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NE(by_input[i], 0);
    EXPECT_NEAR(by_delay[i], by_input[i], 1e-12 * std::abs(by_input[i]));
    EXPECT_NEAR(found.delays[i], by_input[i], 1e-12 * std::abs(by_input[i]));
  }
}

// V of a silent unit at its highest step is smooth in all numbers, so central differences know its gradient on a grid, too.
TEST(GridEngine, SilentUnitsAnswerAndSayHowTheyWouldSpike) {
  Small small;
  small.weights = {0.8, 0.3, 0.6, 0.5}, small.push = 0.5;
  small.forward();
  ASSERT_EQ(small.out.events(), 2U);
  const auto response = [](double t) { return t < 0 ? 0 : (std::exp(-t / 20e-3) - std::exp(-t / 5e-3)) / 3; };
  double highest = 0;
  for (int step = 0; step < 40; ++step) {
    const double t = step * 1e-3;
    highest = std::max(
        highest, 0.8 * (response(t - 1e-3) + response(t - 15e-3)) + 0.6 * (response(t - 3e-3) + response(t - 10e-3)));
  }
  const auto of = [&](std::uint16_t unit) { return small.out.units_of(0)[0] == unit ? 0 : 1; };
  EXPECT_NEAR(small.out.times(0)[of(0)], 40e-3 + 0.5 * (1 - highest), 1e-14);
  const std::vector<double> cost{0.7, -1.3};  // of units 0, 1
  const auto loss = [&] {
    small.forward();
    return cost[0] * small.out.times(0)[of(0)] + cost[1] * small.out.times(0)[of(1)];
  };
  std::vector<double> above(2);
  above[of(0)] = cost[0], above[of(1)] = cost[1];
  const auto found = small.backward(above);
  const auto check = [&](std::vector<double>& numbers, const std::vector<double>& gradient, double size) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const double kept = numbers[i], step = 1e-5 * size;
      numbers[i] = kept + step;
      const double up = loss();
      numbers[i] = kept - step;
      const double down = loss();
      numbers[i] = kept;
      EXPECT_NE(gradient[i], 0);
      EXPECT_NEAR(gradient[i], (up - down) / (2 * step), 1e-8 * std::abs(gradient[i]));
    }
  };
  check(small.weights, found.weights, 1), check(small.threshold, found.threshold, 1);
  check(small.tau_membrane, found.tau_membrane, 10e-3), check(small.tau_synapse, found.tau_synapse, 10e-3);
  for (const double x : found.recurrent) EXPECT_EQ(x, 0);
}

// The same where what drives a silent unit are spikes of another one, which stay where they are: a recurrent spike acts in its own step.
TEST(GridEngine, RecurrentSpikesActInTheirStep) {
  Small small;
  small.weights = {8, 0.1, 5, 0.1}, small.push = 0.5;
  const auto answer = [&] {
    small.forward();
    const auto units = small.out.units_of(0);
    EXPECT_EQ(units.back(), 1);
    EXPECT_EQ(std::ranges::count(units, 1), 1);
    return small.out.times(0).back();
  };
  answer();
  std::vector<double> above(small.out.events());
  ASSERT_GT(above.size(), 3U);
  above.back() = 1;
  const double found = small.backward(above).recurrent[1], kept = small.recurrent[1];
  small.recurrent[1] = kept + 1e-5;
  const double up = answer();
  small.recurrent[1] = kept - 1e-5;
  EXPECT_NEAR(found, (up - answer()) / 2e-5, 1e-8 * std::abs(found));
  EXPECT_LT(found, 0);
}

TEST(GridEngine, RefusesWhatItCannotDo) {
  Small small;
  small.delays = {0, 0, 0, 0};
  Numbers<double> numbers = small.numbers();
  numbers.delay_kind = Delays::synaptic;
  SpikeTimes<double> out(2, 40e-3);
  EXPECT_THROW(small.engine->forward(numbers, small.in, out, *small.pass), SpecError);

  small.delays.clear(), small.weights = {400, 3, 2, 1};
  small.in.add(1e-3, 0), small.in.end_sample();
  numbers = small.numbers(), numbers.most_spikes = 3;
  try {
    small.engine->forward(numbers, small.in, out, *small.pass);
    ADD_FAILURE() << "no limit";
  } catch (const TooManySpikes& fault) {
    EXPECT_EQ(fault.sample, 0U);
    EXPECT_EQ(fault.unit, 0U);
  }
}

}  // namespace
}  // namespace neurarium::eventprop
