// Gradients of the event engine against central differences of sums Σ c t over spikes.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "neurarium/models/eventprop_lif/lone_layer_test.hpp"

namespace neurarium {
namespace {

using namespace lone_layer;
using Spikes = SpikeTimes<double>;

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

}  // namespace
}  // namespace neurarium
