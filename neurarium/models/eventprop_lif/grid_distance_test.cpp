// The grid beside the exact engine: as steps get shorter, spikes and gradients come nearer to the exact ones, in proportion.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/models/eventprop_lif/engine.hpp"

namespace neurarium::eventprop {
namespace {

constexpr std::size_t inputs = 8, units = 5;
constexpr double duration = 60e-3;

/// What an engine makes of a drawn layer and sample: spikes, and gradients of Σ c · t over them.
struct Drawn {
  std::vector<double> weights, recurrent, tau_membrane, tau_synapse, threshold, adaptation, tau_adaptation;
  double refractory = 0;
  std::vector<std::pair<double, std::uint16_t>> events;

  Drawn(std::uint64_t seed, bool is_recurrent, bool recovers) {
    const auto numbers = [&](const char* name, std::size_t count, double low, double high) {
      std::vector<double> all(count);
      fill_uniform(Stream(seed, name), {}, low, high, std::span(all));
      return all;
    };
    weights = numbers("weights", inputs * units, -0.2, 1.6);
    if (is_recurrent) recurrent = numbers("recurrent", units * units, -0.5, 0.5);
    tau_membrane = numbers("membrane", units, 30e-3, 60e-3), tau_synapse = numbers("synapse", units, 10e-3, 20e-3);
    threshold = numbers("threshold", units, 0.9, 1.1);
    if (recovers) {
      refractory = 4e-3;
      adaptation = numbers("adaptation", units, 0.1, 0.4), tau_adaptation = numbers("forgetting", units, 10e-3, 40e-3);
    }
    const auto steps = numbers("times", 3 * inputs, 0, 40);
    for (std::size_t e = 0; e < steps.size(); ++e)  // whole milliseconds: no grid moves them
      events.emplace_back(std::floor(steps[e]) * 1e-3, static_cast<std::uint16_t>(e % inputs));
  }
};

struct Course {
  std::vector<double> times[units];
  std::vector<double> gradient;  ///< of all parameters and input times

