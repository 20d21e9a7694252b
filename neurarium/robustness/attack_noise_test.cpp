// The attacks that are noise: uniform, Gaussian, salt and pepper, shuffled pixels.
#include <gtest/gtest.h>

#include <set>

#include "neurarium/neurarium.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/growing_search.hpp"
#include "neurarium/robustness/linear_network_test.hpp"

namespace neurarium {
namespace {

const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

using Settings = std::vector<std::pair<const char*, Value>>;
template <class T>
std::unique_ptr<Attack<T>> noise(const char* type, const Settings& entries = {}) {
  Value settings = Value::table();
  for (const auto& [key, value] : entries) settings.set(key, value);
  return house().make<Attack<T>>("attack", {type, settings});
}

/// Answers 0 whatever it is shown: every sample keeps its last draw.
template <class T>
LinearNetwork<T> sure(std::size_t inputs) {
  return {Tensor<double>(Shape{2, inputs}), {1, 0}};
}

template <class T>
void draws_have_the_radius() {
  const std::size_t d = 4000;
  const auto network = sure<T>(d);
  Trial<T> trial(network, 3, -0.01, 0.01, {-9, 9});
  const auto spread = [&] {  // root of the mean square, over ε
    return distance<T>(Norm::l2, trial.changed.flat(), trial.x.flat()) / std::sqrt(3.0 * d) / 0.5;
  };
  for (const char* type : {"uniform-noise", "gaussian-noise"}) {
    trial.run(*noise<T>(type, {{"norm", "l2"}, {"repeats", 2}}), network, 0.5);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(distance<T>(Norm::l2, trial.result(i), trial.sample(i)), 0.5, 1e-5);
    trial.run(*noise<T>(type, {{"norm", "linf"}, {"repeats", 2}}), network, 0.5);
    EXPECT_LE(distance<T>(Norm::linf, trial.changed.flat(), trial.x.flat()), 0.5 + 1e-6);
    EXPECT_GT(distance<T>(Norm::linf, trial.changed.flat(), trial.x.flat()), 0.499);
    // Uniform: 1/√3. Normal with a spread of ε/2, cut at two spreads on either side: √(2·(…)) = 0.4796.
    EXPECT_NEAR(spread(), type[0] == 'u' ? 0.57735 : 0.4796, 0.01) << type;
  }
}
TEST(AdditiveNoise, HasTheRadiusAskedFor) { draws_have_the_radius<double>(); }
TEST(AdditiveNoise, HasTheRadiusAskedForInFloat) { draws_have_the_radius<float>(); }

TEST(AdditiveNoise, StaysWithinTheBounds) {
  const auto network = sure<float>(50);
  for (const char* type : {"uniform-noise", "gaussian-noise"})
    for (const char* norm : {"linf", "l2"}) {
      Trial<float> trial(network, 5, 0, 1, {0, 1});
      trial.run(*noise<float>(type, {{"norm", norm}, {"repeats", 3}}), network, 3);
      EXPECT_TRUE(trial.within_bounds());
    }
}

TEST(AdditiveNoise, FoolsWhatChanceCanFoolAndNotMore) {
  // Two numbers, border at x₀ = 0.5: a draw in ±ε passes it now and then if the sample is nearer than ε.
  Tensor<double> weights(Shape{2, 2});
  weights(1, 0) = 1;
  const LinearNetwork<double> network(std::move(weights), {0.5, 0});
  Trial<double> trial(network, 40, 0, 1, {-1, 2});
  for (std::size_t i = 0; i < 40; ++i) trial.x(i, 0) = 0.5 - 0.01 * static_cast<double>(i + 1), trial.labels[i] = 0;
  trial.run(*noise<double>("uniform-noise"), network, 0.2);
  EXPECT_GE(std::ranges::count(trial.fooled, true), 17);  // at 0.19 a draw fools once in 40
  for (std::size_t i = 20; i < 40; ++i) EXPECT_FALSE(trial.fooled[i]);
  // Fooled ones are not shown again: far fewer than 100 looks each.
  EXPECT_LT(trial.queries, 26u * 100);
}

TEST(AdditiveNoise, AsksNothingForASingleDraw) {
  const auto network = sure<double>(4);
  Trial<double> trial(network, 5, 0, 1, {0, 1});
  const auto once = noise<double>("gaussian-noise", {{"repeats", 1}});
  trial.run(*once, network, 0.3);
  EXPECT_EQ(trial.queries, 0u);
  EXPECT_EQ(once->access(), Access::nothing);
  EXPECT_EQ(noise<double>("gaussian-noise")->access(), Access::decisions);
}

TEST(GrowingShare, GrowsThenClosesInOnTheBest) {
  GrowingShare search(10);
  for (std::size_t step = 0; step < 4; ++step) {
    EXPECT_NEAR(search.share(), 0.1 * static_cast<double>(step + 1), 1e-12);
    search.next(step, false);
  }
  search.next(4, true);  // at 0.5: from here between 0.25 and 0.6, in 6 steps
  EXPECT_NEAR(search.share(), 0.25 + 0.35 / 6, 1e-12);
  for (std::size_t step = 5; step < 11; ++step) search.next(step, false);
  EXPECT_NEAR(search.share(), 0.25 + 0.35 / 6, 1e-12);  // at 0.6 it began again
}

TEST(SaltAndPepper, TurnsPixelsBrightOrDarkOverAllChannels) {
  const auto network = sure<double>(3 * 5 * 4);
  Trial<double> trial(network, 6, 0.2, 0.8, {-1, 2}, {3, 5, 4});
  trial.run(*noise<double>("salt-and-pepper", {{"steps", 10}}), network);  // the last try has p = 1
  std::set<double> seen;
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t j = 0; j < 20; ++j) {
      const auto x = trial.result(i);
      seen.insert(x[j]);
      EXPECT_EQ(x[j], x[20 + j]);
      EXPECT_EQ(x[j], x[40 + j]);
    }
  EXPECT_EQ(seen, (std::set<double>{-1, 2}));
}

/// Where channel c of pixel j lies in [5, 4, 3] and in [3, 5, 4].
std::size_t place_in(const Shape& entry, std::size_t c, std::size_t j) {
  return entry[2] == 3 ? 3 * j + c : 20 * c + j;
}

TEST(SaltAndPepper, TurnsPixelsWhoseColoursAreNeighbours) {
  const auto network = sure<double>(3 * 5 * 4);
  Trial<double> last(network, 6, 0.2, 0.8, {-1, 2}, {5, 4, 3}), first(network, 6, 0.2, 0.8, {-1, 2}, {3, 5, 4});
  for (Trial<double>* trial : {&last, &first})  // the last try has p = 1
    trial->run(*noise<double>("salt-and-pepper", {{"steps", 10}}), network);
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t j = 0; j < 20; ++j) {
        EXPECT_EQ(last.result(i)[3 * j + c], last.result(i)[3 * j]);
        // The same pixels are drawn in either order.
        EXPECT_EQ(last.result(i)[3 * j + c], first.result(i)[20 * c + j]);
      }
}

