// Events and dynamics on every instruction set against their plain loops: the same bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "neurarium/core/pool.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/events.hpp"
#include "neurarium/kernels/lif.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
Tensor<T> drawn(const Shape& shape, const char* name, double low, double high) {
  Tensor<T> numbers(shape);
  fill_uniform(Stream(5, name), {}, low, high, numbers.flat());
  return numbers;
}

void on_every_target(const std::function<void()>& task) {
  for (const std::int64_t target : runnable_targets()) {
    SCOPED_TRACE(target);
    force_target(target);
    task();
  }
  force_target(0);
}

template <class T>
class Spiking : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Spiking, Scalars);

StepSpikes drawn_spikes(std::size_t steps, std::size_t units) {
  StepSpikes spikes(steps, units);
  for (std::uint32_t t = 0; t < steps; ++t) {
    std::vector<StepSpikes::Unit> fired;
    for (std::uint32_t j = 0; j < units; ++j) {
      const double u = uniform(Stream(2, "spikes"), {0, 0, t, j});
      if (u < 0.3) fired.push_back(static_cast<StepSpikes::Unit>(j));
      if (u < 0.05) fired.push_back(static_cast<StepSpikes::Unit>(j));
    }
    spikes.add_step(fired);
  }
  return spikes;
}

TYPED_TEST(Spiking, RowsAreGatheredAndScattered) {
  using T = TypeParam;
  for (const std::size_t width : {16U, 32U, 48U, 112U, 176U}) {
    const std::size_t steps = 9, units = 13;
    const StepSpikes spikes = drawn_spikes(steps, units);
    const EventRows events{spikes.rows(0), spikes.all(), steps};
    const auto weights = drawn<T>({units, width}, "w", -1, 1), rows = drawn<T>({steps, width}, "r", -1, 1);
    const auto start = drawn<T>({width}, "b", -1, 1);
    Tensor<T> sums({steps, width}), back = drawn<T>({units, width}, "g", -1, 1), back_before = back;
    reference::gather_rows<T>(events, weights.view(), start.flat(), sums.view());
    reference::scatter_rows<T>(events, rows.view(), back.view());
    on_every_target([&] {
      Tensor<T> found({steps, width}), found_back = back_before;
      gather_rows<T>(events, weights.view(), start.flat(), found.view());
      scatter_rows<T>(events, rows.view(), found_back.view());
      EXPECT_TRUE(std::ranges::equal(found.flat(), sums.flat()));
      EXPECT_TRUE(std::ranges::equal(found_back.flat(), back.flat()));
    });
  }
}

// Turned, the same rows get the same bits.
TYPED_TEST(Spiking, TurnedEventsScatterAlike) {
  using T = TypeParam;
  for (const std::size_t width : {16U, 48U, 112U})
    for (const std::size_t steps : {3U, 41U, 300U}) {
      const std::size_t units = 13;
      WorkerPool pool(1);
      const StepSpikes spikes = drawn_spikes(steps, units);
      const SpikesByUnit turned = SpikesView(spikes).turned_copy(pool);
      const EventRows events{spikes.rows(0), spikes.all(), steps};
      const auto rows = drawn<T>({steps, width}, "r", -1, 1), before = drawn<T>({units, width}, "g", -1, 1);
      Tensor<T> expected = before, plain = before;
      reference::scatter_rows<T>(events, rows.view(), expected.view());
      reference::scatter_turned_rows<T>(turned.sample(0), rows.view(), plain.view());
      EXPECT_TRUE(std::ranges::equal(plain.flat(), expected.flat()));
      on_every_target([&] {
        Tensor<T> found = before;
        scatter_turned_rows<T>(turned.sample(0), rows.view(), found.view());
        EXPECT_TRUE(std::ranges::equal(found.flat(), expected.flat()));
      });
      EXPECT_THROW(
          scatter_turned_rows<T>(turned.sample(0), rows.view(), View<T>(expected.data(), Shape{units - 1, width})),
          ShapeError);
    }
}

