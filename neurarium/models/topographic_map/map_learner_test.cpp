// The passes against the same rule in plain loops, on every instruction set this processor has; and against themselves:
// neither the order of the passes nor the number of threads changes a bit.
#include "neurarium/models/topographic_map/map_learner.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::topographic {
namespace {

template <class T>
Rule<T> rule(std::size_t rows, std::size_t columns, std::size_t radius) {
  Rule<T> r;
  r.rows = r.source_rows = rows;
  r.columns = r.source_columns = columns;
  r.radius = radius;
  r.learning_rate = T(0.02);
  r.threshold_rate = T(0.01);
  r.sparsity = T(0.05);
  r.precision = T(1e-10);
  r.largest_growth = 1;
  return r;
}

template <class T>
struct State {
  State(const Rule<T>& r, std::size_t inputs)
      : weights(Shape{r.rows * r.columns, inputs}), thresholds(Shape{r.rows * r.columns}) {
    fill_uniform(Stream(1, "weights"), {}, 0.01, 0.2, weights.flat());
    fill_uniform(Stream(1, "thresholds"), {}, -0.5, 2, thresholds.flat());
  }
  Tensor<T> weights, thresholds;
};

Array bytes(std::size_t samples, std::size_t inputs) {
  Tensor<double> x(Shape{samples, inputs});
  fill_uniform(Stream(2, "samples"), {}, 0, 255.99, x.flat());
  return converted(ArrayView(x.view()), DType::u8);
}

template <class T>
void expect_near(const Tensor<T>& found, const Tensor<T>& expected) {
  const double tolerance = sizeof(T) == 4 ? 2e-4 : 1e-12;
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(static_cast<double>(found.flat()[i]), static_cast<double>(expected.flat()[i]),
                tolerance * (1e-3 + std::abs(static_cast<double>(expected.flat()[i]))))
        << i;
}

template <class T>
bool same_bits(const State<T>& a, const State<T>& b) {
  return std::memcmp(a.weights.data(), b.weights.data(), a.weights.size() * sizeof(T)) == 0 &&
         std::memcmp(a.thresholds.data(), b.thresholds.data(), a.thresholds.size() * sizeof(T)) == 0;
}

template <class T>
class MapPasses : public testing::Test {
 protected:
  void TearDown() override { kernels::force_target(0); }