TEST(SaltAndPepper, FindsTheFewPixelsThatMatter) {
  // 64 pixels of the same weight, and a border that two bright pixels pass.
  Tensor<double> weights(Shape{2, 64});
  for (std::size_t j = 0; j < 64; ++j) weights(1, j) = 1;
  const LinearNetwork<double> network(std::move(weights), {1.5, 0});
  Trial<double> trial(network, 20, 0, 1e-9, {0, 1}, {8, 8});
  trial.run(*noise<double>("salt-and-pepper"), network);
  for (std::size_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(trial.fooled[i]);
    const double bright = std::pow(distance<double>(Norm::l2, trial.result(i), trial.sample(i)), 2);
    EXPECT_NEAR(bright, 2, 1e-6);
  }
  EXPECT_EQ(trial.queries, 20u * 1000);
}

TEST(ShuffledPixels, KeepsTheHistogramAndTheChannelsTogether) {
  const auto network = sure<double>(3 * 5 * 4);
  for (const Shape& entry : {Shape{3, 5, 4}, Shape{5, 4, 3}}) {
    Trial<double> trial(network, 6, 0.2, 0.8, {0, 1}, entry);
    trial.run(*noise<double>("shuffled-pixels", {{"steps", 10}}), network);  // the last try moves all pixels
    for (std::size_t i = 0; i < 6; ++i) {
      std::set<std::array<double, 3>> before, after;
      std::size_t at_home = 0;
      for (std::size_t j = 0; j < 20; ++j) {
        const auto x = trial.sample(i), y = trial.result(i);
        const std::size_t red = place_in(entry, 0, j), green = place_in(entry, 1, j), blue = place_in(entry, 2, j);
        before.insert({x[red], x[green], x[blue]});
        after.insert({y[red], y[green], y[blue]});
        at_home += x[red] == y[red];
      }
      EXPECT_EQ(before, after) << to_string(entry);
      EXPECT_EQ(at_home, 0u);
    }
  }
}

TEST(ShuffledPixels, MovesNoMoreThanItMust) {
  // Only the first of 30 pixels counts; another one must come into its place: the nearest change swaps it with the least number
  // above the border, 1, and nothing else: two of them move.
  Tensor<double> weights(Shape{2, 30});
  weights(1, 0) = 1;
  const LinearNetwork<double> network(std::move(weights), {0.5, 0});
  Trial<double> trial(network, 10, 0, 1e-9, {0, 1});
  for (std::size_t i = 0; i < 10; ++i)
    for (std::size_t j = 1; j < 30; ++j) trial.x(i, j) = 1;
  trial.run(*noise<double>("shuffled-pixels", {{"steps_per_order", 10}}), network);
  for (std::size_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(trial.fooled[i]);
    EXPECT_NEAR(distance<double>(Norm::l2, trial.result(i), trial.sample(i)), std::sqrt(2.0), 1e-6);
  }
}

TEST(Noise, DoesNotDependOnTheShardButOnTheSeed) {
  const LinearNetwork<double> network(4, 12, 1, 3);
  for (const char* type : {"uniform-noise", "gaussian-noise", "salt-and-pepper", "shuffled-pixels"}) {
    const auto attack = noise<double>(type);
    Trial<double> whole(network, 10, 0, 1, {0, 1}), pieces(network, 10, 0, 1, {0, 1});
    whole.run(*attack, network, 0.3);
    pieces.run(*attack, network, 0.3, 3);
    EXPECT_TRUE(std::ranges::equal(whole.changed.flat(), pieces.changed.flat())) << type;
    pieces.task.seed = 8;
    pieces.run(*attack, network, 0.3);
    EXPECT_FALSE(std::ranges::equal(whole.changed.flat(), pieces.changed.flat())) << type;
    EXPECT_TRUE(attack->draws());
  }
}

}  // namespace
}  // namespace neurarium