TYPED_TEST(Spiking, EventsAreAddedUpByUnit) {
  using T = TypeParam;
  for (const std::size_t steps : {1U, 9U, 400U}) {
    const StepSpikes spikes = drawn_spikes(steps, 13);
    const EventRows events{spikes.rows(0), spikes.all(), steps};
    const auto per_step = drawn<T>({steps}, "c", -1, 1);
    std::vector<T> expected(13, T{1}), found = expected;
    reference::add_per_event<T>(events, per_step.data(), expected.data());
    add_per_event<T>(events, per_step.data(), found.data());
    EXPECT_EQ(found, expected);
  }
}

template <class T>
struct Course {
  Tensor<T> current, before, spike, adaptation, hold, out, weights;
  StepSpikes events;
  std::vector<T> sums, per_unit;
};

// Every kind of unit, driven by events or by numbers, with slopes and gradients from above in both forms.
TYPED_TEST(Spiking, DynamicsAreTheSameForwardAndBackward) {
  using T = TypeParam;
  constexpr std::size_t width = 48, units = 41, inputs = 13, steps = 40;
  const auto decay = drawn<T>({width}, "decay", 0.5, 0.95), threshold = drawn<T>({width}, "threshold", 0.5, 1.5),
             beta = drawn<T>({width}, "beta", 0.3, 0.8), rho = drawn<T>({width}, "rho", 0.8, 0.99),
             kappa = drawn<T>({width}, "kappa", 0.1, 0.5), weights = drawn<T>({inputs, width}, "weights", -0.4, 0.7),
             start = drawn<T>({width}, "start", -0.1, 0.1), per_unit = drawn<T>({width}, "unit", -1, 1),
             per_step = drawn<T>({steps}, "step", 0, 1), noise = drawn<T>({steps, width}, "noise", -0.3, 0.3);
  const StepSpikes spikes = drawn_spikes(steps, inputs);
  const LifInputs<T> driven{{spikes.rows(0), spikes.all(), steps}, weights.data(), start.data()};
  Tensor<T> input({steps, width}), above({steps, width});
  reference::gather_rows<T>(driven.events, weights.view(), start.flat(), input.view());
  for (std::size_t t = 0; t < steps; ++t)
    for (std::size_t j = 0; j < width; ++j) above(t, j) = per_step(t) * per_unit(j);
  const SurrogateCurve<T> curve{SurrogateKind::sigmoid, T{5}, T{1}};
  for (int variant = 0; variant < 96; ++variant) {
    LifUnits<T> lif{width, decay.data(), threshold.data()};
    lif.reset = static_cast<Reset>(variant % 3);
    lif.detach_reset = variant / 3 % 2;
    if (variant / 6 % 2) lif.synapse_decay = beta.data();
    if (variant / 12 % 2) lif.adaptation_decay = rho.data(), lif.adaptation_strength = kappa.data();
    if (variant / 48) lif.threshold_noise = noise.data();
    if (variant / 24 % 2) {
      if (lif.adaptation_decay) lif.refractory = 3;
      else lif.late = true;
    }
    SCOPED_TRACE(variant);
    const auto course = [&](bool plain, bool fused, std::size_t chunk) {
      Course<T> c;
      c.current = input, c.before = Tensor<T>({steps, width}), c.weights = Tensor<T>({inputs, width});
      c.spike = c.adaptation = c.hold = c.out = c.before;
      c.events.reset(steps, width), c.sums.resize(6 * width);
      std::vector<std::uint8_t> marks(bytes_of_marks<T>(steps, width));
      const LifTrace<T> trace{c.current.data(), c.before.data(),     c.spike.data(),
                              marks.data(),     c.adaptation.data(), c.hold.data()};
      LifState<T> state;
      state.reset(width);
      for (std::size_t t = 0; t < steps; t += chunk) {
        if (plain) reference::lif_forward<T>(lif, trace, t, t + chunk, state);
        else lif_forward<T>(lif, trace, t, t + chunk, state, fused ? &driven : nullptr);
      }
      if (plain) reference::append_events<T>(c.spike.view(), width, c.events);
      else append_events<T>(marks.data(), 0, steps, width, c.events);
      c.per_unit.assign(width, T{1});
      if (plain)
        reference::add_per_event<T>({c.events.rows(0), c.events.all(), steps}, per_step.data(), c.per_unit.data());
      else add_per_mark<T>(marks.data(), steps, width, per_step.data(), c.per_unit.data());
      Tensor<T> slope({steps, width});
      if (plain) reference::lif_distances<T>(lif, trace, steps, slope.data());
      else lif_distances<T>(lif, trace, steps, slope.data());
      surrogate_slopes(curve, slope.flat(), slope.flat());
      LifCostate<T> costate;
      costate.reset(width);
      T* sums = c.sums.data();
      const LifUnitsGradient<T> gradient{sums, sums + width, sums + 2 * width, sums + 3 * width, sums + 4 * width};
      for (std::size_t t = steps; t > 0; t -= chunk) {
        if (plain)
          reference::lif_backward<T>(lif, trace, above.data(), slope.data(), c.out.data(), t - chunk, t, costate,
                                     gradient);
        else if (fused)
          lif_backward<T>(lif, trace, {nullptr, per_step.data(), per_unit.data()}, {nullptr, curve},
                          {c.out.data(), c.weights.data(), driven.events, sums + 5 * width}, t - chunk, t, costate,
                          gradient);
        else
          lif_backward<T>(lif, trace, {above.data()}, {slope.data(), {}}, {c.out.data()}, t - chunk, t, costate,
                          gradient);
      }
      if (fused) return c;
      if (plain) reference::scatter_rows<T>(driven.events, c.out.view(), c.weights.view());
      else scatter_rows<T>(driven.events, c.out.view(), c.weights.view());
      for (std::size_t t = steps; t-- > 0;)
        for (std::size_t j = 0; j < width; ++j) sums[5 * width + j] += c.out(t, j);
      return c;
    };
    on_every_target([&] {
      const Course<T> expected = course(true, false, steps);
      EXPECT_GT(expected.events.events(), units);
      for (const bool fused : {false, true})
        for (const std::size_t chunk : {steps, std::size_t{1}}) {
          SCOPED_TRACE((fused ? "fused, by " : "not fused, by ") + std::to_string(chunk));
          const Course<T> found = course(false, fused, chunk);
          const auto same = [](const auto& a, const auto& b) { return std::ranges::equal(a.flat(), b.flat()); };
          EXPECT_EQ(found.events, expected.events);
          EXPECT_TRUE(same(found.before, expected.before) && same(found.adaptation, expected.adaptation) &&
                      same(found.hold, expected.hold));
          EXPECT_TRUE(same(found.out, expected.out));
          EXPECT_TRUE(same(found.weights, expected.weights));
          EXPECT_EQ(found.sums, expected.sums);
          EXPECT_EQ(found.per_unit, expected.per_unit);
        }
    });
  }
}

