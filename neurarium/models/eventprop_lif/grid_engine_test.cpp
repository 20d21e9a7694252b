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
  std::vector<T> weights, recurrent, tau_membrane, tau_synapse, threshold;
  double dt;
  std::size_t inputs, steps;

  Stored(const std::string& file, const std::string& name, const char* membrane, const char* synapse) {
    for (auto& [key, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/eventprop/" + file))
      if (key.starts_with(name + "/")) arrays.emplace(key.substr(name.size() + 1), std::move(array));
    weights = as("weights"), tau_membrane = as(membrane), tau_synapse = as(synapse), threshold = as("threshold");
    if (arrays.contains("recurrent")) recurrent = as("recurrent");
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
  for (const char* name : {"coarse", "fine"}) {
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
  for (const char* name : {"feedforward", "closed_form", "recurrent", "long"}) {
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
        membrane(numbers.units), synapse(numbers.units), by_time(in.events(), T{5});
    Gradients<T> gradients{weights.data(), recurrent.data(), threshold.data(), membrane.data(),
                           synapse.data(), nullptr,          by_time};
    engine->backward(numbers, in, out, gradient, *pass, gradients);
    const auto same = [&](std::span<const T> found, const char* key, double factor) {
      expect_near<T>(found, stored.arrays.at(key).template as<double>().flat(), factor, tolerance, key);
    };
    same(weights, "dweights", 2), same(threshold, "dthreshold", 2);
    if (!recurrent.empty()) same(recurrent, "drecurrent", 2);
    same(membrane, "dmembrane", 2), same(synapse, "dsynapse", 2);
    same(std::span(by_time).first(in.count(0)), "dinputs", 1);
    same(std::span(by_time).last(in.count(2)), "dinputs", 1);
  }
}
TEST(GridEngine, GivesNumPysGradientsSampleBySample) {
  expect_numpys_gradients<double>(1e-10);
  expect_numpys_gradients<float>(1e-4);
}

}  // namespace
}  // namespace neurarium::eventprop
