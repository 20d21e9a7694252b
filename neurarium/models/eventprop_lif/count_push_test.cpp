// The push on counts against a plain walk back through one unit's spikes, with both engines; means over shards; and when there is none.
#include "neurarium/models/eventprop_lif/count_push.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/models/eventprop_lif/eventprop_lif.hpp"
#include "neurarium/neurarium.hpp"

namespace neurarium {
namespace {

constexpr double tau_membrane = 0.02, tau_synapse = 0.005, duration = 0.1, strength = 3, target = 0.7;

struct Input {
  double time;
  std::size_t unit;
};
const std::vector<std::vector<Input>> samples{
    {{0.01, 0}, {0.012, 1}, {0.03, 1}, {0.05, 0}, {0.055, 1}}, {{0.02, 1}, {0.022, 0}}, {{0.04, 0}}};
constexpr double weights[] = {3.5, 6};
constexpr double mean_count = 5. / 3;  // the unit fires 4, 1 and 0 times

std::unique_ptr<EventPropLif<double>> unit_with(const CountPushParams& push, const std::string& engine = "event",
                                                double dt = 1e-3, double refractory = 0) {
  static const Registry house = builtin_registry();
  EventPropLifParams p;
  p.units = 1, p.engine = engine, p.dt = dt, p.refractory = refractory, p.count_push = push, p.silent_push = 1e-3,
  p.learn_thresholds = true;
  Tensor<double> w({2, 1});
  std::ranges::copy(weights, w.flat().begin());
  p.weights.array = std::make_shared<Array>(w);
  const std::shared_ptr<const Initialiser> initialiser =
      house.make<Initialiser>("initialiser", p.initialiser, "initialiser");
  auto layer = std::make_unique<EventPropLif<double>>(p, EventPropLif<double>::Parts{initialiser, initialiser});
  layer->build(Shape{2}, "layer", 1);
  return layer;
}

void fill(Activity<double>& in, std::size_t first, std::size_t end) {
  SpikeTimes<double>& spikes = in.make_times(end - first, 2, duration);
  for (std::size_t i = first; i < end; ++i) {
    for (const Input& input : samples[i]) spikes.add(input.time, static_cast<SpikeTimes<double>::Unit>(input.unit));
    spikes.end_sample();
  }
}

struct Pass {
  std::vector<std::vector<double>> spikes;  ///< of each sample, in time
  std::vector<double> gradient{0, 0, 0};    ///< by both weights and the threshold
  std::vector<double> in;
};

/// Samples [0, 3) in shards that end where `ends` says, with ∂E/∂t = `above` at all answers.
Pass pass_of(const EventPropLif<double>& layer, const std::vector<std::size_t>& ends, double above,
             Mode mode = Mode::train, bool asked = true) {
  std::vector<Activity<double>> in(ends.size()), out(ends.size());
  std::vector<Tape> tapes(ends.size());
  std::vector<ForwardShard<double>> shards;
  const Context context{mode, 0, 0, 0, {}};
  for (std::size_t s = 0; s < ends.size(); ++s) {
    fill(in[s], s == 0 ? 0 : ends[s - 1], ends[s]);
    shards.push_back({&in[s], &out[s], &context, &tapes[s]});
  }
  layer.forward_batch(shards, [](std::size_t count, const std::function<void(std::size_t)>& task) {
    for (std::size_t i = count; i-- > 0;) task(i);  // in any order
  });
  Pass pass;
  Tensor<double> of_weights({2, 1}), of_threshold({1});
  const std::vector<View<double>> gradient{of_weights.view(), of_threshold.view()};
  for (std::size_t s = 0; s < ends.size(); ++s) {
    if (asked) layer.penalty(tapes[s]);
    Activity<double> slope, below;
    std::ranges::fill(slope.make_per_event(out[s].times()), above);
    layer.backward(slope, &below, tapes[s], gradient);
    const auto found = std::as_const(below).per_event();
    pass.in.insert(pass.in.end(), found.begin(), found.end());
    for (std::size_t i = 0; i < out[s].times().samples(); ++i) {
      std::vector<double>& spikes = pass.spikes.emplace_back();
      for (const double t : out[s].times().times(i))
        if (t < duration) spikes.push_back(t);
    }
  }
  pass.gradient = {of_weights(0, 0), of_weights(1, 0), of_threshold(0)};
  return pass;
}

/// λ of the papers, walked back event by event through a sample: what the push alone adds to the gradient. While a membrane is held at 0 after
/// a spike (`refractory`) λ_V is 0, and what it was when the membrane was let go moves with the spike.
void add_plainly(std::size_t sample, const std::vector<double>& spikes, double excess, std::vector<double>& gradient,
                 double refractory = 0) {
  const auto current = [&](double t) {  // just before t
    double i = 0;
    for (const Input& input : samples[sample])
      if (input.time < t) i += weights[input.unit] * std::exp(-(t - input.time) / tau_synapse);
    return i;
  };
  double lambda_v = 0, lambda_i = 0, now = duration;
  const auto back_to = [&](double t) {
    const double s = now - t, em = std::exp(-s / tau_membrane), es = std::exp(-s / tau_synapse);
    lambda_i = lambda_i * es + tau_membrane / (tau_membrane - tau_synapse) * lambda_v * (em - es);
    lambda_v *= em, now = t;
  };
  std::size_t a = samples[sample].size();
  const auto arrivals_from = [&](double t) {
    for (; a > 0 && samples[sample][a - 1].time > t; --a) {
      back_to(samples[sample][a - 1].time);
      gradient[samples[sample][a - 1].unit] -= tau_synapse * lambda_i;
    }
    back_to(t);
  };
  for (std::size_t k = spikes.size(); k-- > 0;) {
    const double t = spikes[k], free = t + refractory;
    double of_restart = 0;
    if (free < duration) {
      arrivals_from(free);
      of_restart = lambda_v * current(free);
      lambda_v = 0;
    }
    arrivals_from(t);
    lambda_v = of_restart / (current(t) - 1) - strength * excess;  // θ = 1
    gradient[2] += tau_membrane * lambda_v;
  }
  arrivals_from(-1);
}

TEST(CountPush, IsWhatAPlainWalkBackFinds) {
  for (const char* of : {"batch", "sample"}) {
    SCOPED_TRACE(of);
    const auto pushed = unit_with({strength, target, of}), free = unit_with({0, target, of});
    EXPECT_TRUE(pushed->has_surrogate_gradient());
    EXPECT_FALSE(free->has_surrogate_gradient());
    const Pass with = pass_of(*pushed, {3}, 0.4), without = pass_of(*free, {3}, 0.4);
    ASSERT_EQ(with.spikes[0].size(), 4u);
    ASSERT_EQ(with.spikes[1].size(), 1u);
    ASSERT_EQ(with.spikes[2].size(), 0u);  // its answer is no spike
    std::vector<double> expected{0, 0, 0};
    for (std::size_t i = 0; i < 3; ++i)
      add_plainly(i, with.spikes[i],
                  (of == std::string("batch") ? mean_count : static_cast<double>(with.spikes[i].size())) - target,
                  expected);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_GT(std::abs(expected[i]), 1e-3);
      EXPECT_NEAR(with.gradient[i] - without.gradient[i], expected[i], 1e-12) << i;
    }
    EXPECT_GT(expected[0], 0);  // it fires too often: smaller weights
  }
}

TEST(CountPush, IsThatOfUnitsThatRest) {
  constexpr double refractory = 3e-3;
  const Pass with = pass_of(*unit_with({strength, target, "sample"}, "event", 1e-3, refractory), {3}, 0.4),
             without = pass_of(*unit_with({}, "event", 1e-3, refractory), {3}, 0.4);
  ASSERT_GE(with.spikes[0].size(), 3u);
  ASSERT_NE(with.spikes[0], pass_of(*unit_with({}), {3}, 0).spikes[0]);
  std::vector<double> expected{0, 0, 0};
  for (std::size_t i = 0; i < 3; ++i)
    add_plainly(i, with.spikes[i], static_cast<double>(with.spikes[i].size()) - target, expected, refractory);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(with.gradient[i] - without.gradient[i], expected[i], 1e-12) << i;
}

TEST(CountPush, ComesNearThatOnAGridAsStepsGetShort) {
  double before = INFINITY;
  for (const double dt : {4e-4, 1e-4, 2.5e-5}) {
    const Pass with = pass_of(*unit_with({strength, target, "batch"}, "grid", dt), {3}, 0.4),
               without = pass_of(*unit_with({}, "grid", dt), {3}, 0.4);
    ASSERT_EQ(with.spikes[0].size(), 4u);
    std::vector<double> expected{0, 0, 0};
    for (std::size_t i = 0; i < 2; ++i)
      add_plainly(i, pass_of(*unit_with({}), {3}, 0).spikes[i], mean_count - target, expected);
    double away = 0;
    for (std::size_t i = 0; i < 3; ++i)
      away = std::max(away, std::abs((with.gradient[i] - without.gradient[i]) / expected[i] - 1));
    EXPECT_LT(away, 0.5 * before) << dt;
    before = away;
  }
  EXPECT_LT(before, 0.01);
}

TEST(CountPush, MeansAreOverTheBatchWhateverItsShards) {
  const auto layer = unit_with({strength, target, "batch"});
  EXPECT_TRUE(layer->couples_samples());
  EXPECT_FALSE(unit_with({strength, target, "sample"})->couples_samples());
  EXPECT_FALSE(unit_with({})->couples_samples());
  const Pass one = pass_of(*layer, {3}, 0.4), parts = pass_of(*layer, {1, 3}, 0.4);
  EXPECT_EQ(one.in, parts.in);
  EXPECT_EQ(one.gradient, parts.gradient);
}

TEST(CountPush, OnlyALossOfTrainingThatAskedIsPushed) {
  for (const char* engine : {"event", "grid"}) {
    const Pass free = pass_of(*unit_with({}, engine), {3}, 0.4);
    const auto layer = unit_with({strength, target, "batch"}, engine);
    EXPECT_NE(pass_of(*layer, {3}, 0.4).gradient, free.gradient);
    for (const Pass& pass : {pass_of(*layer, {3}, 0.4, Mode::eval), pass_of(*layer, {3}, 0.4, Mode::train, false)}) {
      EXPECT_EQ(pass.gradient, free.gradient);
      EXPECT_EQ(pass.in, free.in);
    }
  }
}

}  // namespace
}  // namespace neurarium