  Course(const Engine<double>& engine, const Drawn& drawn) {
    Numbers<double> n;
    n.inputs = inputs, n.units = units, n.most_spikes = 1000, n.one_tau = false;
    n.weights = View<const double>(drawn.weights.data(), Shape{inputs, units});
    const bool is_recurrent = !drawn.recurrent.empty();
    if (is_recurrent) n.recurrent = View<const double>(drawn.recurrent.data(), Shape{units, units});
    n.tau_membrane = drawn.tau_membrane, n.tau_synapse = drawn.tau_synapse, n.threshold = drawn.threshold;
    n.refractory = drawn.refractory, n.adaptation = drawn.adaptation, n.tau_adaptation = drawn.tau_adaptation;
    SpikeTimes<double> in(inputs, duration), out(units, duration);
    for (const auto& [time, unit] : drawn.events) in.add(time, unit);
    in.end_sample();
    const auto pass = engine.make_pass();
    engine.forward(n, in, out, *pass);
    std::vector<double> above(out.events());
    for (std::size_t k = 0; k < out.events(); ++k) {
      std::vector<double>& of_unit = times[out.units_of(0)[k]];
      above[k] = std::cos(1.0 + 2.0 * static_cast<double>(of_unit.size()) + out.units_of(0)[k]);
      of_unit.push_back(out.times(0)[k]);
    }
    // Times are in seconds: taus and input times in 10 ms, so that all parts of the gradient have something to say.
    std::vector<double> w(inputs * units), r(is_recurrent ? units * units : 0), theta(units), tm(units), ts(units),
        by_time(in.events()), growth(n.adaptation.size()), ta(n.adaptation.size());
    engine.backward(n, in, out, above, *pass,
                    {w.data(), is_recurrent ? r.data() : nullptr, theta.data(), tm.data(), ts.data(), nullptr, by_time,
                     growth.empty() ? nullptr : growth.data(), growth.empty() ? nullptr : ta.data()});
    for (auto* numbers : {&tm, &ts, &by_time, &ta})
      for (double& x : *numbers) x *= 0.01;
    for (const auto* numbers : {&w, &r, &theta, &tm, &ts, &by_time, &growth, &ta})
      gradient.insert(gradient.end(), numbers->begin(), numbers->end());
  }
  bool as_many_as(const Course& other) const {
    for (std::size_t j = 0; j < units; ++j)
      if (times[j].size() != other.times[j].size()) return false;
    return true;
  }
};

double length(std::span<const double> numbers) {
  double sum = 0;
  for (const double x : numbers) sum += x * x;
  return std::sqrt(sum);
}

/// Errors of the grid's gradients, relative to the exact engine's, as geometric means over the drawn layers: for each of `steps`.
std::vector<double> mean_errors(bool is_recurrent, bool recovers, std::span<const int> seeds,
                                std::span<const double> steps) {
  std::vector<double> logs(steps.size());
  for (const int seed : seeds) {
    SCOPED_TRACE(seed);
    const Drawn drawn(static_cast<std::uint64_t>(seed), is_recurrent, recovers);
    const Course exact(*make_event_engine<double>(), drawn);
    for (std::size_t s = 0; s < steps.size(); ++s) {
      const Course found(*make_grid_engine<double>(steps[s]), drawn);
      EXPECT_TRUE(found.as_many_as(exact)) << "the draw compares other spikes";
      std::vector<double> apart(found.gradient);
      for (std::size_t i = 0; i < apart.size(); ++i) apart[i] -= exact.gradient[i];
      logs[s] += std::log(length(apart) / length(exact.gradient)) / static_cast<double>(seeds.size());
      for (std::size_t j = 0; j < units && !is_recurrent; ++j)
        for (std::size_t k = 0; k < exact.times[j].size(); ++k) {
          // A spike comes at the next step end; all after it start later, too.
          const double late = (found.times[j][k] - exact.times[j][k]) / steps[s];
          EXPECT_GE(late, -1e-9) << "spike " << k << " of unit " << j;
          EXPECT_LE(late, k == 0 ? 1 + 1e-9 : 10) << "spike " << k << " of unit " << j;
        }
    }
  }
  std::vector<double> errors(logs);
  for (double& x : errors) x = std::exp(x);
  return errors;
}

// Draws with as many spikes at all steps, none of which grazes its threshold, or comes behind an input by being late. How late a spike
// is depends on where in a step it falls, so a single draw goes up and down; the mean of eight falls in proportion.
TEST(GridDistance, FallsInProportionToTheStep) {
  const double steps[] = {1e-3, 0.5e-3, 0.25e-3, 0.125e-3};
  const int feedforward[] = {7, 10, 12, 25, 41, 59, 77, 98}, recurrent[] = {1, 2, 6, 7, 9, 64, 68, 79};
  const int recovering[] = {1, 9, 14, 24, 29, 41, 75, 79}, recovering_recurrent[] = {1, 26, 29, 34, 54, 58, 59, 62};
  for (int kind = 0; kind < 4; ++kind) {
    SCOPED_TRACE(kind);
    const bool is_recurrent = kind % 2 == 1, recovers = kind >= 2;
    const auto errors = mean_errors(
        is_recurrent, recovers,
        recovers ? (is_recurrent ? recovering_recurrent : recovering) : (is_recurrent ? recurrent : feedforward),
        steps);
    for (std::size_t s = 1; s < errors.size(); ++s) {
      EXPECT_GT(errors[s - 1] / errors[s], 1.5) << s;
      EXPECT_LT(errors[s - 1] / errors[s], 3) << s;
    }
    EXPECT_GT(errors[0] / errors[3], 7);
    EXPECT_LT(errors[3], 0.05);
  }
}

}  // namespace
}  // namespace neurarium::eventprop
