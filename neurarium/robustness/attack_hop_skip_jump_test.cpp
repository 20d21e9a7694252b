// HopSkipJump on linear networks, where the smallest change has a closed form, and on ones that give it nothing.
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
std::unique_ptr<Attack<T>> hop_skip_jump(const char* norm, std::int64_t steps = 25, std::int64_t starts = 1000) {
  Value settings = Value::table();
  settings.set("norm", norm);
  settings.set("steps", steps);
  settings.set("starts", starts);
  return house().make<Attack<T>>("attack", {"hop-skip-jump", settings});
}

template <class T>
void comes_near_the_border() {
  for (const std::size_t classes : {2u, 4u})
    for (const Norm norm : {Norm::linf, Norm::l2}) {
      const LinearNetwork<T> network(classes, 20, 1, 3);
      Trial<T> trial(network, 20, 0.4, 0.6, {0, 1});
      trial.run(*hop_skip_jump<T>(name_of(norm)), network);
      EXPECT_TRUE(trial.within_bounds());
      std::size_t near = 0, possible = 0;
      for (std::size_t i = 0; i < 20; ++i) {
        const double radius = network.radius(trial.sample(i), norm);
        if (radius > (norm == Norm::linf ? 0.3 : 0.5)) continue;  // the bounds may be in the way
        ++possible;
        ASSERT_TRUE(trial.fooled[i]) << name_of(norm) << ", sample " << i;
        const double far = distance<T>(norm, trial.result(i), trial.sample(i));
        EXPECT_GE(far, radius * 0.9999);
        near += far < 1.1 * radius;
      }
      EXPECT_GE(possible, 4u);
      EXPECT_EQ(near, possible) << classes << " classes, " << name_of(norm);
    }
}
TEST(HopSkipJump, ComesWithinATenthOfTheSmallestChange) { comes_near_the_border<double>(); }
TEST(HopSkipJump, ComesWithinATenthOfTheSmallestChangeInFloat) { comes_near_the_border<float>(); }

/// A network without a gradient: the logits of another one, as they are or as exp(3 z), which decides alike.
class Oracle : public Model {
 public:
  Oracle(const LinearNetwork<double>& inner, bool is_steep) : inner_(&inner), is_steep_(is_steep) {}
  DType scalar() const override { return inner_->scalar(); }
  Shape input_shape() const override { return inner_->input_shape(); }
  std::vector<NamedView> parameters() override { return {}; }
  NamedArrays outputs(const Samples& samples, const Context& context) const override {
    NamedArrays outputs = inner_->outputs(samples, context);
    if (is_steep_)
      for (double& z : outputs.front().second.as<double>().flat()) z = std::exp(3 * z);
    return outputs;
  }

 private:
  const LinearNetwork<double>* inner_;
  bool is_steep_;
};

TEST(HopSkipJump, AsksForDecisionsOnly) {
  const LinearNetwork<double> network(3, 10, 1, 3);
  const Oracle oracle(network, false), other(network, true);
  Trial<double> trial(network, 6, 0.3, 0.7, {0, 1}), again(network, 6, 0.3, 0.7, {0, 1});
  trial.run(*hop_skip_jump<double>("l2", 10), oracle);
  again.run(*hop_skip_jump<double>("l2", 10), other);
  EXPECT_TRUE(std::ranges::equal(trial.changed.flat(), again.changed.flat()));
  EXPECT_EQ(trial.tally.all, 0u);
}

TEST(HopSkipJump, IsNoFurtherAfterAStepThanBefore) {
  const LinearNetwork<double> network(4, 12, 1, 3);
  std::vector<double> before(8, std::numeric_limits<double>::infinity());
  for (std::int64_t steps = 1; steps < 9; ++steps) {
    Trial<double> trial(network, 8, 0.2, 0.8, {0, 1});
    trial.run(*hop_skip_jump<double>("linf", steps), network);
    for (std::size_t i = 0; i < 8; ++i) {
      if (!trial.fooled[i]) continue;
      const double far = distance<double>(Norm::linf, trial.result(i), trial.sample(i));
      EXPECT_LE(far, before[i]);
      before[i] = far;
    }
  }
}

TEST(HopSkipJump, GivesUpWhereNoiseIsAnsweredRightly) {
  Tensor<double> weights(Shape{2, 4});
  weights.fill(0.01);
  const LinearNetwork<double> sure(std::move(weights), {1, 0});
  Trial<double> trial(sure, 5, 0, 1, {0, 1});
  trial.run(*hop_skip_jump<double>("linf", 5, 20), sure);
  EXPECT_EQ(std::ranges::count(trial.fooled, true), 0);
  EXPECT_EQ(trial.queries, 5u * 20);
  EXPECT_TRUE(trial.within_bounds());
}

TEST(HopSkipJump, DoesNotDependOnTheShardButOnTheSeed) {
  const LinearNetwork<double> network(4, 12, 1, 3);
  Trial<double> whole(network, 9, 0.2, 0.8, {0, 1}), pieces(network, 9, 0.2, 0.8, {0, 1});
  whole.run(*hop_skip_jump<double>("l2", 6), network);
  pieces.run(*hop_skip_jump<double>("l2", 6), network, 0, 4);
  EXPECT_TRUE(std::ranges::equal(whole.changed.flat(), pieces.changed.flat()));
  pieces.task.seed = 8;
  pieces.run(*hop_skip_jump<double>("l2", 6), network);
  EXPECT_FALSE(std::ranges::equal(whole.changed.flat(), pieces.changed.flat()));
}

}  // namespace
}  // namespace neurarium
