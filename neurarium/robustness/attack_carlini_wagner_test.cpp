// Carlini and Wagner's attack on linear networks, where the smallest change has a closed form.
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
std::unique_ptr<Attack<T>> carlini_wagner(double confidence = 0, std::int64_t iterations = 300) {
  Value settings = Value::table();
  settings.set("learning_rate", 0.01);
  settings.set("confidence", confidence);
  settings.set("iterations", iterations);
  return house().make<Attack<T>>("attack", {"carlini-wagner", settings});
}

template <class T>
void finds_the_nearest_point() {
  for (const std::size_t classes : {2u, 5u}) {
    const LinearNetwork<T> network(classes, 12, 1, 3);
    Trial<T> trial(network, 20, 0.4, 0.6, {0, 1});
    trial.run(*carlini_wagner<T>(), network);
    EXPECT_TRUE(trial.within_bounds());
    for (std::size_t i = 0; i < 20; ++i) {
      const double radius = network.radius(trial.sample(i), Norm::l2);
      if (radius > 0.3) continue;  // further away the bounds may cut the nearest point off
      ASSERT_TRUE(trial.fooled[i]);
      const double far = distance<T>(Norm::l2, trial.result(i), trial.sample(i));
      EXPECT_GE(far, radius * 0.9999);
      // Among many classes descent may end at the border of one that is not the nearest: but then nearest to that.
      const auto reached = static_cast<std::size_t>(network.answer(trial.result(i)));
      // Nearer than one step of Adam, 0.005 of each number, descent can't tell much apart.
      const double here = network.radius(trial.sample(i), reached, Norm::l2);
      EXPECT_LE(far, here > 0.02 ? 1.02 * here : here + 0.009) << classes << " classes, radius " << radius;
    }
  }
}
TEST(CarliniWagner, FindsTheNearestPoint) { finds_the_nearest_point<double>(); }
TEST(CarliniWagner, FindsTheNearestPointInFloat) { finds_the_nearest_point<float>(); }

TEST(CarliniWagner, LeadsByTheConfidenceAskedFor) {
  const LinearNetwork<double> network(3, 12, 1, 3);
  Trial<double> trial(network, 10, 0.4, 0.6, {0, 1});
  trial.run(*carlini_wagner<double>(0.3), network);
  for (std::size_t i = 0; i < 10; ++i) {
    if (!trial.fooled[i]) continue;
    const auto x = trial.result(i);
    const auto now = static_cast<std::size_t>(network.answer(x));
    EXPECT_GE(network.logit(x, now) - network.logit(x, static_cast<std::size_t>(trial.labels[i])), 0.3);
  }
  EXPECT_GT(std::ranges::count(trial.fooled, true), 7);
}

TEST(CarliniWagner, DoesNotDependOnTheUnitsOfTheData) {
  // The same network on 20 x − 10 instead of x, whose bounds are −10 … 10.
  const std::size_t d = 6;
  Tensor<double> weights(Shape{2, d}), wide(Shape{2, d});
  std::vector<double> biases{0.1, 0}, wide_biases = biases;
  fill_uniform(Stream(1, "w"), {}, -1, 1, weights.flat());
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t j = 0; j < d; ++j) {
      wide(c, j) = weights(c, j) / 20;
      wide_biases[c] += weights(c, j) / 2;
    }
  const LinearNetwork<double> small(std::move(weights), biases), large(std::move(wide), wide_biases);
  Trial<double> a(small, 5, 0.3, 0.7, {0, 1}), b(large, 5, 0, 1, {-10, 10});
  for (std::size_t i = 0; i < a.x.size(); ++i) b.x.flat()[i] = 20 * a.x.flat()[i] - 10;
  b.labels = a.labels;
  a.run(*carlini_wagner<double>(), small);
  b.run(*carlini_wagner<double>(), large);
  for (std::size_t i = 0; i < a.x.size(); ++i) EXPECT_NEAR(b.changed.flat()[i], 20 * a.changed.flat()[i] - 10, 1e-6);
}

TEST(CarliniWagner, TakesZeroAndBrokenGradients) {
  Tensor<double> nothing(Shape{3, 4}), broken(Shape{2, 4});
  const LinearNetwork<double> flat(std::move(nothing), {0, 0, 0});
  Trial<double> trial(flat, 5, 0, 1, {0, 1});
  trial.run(*carlini_wagner<double>(), flat);
  EXPECT_EQ(std::ranges::count(trial.fooled, true), 0);
  EXPECT_TRUE(trial.within_bounds());
  broken.fill(std::numeric_limits<double>::infinity());
  const LinearNetwork<double> mad(std::move(broken), {0, 1});
  Trial<double> other(mad, 5, 0, 1, {0, 1});
  other.run(*carlini_wagner<double>(), mad);
  EXPECT_TRUE(other.within_bounds());
}

TEST(CarliniWagner, DoesNotDependOnTheShard) {
  const LinearNetwork<double> network(6, 12, 1, 3);
  Trial<double> whole(network, 12, 0, 1, {0, 1}), pieces(network, 12, 0, 1, {0, 1});
  whole.run(*carlini_wagner<double>(0, 100), network);
  pieces.run(*carlini_wagner<double>(0, 100), network, 0, 5);
  EXPECT_TRUE(std::ranges::equal(whole.changed.flat(), pieces.changed.flat()));
}

}  // namespace
}  // namespace neurarium