  static void expect_plain(const Rule<T>& r, std::size_t inputs, std::uint64_t first_step = 0) {
    SCOPED_TRACE("floor " + std::to_string(r.activity_floor) + " clip every " + std::to_string(r.clip_every) + ": " +
                 std::to_string(r.rows) + " × " + std::to_string(r.columns) + ", " + std::to_string(inputs) +
                 " inputs, radius " + std::to_string(r.radius));
    const Array x = bytes(25, inputs);
    State<T> fast(r, inputs), plain(r, inputs);
    WorkerPool pool(1);
    MapLearner<T> learner(r, inputs);
    const Samples samples{x, 255, first_step};
    EXPECT_FALSE(learner.observe(fast.weights.view(), fast.thresholds.view(), samples, pool).found);
    EXPECT_FALSE(learn_plainly(r, plain.weights.view(), plain.thresholds.view(), samples).found);
    expect_near(fast.weights, plain.weights);
    expect_near(fast.thresholds, plain.thresholds);
  }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(MapPasses, Scalars);

TYPED_TEST(MapPasses, EqualThePlainLoopsForAnyShape) {
  for (const std::int64_t target : kernels::runnable_targets()) {
    kernels::force_target(target);
    this->expect_plain(rule<TypeParam>(1, 1, 0), 1);
    this->expect_plain(rule<TypeParam>(1, 1, 3), 7);  // nobody is near
    this->expect_plain(rule<TypeParam>(3, 5, 1), 16);
    this->expect_plain(rule<TypeParam>(7, 3, 2), 33);
    this->expect_plain(rule<TypeParam>(2, 37, 5), 20);  // wider than a vector, reach beyond the grid
    this->expect_plain(rule<TypeParam>(20, 20, 2), 300);
  }
}

TYPED_TEST(MapPasses, EqualThePlainLoopsForEveryWayToLearn) {
  for (const std::int64_t target : kernels::runnable_targets()) {
    kernels::force_target(target);
    for (const bool notebook : {false, true})
      for (const double floor : {0.0, 0.3}) {
        auto r = rule<TypeParam>(6, 9, 1);
        r.activity_floor = static_cast<TypeParam>(floor);
        r.precision = TypeParam(0.02);  // so that clipping has something to clip
        if (notebook) {
          --r.source_rows;
          --r.source_columns;
          r.largest_growth = std::numeric_limits<TypeParam>::infinity();
          r.clip_every = 10;
        }
        this->expect_plain(r, 40, 7);
      }
  }
}

TYPED_TEST(MapPasses, FloorLeavesOthersOut) {
  auto r = rule<TypeParam>(5, 5, 1);
  r.activity_floor = TypeParam(0.999);  // here nobody is above it
  State<TypeParam> state(r, 30), before(r, 30);
  WorkerPool pool(1);
  MapLearner<TypeParam> learner(r, 30);
  for (auto& t : state.thresholds.flat()) t = 20;
  learner.observe(state.weights.view(), state.thresholds.view(), {bytes(3, 30), 255, 0}, pool);
  EXPECT_EQ(std::memcmp(state.weights.data(), before.weights.data(), before.weights.size() * sizeof(TypeParam)), 0);
  for (const auto t : state.thresholds.flat()) EXPECT_LT(t, 20);  // thresholds still follow the activity
}

TYPED_TEST(MapPasses, SameBitsInEitherOrderWithAnyThreads) {
  using T = TypeParam;
  for (const std::size_t columns : {5, 8, 14}) {
    const auto r = rule<T>(48, columns, 2);
    const Array x = bytes(40, 50);
    State<T> expected(r, 50);
    WorkerPool one(1);
    MapLearner<T>(Work<T>(r, 50, make_plan(48, columns, 2, 3, false)))
        .observe(expected.weights.view(), expected.thresholds.view(), {x, 255, 0}, one);
    for (const bool wave : {false, true})
      for (const std::size_t threads : {1, 2, 3}) {
        Work<T> work(r, 50, make_plan(48, columns, 2, 3, wave));
        ASSERT_EQ(work.plan.chunks.size(), 3u);
        State<T> found(r, 50);
        MapLearner<T> learner(std::move(work));
        WorkerPool pool(static_cast<int>(threads));
        learner.learn_with(threads, found.weights.view(), found.thresholds.view(), {x, 255, 0}, pool);
        EXPECT_TRUE(same_bits(found, expected))
            << (wave ? "wave, " : "two passes, ") << threads << " threads, " << columns;
      }
  }
}

TYPED_TEST(MapPasses, SaysWhereItStoppedBeingFinite) {
  using T = TypeParam;
  auto r = rule<T>(3, 3, 1);
  r.largest_growth = std::numeric_limits<T>::infinity();
  r.clip_every = 100;
  State<T> state(r, 20);
  for (T& w : state.weights.flat()) w = std::numeric_limits<T>::max() / 4;
  WorkerPool pool(1);
  MapLearner<T> learner(r, 20);
  const NonFinite failure =
      learner.observe(state.weights.view(), state.thresholds.view(), {bytes(5, 20), 255, 0}, pool);
  EXPECT_TRUE(failure.found);
  EXPECT_EQ(failure.sample, 0u);
  EXPECT_EQ(failure.index, 0u);
}

TEST(Plan, CoversEveryRowOnce) {
  for (const std::size_t rows : {1, 2, 13, 30, 128})
    for (const std::size_t columns : {1, 6, 30})
      for (const std::size_t radius : {0, 2, 3})
        for (const std::size_t chunks : {1, 2, 4}) {
          const Plan plan = make_plan(rows, columns, radius, chunks, true);
          for (const auto* ranges : {&plan.chunks, &plan.bands}) {
            std::size_t next = 0;
            for (const RowRange& range : *ranges) {
              EXPECT_EQ(range.first, next);
              EXPECT_LT(range.first, range.end);
              if (range.end != rows) {
                EXPECT_EQ(range.end * columns % block, 0u);
              }
              next = range.end;
            }
            EXPECT_EQ(next, rows);
          }
        }
}

}  // namespace
}  // namespace neurarium::topographic
