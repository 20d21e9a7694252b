// DeepFool on linear networks, where the smallest change has a closed form.
#include <gtest/gtest.h>

#include "neurarium/neurarium.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/linear_network_test.hpp"

namespace neurarium {
namespace {

const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

template <class T>
std::unique_ptr<Attack<T>> deepfool(const char* norm, double overshoot = 0.02, std::int64_t candidates = 10) {
  Value settings = Value::table();
  settings.set("norm", norm);
  settings.set("overshoot", overshoot);
  settings.set("candidates", candidates);
  return house().make<Attack<T>>("attack", {"deepfool", settings});
}

template <class T>
void goes_exactly_as_far_as_it_must(double tolerance) {
  for (const std::size_t classes : {2u, 5u})
    for (const Norm norm : {Norm::linf, Norm::l2}) {
      const LinearNetwork<T> network(classes, 12, 1, 3);
      Trial<T> trial(network, 30, 0, 1, {-10, 10});
      trial.run(*deepfool<T>(name_of(norm)), network);
      for (std::size_t i = 0; i < 30; ++i) {
        ASSERT_TRUE(trial.fooled[i]) << classes << " classes, sample " << i;
        const double far = distance<T>(norm, trial.result(i), trial.sample(i));
        EXPECT_NEAR(far / network.radius(trial.sample(i), norm), 1.02, tolerance) << name_of(norm);
      }
    }
}
TEST(Deepfool, GoesExactlyAsFarAsItMustAndOvershoots) { goes_exactly_as_far_as_it_must<double>(1e-9); }
TEST(Deepfool, GoesExactlyAsFarAsItMustInFloat) { goes_exactly_as_far_as_it_must<float>(2e-4); }

TEST(Deepfool, StaysWithinTheBounds) {
  const LinearNetwork<double> network(4, 12, 1, 3);
  for (const char* norm : {"linf", "l2"}) {
    Trial<double> trial(network, 30, 0, 1, {0, 1});
    trial.run(*deepfool<double>(norm), network);
    EXPECT_TRUE(trial.within_bounds());
    EXPECT_GT(std::ranges::count(trial.fooled, true), 20);
  }
}

TEST(Deepfool, CrossesABorderThatBoundsStandBefore) {
  // Half of the numbers lie on the bound they would have to leave; the others alone must do it: √10 / 10 instead of √20 / 20.
  Tensor<double> weights(Shape{2, 20});
  for (std::size_t j = 0; j < 20; ++j) weights(1, j) = 1;
  const LinearNetwork<double> network(std::move(weights), {11, 0});
  Trial<double> trial(network, 1, 0, 1, {0, 1});
  for (std::size_t j = 0; j < 20; ++j) trial.x(0, j) = j < 10 ? 1 : 0;
  trial.labels[0] = 0;
  trial.run(*deepfool<double>("l2"), network);
  EXPECT_TRUE(trial.fooled[0]);
  EXPECT_NEAR(distance<double>(Norm::l2, trial.result(0), trial.sample(0)), 1.02 / std::sqrt(10.0), 1e-9);
}

TEST(Deepfool, LooksOnlyAtTheCandidates) {
  // The nearest border is that of the last class, which is the weakest at x = 0: among two candidates it is not seen.
  Tensor<double> weights(Shape{3, 2});
  weights(1, 0) = 0.5, weights(2, 1) = 10;
  const LinearNetwork<double> network(std::move(weights), {1, 0.5, 0});
  const auto far = [&](std::int64_t candidates) {
    Trial<double> trial(network, 1, 0, 1e-12, {-10, 10});
    trial.run(*deepfool<double>("l2", 0.02, candidates), network);
    return distance<double>(Norm::l2, trial.result(0), trial.sample(0));
  };
  EXPECT_NEAR(far(0), 0.1 * 1.02, 1e-9);
  EXPECT_NEAR(far(3), 0.1 * 1.02, 1e-9);
  EXPECT_NEAR(far(2), 1 * 1.02, 1e-9);
  EXPECT_THROW(deepfool<double>("l2", 0.02, 1), SpecError);
}

TEST(Deepfool, GivesUpWhereThereIsNoGradient) {
  const LinearNetwork<double> network(Tensor<double>(Shape{3, 4}), {0, 0, 0});
  Trial<double> trial(network, 5, 0, 1, {0, 1});
  trial.run(*deepfool<double>("linf"), network);
  EXPECT_EQ(std::ranges::count(trial.fooled, true), 0);
  EXPECT_EQ(distance<double>(Norm::linf, trial.changed.flat(), trial.x.flat()), 0);
  EXPECT_EQ(trial.tally.zero, trial.tally.all);
  EXPECT_EQ(trial.queries, 5u);
}

TEST(Deepfool, LeavesABorder) {
  Tensor<double> weights(Shape{2, 2});
  weights(1, 0) = 1;
  const LinearNetwork<double> network(std::move(weights), {0, 0});
  Trial<double> trial(network, 1, 0, 1e-300, {0, 1});  // a tie, which the first class wins
  trial.x.fill(0), trial.labels[0] = 0;
  trial.run(*deepfool<double>("l2"), network);
  EXPECT_TRUE(trial.fooled[0]);
  EXPECT_LT(distance<double>(Norm::l2, trial.result(0), trial.sample(0)), 1.1e-4);
}

TEST(Deepfool, DoesNotDependOnTheShard) {
  const LinearNetwork<double> network(6, 12, 1, 3);
  Trial<double> whole(network, 30, 0, 1, {0, 1}), pieces(network, 30, 0, 1, {0, 1});
  whole.run(*deepfool<double>("l2"), network);
  pieces.run(*deepfool<double>("l2"), network, 0, 7);
  EXPECT_TRUE(std::ranges::equal(whole.changed.flat(), pieces.changed.flat()));
}

}  // namespace
}  // namespace neurarium
