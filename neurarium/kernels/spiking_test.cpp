// Events and dynamics on every instruction set against their plain loops: the same bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

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

TYPED_TEST(Spiking, SpikesBecomeEvents) {
  using T = TypeParam;
  for (const std::size_t units : {1U, 15U, 16U, 33U, 130U}) {
    const std::size_t width = (units + 15) / 16 * 16;
    Tensor<T> spikes({7, width});
    for (std::uint32_t t = 0; t < 7; ++t)
      for (std::uint32_t j = 0; j < units; ++j)
        spikes(t, j) = uniform(Stream(1, "s"), {0, 0, t, j}) < 0.3 ? T{1} : T{0};
    StepSpikes expected(7, units);
    reference::append_events<T>(spikes.view(), units, expected);
    on_every_target([&] {
      StepSpikes found(7, units);
      append_events<T>(spikes.view(), units, found);
      EXPECT_EQ(found, expected);
    });
  }
}

TYPED_TEST(Spiking, DynamicsAreTheSameForwardAndBackward) {
  using T = TypeParam;
  constexpr std::size_t width = 48, steps = 40;
  const auto decay = drawn<T>({width}, "decay", 0.5, 0.95), threshold = drawn<T>({width}, "threshold", 0.5, 1.5),
             beta = drawn<T>({width}, "beta", 0.3, 0.8), rho = drawn<T>({width}, "rho", 0.8, 0.99),
             kappa = drawn<T>({width}, "kappa", 0.1, 0.5), input = drawn<T>({steps, width}, "input", -0.4, 0.9),
             above = drawn<T>({steps, width}, "above", -1, 1), slope = drawn<T>({steps, width}, "slope", 0, 1);
  for (int variant = 0; variant < 48; ++variant) {
    LifUnits<T> units{width, decay.data(), threshold.data()};
    units.reset = static_cast<Reset>(variant % 3);
    units.detach_reset = variant / 3 % 2;
    if (variant / 6 % 2) units.synapse_decay = beta.data();
    if (variant / 12 % 2) units.adaptation_decay = rho.data(), units.adaptation_strength = kappa.data();
    if (variant / 24 == 1) {
      if (units.adaptation_decay) units.refractory = 3;
      else units.late = true;
    }
    SCOPED_TRACE(variant);
    struct Course {
      Tensor<T> current, before{Shape{steps, width}}, spike = before, adaptation = before, hold = before, out = before,
                                                      distances = before;
      std::vector<T> sums = std::vector<T>(5 * width);
      bool operator==(const Course& o) const {
        const auto same = [](const auto& a, const auto& b) { return std::ranges::equal(a.flat(), b.flat()); };
        return same(before, o.before) && same(spike, o.spike) && same(current, o.current) && same(out, o.out) &&
               same(adaptation, o.adaptation) && same(hold, o.hold) && sums == o.sums;
      }
    };
    const auto course = [&](bool plain, std::size_t chunk) {
      Course c;
      c.current = input;
      const LifTrace<T> trace{c.current.data(), c.before.data(), c.spike.data(), c.adaptation.data(), c.hold.data()};
      LifState<T> state;
      state.reset(width);
      for (std::size_t t = 0; t < steps; t += chunk) {
        if (plain) reference::lif_forward<T>(units, trace, t, t + chunk, state);
        else lif_forward<T>(units, trace, t, t + chunk, state);
      }
      LifCostate<T> costate;
      costate.reset(width);
      T* sums = c.sums.data();
      const LifUnitsGradient<T> gradient{sums, sums + width, sums + 2 * width, sums + 3 * width, sums + 4 * width};
      for (std::size_t t = steps; t > 0; t -= chunk) {
        if (plain)
          reference::lif_backward<T>(units, trace, above.data(), slope.data(), c.out.data(), t - chunk, t, costate,
                                     gradient);
        else lif_backward<T>(units, trace, above.data(), slope.data(), c.out.data(), t - chunk, t, costate, gradient);
      }
      return c;
    };
    const Course expected = course(true, steps);
    EXPECT_TRUE(std::ranges::any_of(expected.spike.flat(), [](T s) { return s > 0; }));
    on_every_target([&] {
      EXPECT_TRUE(course(false, steps) == expected);
      const Course step_by_step = course(false, 1);
      EXPECT_TRUE(std::ranges::equal(step_by_step.spike.flat(), expected.spike.flat()));
      EXPECT_TRUE(std::ranges::equal(step_by_step.out.flat(), expected.out.flat()));
    });
  }
}

}  // namespace
}  // namespace neurarium::kernels
