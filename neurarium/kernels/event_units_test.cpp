// A vector of units at a time against one unit after another (event_unit.hpp, event_unit_backward.hpp), on every instruction set.
#include "neurarium/kernels/event_units.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "neurarium/core/rng.hpp"
#include "neurarium/core/tensor.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
struct Layer {
  Tensor<T> weights;
  std::vector<T> threshold;
  std::vector<Arrival<T>> arrivals;
  std::vector<Flow<T>> flows;
  TimeConstants<T> tau;
  Layer(std::size_t units, T tau_synapse, std::uint64_t seed, std::size_t count = 20)
      : weights(Shape{4, units}), threshold(units), tau(T(0.02), tau_synapse) {
    Tensor<double> lots(Shape{5, std::max(units, count)});
    fill_uniform(Stream(seed, "layer"), {}, 0, 1, lots.flat());
    for (std::size_t j = 0; j < units; ++j) {
      for (std::size_t i = 0; i < 4; ++i) weights(i, j) = static_cast<T>(-1 + 5 * lots(i, j));
      threshold[j] = static_cast<T>(0.5 + lots(4, j));
    }
    T time = 0;
    for (std::size_t e = 0; e < count; ++e) {
      time += static_cast<T>(lots(e % 5, e) < 0.2 ? 0 : 0.006 * lots(e % 5, e));  // some come together
      arrivals.push_back({time, static_cast<std::uint32_t>(e), weights.data() + e % 4 * units});
    }
    for (std::size_t a = 0; a <= count; ++a) flows.push_back(flow(course().until(a) - course().since(a), tau));
  }
  Course<T> course() const { return {arrivals, flows.data(), T(0.09)}; }
};

template <class T>
void compare(std::size_t units, T tau_synapse, T tolerance) {
  const Layer<T> layer(units, tau_synapse, units);
  const Course<T> course = layer.course();
  std::vector<LayerSpike<T>> plain, quick;
  std::vector<OwnSpike<T>> own;
  std::vector<std::size_t> first_own{0};
  std::vector<T> weights(4 * units), times(20), thresholds(units), quick_weights(4 * units), quick_times(20),
      quick_thresholds(units);
  for (std::size_t j = 0; j < units; ++j) {
    forward_unit(j, course, layer.tau, layer.threshold[j], [&](T time, T slope) {
      plain.push_back({time, static_cast<std::uint32_t>(j), slope});
      own.push_back({time, slope, static_cast<T>(std::sin(static_cast<double>(own.size())))});
      return true;
    });
    first_own.push_back(own.size());
    const std::span spikes(own.data() + first_own[j], first_own[j + 1] - first_own[j]);
    if (spikes.empty()) continue;
    thresholds[j] = backward_unit<T>(j, course, layer.tau, layer.threshold[j], spikes, T{0}, T{0}, false,
                                     [&](const Arrival<T>& arrival, T q, T of_time) {
                                       weights[arrival.event % 4 * units + j] += q;
                                       times[arrival.event] += arrival.row[j] * of_time;
                                     })
                        .threshold;
  }
  ASSERT_GT(plain.size(), units / 2);
  std::ranges::sort(plain, std::less<>{});
  for (const std::int64_t target : runnable_targets()) {
    SCOPED_TRACE(target);
    quick.clear();
    for (auto* sums : {&quick_weights, &quick_times, &quick_thresholds}) std::ranges::fill(*sums, T{0});
    force_target(target);
    forward_units<T>(course, layer.tau, layer.threshold, 100000, quick);
    backward_units<T>(course, layer.tau, layer.threshold, own, first_own.data(),
                      {layer.weights.data(), quick_weights.data(), quick_times.data(), quick_thresholds.data()});
    force_target(0);
    std::ranges::sort(quick, std::less<>{});
    ASSERT_EQ(quick.size(), plain.size());
    for (std::size_t k = 0; k < plain.size(); ++k) {
      EXPECT_EQ(quick[k].time, plain[k].time) << k;
      EXPECT_EQ(quick[k].unit, plain[k].unit) << k;
      EXPECT_EQ(quick[k].slope, plain[k].slope) << k;
    }
    EXPECT_EQ(quick_weights, weights);
    EXPECT_EQ(quick_thresholds, thresholds);
    T largest = 0;
    for (const T x : times) largest = std::max(largest, std::abs(x));
    for (std::size_t e = 0; e < times.size(); ++e) EXPECT_NEAR(quick_times[e], times[e], tolerance * largest) << e;
  }
}

TEST(EventUnits, ArePlainUnitsManyAtATime) {
  for (const std::size_t units : {1u, 3u, 8u, 21u, 64u})
    for (const double tau_synapse : {0.005, 0.01, 0.02, 0.0133, 0.05}) {
      SCOPED_TRACE(std::to_string(units) + " units, " + std::to_string(tau_synapse));
      compare<float>(units, static_cast<float>(tau_synapse), 1e-5F);
      compare<double>(units, tau_synapse, 1e-13);
    }
}

template <class T>
void compare_bounds() {
  constexpr T never = std::numeric_limits<T>::infinity();
  for (const std::size_t units : {1u, 7u, 16u, 37u}) {
    Tensor<double> lots(Shape{5, units});
    fill_uniform(Stream(units, "bounds"), {}, 0, 1, lots.flat());
    std::vector<T> row, threshold, tau, v, i, expected;
    for (std::size_t j = 0; j < units; ++j) {
      const auto lot = [&](std::size_t k) { return static_cast<T>(lots(k, j)); };
      row.push_back(3 * lot(0)), threshold.push_back(T(0.5) + lot(1)), tau.push_back(T(0.01) + lot(2));
      v.push_back(j % 5 == 4 ? threshold[j] : lot(3) - T(0.6)), i.push_back(lot(4) - T(0.5));
      // the tangent at 0.25 s
      const T current = i[j] + row[j];
      expected.push_back(current <= threshold[j] ? never
                         : j % 5 == 4            ? T(0.25)
                                                 : T(0.25) + tau[j] * (threshold[j] - v[j]) / (current - v[j]));
    }
    for (const std::int64_t target : runnable_targets()) {
      std::vector<T> found_i = i, next(units);
      force_target(target);
      add_and_bound<T>(row.data(), threshold.data(), tau.data(), T(0.25), v, found_i.data(), next.data());
      const T least = least_of<T>(next);
      force_target(0);
      EXPECT_EQ(next, expected);
      for (std::size_t j = 0; j < units; ++j) EXPECT_EQ(found_i[j], i[j] + row[j]);
      EXPECT_EQ(least, *std::ranges::min_element(expected));
    }
  }
}

TEST(EventUnits, ThatDriveEachOtherAreBoundedByTheirTangents) {
  compare_bounds<float>();
  compare_bounds<double>();
  EXPECT_EQ(least_of<double>({}), std::numeric_limits<double>::infinity());
}

TEST(EventUnits, StopWhenThereAreTooManySpikes) {
  const Layer<float> layer(5, 0.005F, 1);
  std::vector<LayerSpike<float>> spikes;
  forward_units<float>(layer.course(), layer.tau, layer.threshold, 4, spikes);
  EXPECT_EQ(spikes.size(), 5u);
}

}  // namespace
}  // namespace neurarium::kernels