TYPED_TEST(Spiking, ManyMarksBecomeEvents) {
  using T = TypeParam;
  constexpr std::size_t width = 160, steps = 7;
  const auto decay = drawn<T>({width}, "decay", 0.5, 0.95), threshold = drawn<T>({width}, "threshold", 0.5, 1.5),
             input = drawn<T>({steps, width}, "input", 0, 2);
  const LifUnits<T> lif{width, decay.data(), threshold.data()};
  Tensor<T> current = input, before({steps, width}), spike = before;
  LifTrace<T> trace{current.data(), before.data(), spike.data(), nullptr, nullptr, nullptr};
  LifState<T> state;
  state.reset(width);
  reference::lif_forward<T>(lif, trace, 0, steps, state);
  StepSpikes expected(steps, width);
  reference::append_events<T>(spike.view(), width, expected);
  EXPECT_GT(expected.events(), steps * width / 3);
  on_every_target([&] {
    std::vector<std::uint8_t> marks(bytes_of_marks<T>(steps, width));
    trace.marks = marks.data();
    state.reset(width);
    lif_forward<T>(lif, trace, 0, steps, state);
    StepSpikes found(steps, width);
    append_events<T>(marks.data(), 0, steps, width, found);
    EXPECT_EQ(found, expected);
  });
}

}  // namespace
}  // namespace neurarium::kernels
