// Attacks within a ball (FGSM, PGD, Auto-PGD, Square, maximum confidence) on linear networks, where the smallest change has a closed
// form: with no bounds in the way they succeed a little beyond it, and never before.
#include <gtest/gtest.h>

#include "neurarium/neurarium.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/linear_network_test.hpp"
#include "neurarium/robustness/square_moves.hpp"
#include "neurarium/robustness/stored_networks_test.hpp"

namespace neurarium {
namespace {

template <class T>
std::unique_ptr<Attack<T>> make(const std::string& toml) {
  return testing_attacks::registry().make<Attack<T>>("attack", testing_attacks::attack_from(toml));
}

struct Case {
  std::string toml;
  bool two_classes_only = false;  ///< finds the nearest border only if there is just one
  double beyond = 1.05;           ///< radii at which it must succeed
};

std::vector<Case> cases() {
  return {{"type = 'fgsm'\nloss = 'margin'", true},
          {"type = 'fgsm'\nrandom_start = true", true, 1.5},
          {"type = 'pgd'\nsteps = 40\nloss = 'margin'", true},
          {"type = 'pgd'\nrestarts = 2\nloss = 'scale-free'", true},
          {"type = 'apgd'\niterations = 30", true},
          {"type = 'apgd'\niterations = 30\nloss = 'margin'\ntargeted = true"},
          {"type = 'apgd'\niterations = 30\nrandom_start = false\ntargeted = true\nloss = 'cross-entropy'", true},
          {"type = 'square'\nqueries = 4000", false, 1.1},
          {"type = 'max-confidence'\nsteps = 20", true}};
}

template <class T>
void succeed_beyond_the_radius_only() {
  for (const Case& item : cases())
    for (const Norm norm : {Norm::linf, Norm::l2})
      for (const std::size_t classes : {2u, 5u}) {
        if (item.two_classes_only && classes > 2) continue;
        SCOPED_TRACE(item.toml + " " + name_of(norm) + " classes: " + std::to_string(classes));
        const auto attack = make<T>(item.toml + "\nnorm = '" + name_of(norm) + "'");
        ASSERT_EQ(attack->norm(), norm);
        const LinearNetwork<T> network(classes, 12, 1, 3);
        for (std::size_t i = 0; i < 6; ++i) {
          Trial<T> trial(network, 6, 0, 1, {-10, 10});
          const double radius = network.radius(trial.sample(i), norm);
          trial.run(*attack, network, 0.95 * radius);
          EXPECT_FALSE(trial.fooled[i]);
          // Hills of a random search fit a plane badly.
          const double beyond = item.toml.find("square") != std::string::npos && norm == Norm::l2 ? 1.5 : item.beyond;
          trial.run(*attack, network, beyond * radius);
          EXPECT_TRUE(trial.fooled[i]) << i;
          for (std::size_t j = 0; j < 6; ++j)
            EXPECT_LE(distance<T>(norm, trial.result(j), trial.sample(j)), beyond * radius + 1e-6);
        }
      }
}
TEST(AttacksInABall, SucceedBeyondTheRadiusOnly) { succeed_beyond_the_radius_only<double>(); }
TEST(AttacksInABall, SucceedBeyondTheRadiusOnlyInFloat) { succeed_beyond_the_radius_only<float>(); }

TEST(AttacksInABall, KeepTheBounds) {
  const LinearNetwork<float> network(4, 12, 1, 3);
  for (const Case& item : cases())
    for (const char* norm : {"linf", "l2"}) {
      Trial<float> trial(network, 20, 0, 1, {0, 1});
      trial.run(*make<float>(item.toml + "\nnorm = '" + norm + "'"), network, 0.8);
      EXPECT_TRUE(trial.within_bounds()) << item.toml;
      EXPECT_GT(std::ranges::count(trial.fooled, true), 0) << item.toml;
    }
}

TEST(AttacksInABall, DoNotDependOnTheShard) {
  const LinearNetwork<double> network(4, 12, 1, 3);
  for (const Case& item : cases()) {
    const auto attack = make<double>(item.toml);
    Trial<double> whole(network, 30, 0, 1, {0, 1}), pieces(network, 30, 0, 1, {0, 1});
    whole.run(*attack, network, 0.1);
    pieces.run(*attack, network, 0.1, 7);
    EXPECT_TRUE(std::ranges::equal(whole.changed.flat(), pieces.changed.flat())) << item.toml;
    EXPECT_EQ(whole.queries, pieces.queries) << item.toml;
  }
}

TEST(AttacksInABall, DoNotMindANetworkThatSaysNothing) {
  const LinearNetwork<double> silent(Tensor<double>(Shape{4, 12}), {0, 0, 0, 0});
  for (const Case& item : cases())
    for (const char* norm : {"linf", "l2"}) {
      Trial<double> trial(silent, 5, 0, 1, {0, 1});
      trial.run(*make<double>(item.toml + "\nnorm = '" + norm + "'"), silent, 0.3);
      EXPECT_EQ(std::ranges::count(trial.fooled, true), 0);
      for (const double v : trial.changed.flat()) EXPECT_TRUE(v >= 0 && v <= 1) << item.toml;
    }
}

TEST(AttacksInABall, TakeEntriesOfAnyShape) {
  const LinearNetwork<double> network(3, 12, 1, 3);
  for (const char* norm : {"linf", "l2"})
    for (const Shape& entry :
         {Shape{12}, Shape{3, 4}, Shape{2, 3, 2}, Shape{3, 1, 4}, Shape{1, 12, 1}, Shape{2, 2, 3}}) {
      Trial<double> trial(network, 10, 0, 1, {-10, 10}, entry);
      trial.run(*make<double>("type = 'square'\nqueries = 2000\nnorm = '" + std::string(norm) + "'"), network, 2);
      EXPECT_EQ(std::ranges::count(trial.fooled, true), 10) << to_string(entry);
    }
}

TEST(SquareMoves, ChangeTheSamePixelsWhereverColoursLie) {
  const std::size_t h = 7, w = 5;
  const auto last = [](std::size_t c, std::size_t i, std::size_t j) { return (i * w + j) * 3 + c; };
  const auto first = [](std::size_t c, std::size_t i, std::size_t j) { return (c * h + i) * w + j; };
  const Stream stream(3, "test");
  for (const Norm norm : {Norm::linf, Norm::l2}) {
    SquareMoves<double> of_last(norm, Shape{h, w, 3}, 0.1, {-9, 9}), of_first(norm, Shape{3, h, w}, 0.1, {-9, 9});
    const std::vector<double> x0(3 * h * w, 0.5);
    std::vector<double> a = x0, b = x0;
    for (std::uint32_t step = 0; step < 8; ++step) {
      const Draws draws(stream, {step, 0, 0, 0});
      if (step == 0) of_last.start(x0, draws, a), of_first.start(x0, draws, b);
      else of_last.move(x0, 0.3, draws, a), of_first.move(x0, 0.3, draws, b);
      for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t i = 0; i < h; ++i)
          for (std::size_t j = 0; j < w; ++j) {
            ASSERT_NEAR(a[last(c, i, j)], b[first(c, i, j)], 1e-12) << name_of(norm) << " step " << step;
            // The start in linf is stripes: one sign for each channel and column.
            if (step == 0 && norm == Norm::linf) {
              ASSERT_EQ(a[last(c, i, j)], a[last(c, 0, j)]);
            }
          }
    }
  }
}

TEST(AttacksInABall, WhatIsFooledIsAskedNothingMore) {
  const LinearNetwork<double> network(2, 12, 1, 3);
  for (const char* toml : {"type = 'apgd'\niterations = 100", "type = 'square'\nqueries = 1000"}) {
    Trial<double> trial(network, 20, 0, 1, {-10, 10});
    trial.run(*make<double>(toml), network, 5);
    EXPECT_LT(trial.queries, 20u * 20) << toml;
  }
}

TEST(Apgd, TargetsAreTheStrongestWrongClasses) {
  // At 0 class 0 wins, then 1, 2, 3; only towards 3 there is a way out, since 1 and 2 never change.
  Tensor<double> weights(Shape{4, 2});
  weights(3, 0) = 1;
  const LinearNetwork<double> network(std::move(weights), {3, 2, 1, 0});
  for (const int targets : {1, 2, 3}) {
    Trial<double> trial(network, 3, 0, 1e-9, {-10, 10});
    trial.run(*make<double>(
                  "type = 'apgd'\nloss = 'margin'\niterations = 10\nrandom_start = false\ntargeted = true\ntargets = " +
                  std::to_string(targets)),
              network, 4);
    EXPECT_EQ(std::ranges::count(trial.fooled, true), targets == 3 ? 3 : 0);
  }
}

TEST(Apgd, RefusesRestartsThatAreAllTheSame) {
  EXPECT_THROW(make<double>("type = 'apgd'\nrestarts = 2\nrandom_start = false"), SpecError);
  EXPECT_THROW(make<double>("type = 'pgd'\nrestarts = 2\nrandom_start = false"), SpecError);
  const LinearNetwork<double> two(2, 3, 1, 1), three(3, 3, 1, 1);
  Trial<double> pair(two, 3, 0, 1, {0, 1}), triple(three, 3, 0, 1, {0, 1});
  EXPECT_THROW(pair.run(*make<double>("type = 'apgd'\nloss = 'dlr'"), two, 0.1), SpecError);
  EXPECT_THROW(triple.run(*make<double>("type = 'apgd'\nloss = 'dlr'\ntargeted = true"), three, 0.1), SpecError);
}

TEST(MaxConfidence, FindsTheSurestWrongAnswerNotTheNearest) {
  // Class 1 is reached first, but the logit of class 2 rises much further: 1/(1 + e^(0.5 − 3) + e^(0.4 − 3)) at ε = 1.
  Tensor<double> weights(Shape{3, 2});
  weights(1, 0) = 0.4, weights(2, 1) = 4;
  const LinearNetwork<double> network(std::move(weights), {0.5, 0.4, -1});
  Trial<double> trial(network, 1, 0, 1e-12, {-10, 10});
  trial.run(*make<double>("type = 'max-confidence'"), network, 1);
  ASSERT_TRUE(trial.fooled[0]);
  EXPECT_EQ(network.answer(trial.result(0)), 2);
  EXPECT_NEAR(trial.result(0)[1], 1, 1e-9);
  EXPECT_NEAR(trial.result(0)[0], -1, 1e-9);
}

}  // namespace
}  // namespace neurarium
