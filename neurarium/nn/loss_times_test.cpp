// Losses of first spikes and of steps: by hand, and their gradients by central differences.
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/nn/loss.hpp"
#include "neurarium/nn/rows_test.hpp"

namespace neurarium {
namespace {

using Settings = std::vector<std::pair<const char*, Value>>;

std::unique_ptr<Loss<double>> make(const char* type, const Settings& fields = {}) {
  Registry registry;
  register_losses(registry);
  Value settings = Value::table();
  for (const auto& [key, value] : fields) settings.set(key, value);
  return registry.make<Loss<double>>("loss", {type, settings});
}

Array labels(std::initializer_list<std::int64_t> numbers) {
  Array y(DType::i64, {numbers.size()});
  std::copy(numbers.begin(), numbers.end(), y.as<std::int64_t>().data());
  return y;
}

Tensor<double> numbers(const Shape& shape, const std::vector<double>& values) {
  Tensor<double> made(shape);
  std::copy(values.begin(), values.end(), made.data());
  return made;
}

double value(const Loss<double>& loss, const Tensor<double>& z, ArrayView y) {
  return loss.evaluate(z.view(), y, nullptr).loss;
}

void expect_slopes(const Loss<double>& loss, Tensor<double> z, ArrayView y, double tolerance = 1e-7) {
  Tensor<double> gradient;
  EXPECT_EQ(loss.evaluate(std::as_const(z).view(), y, &gradient).loss, value(loss, z, y));
  ASSERT_EQ(gradient.shape(), z.shape());
  bool any = false;
  for (std::size_t e = 0; e < z.size(); ++e) {
    const double at = z.flat()[e], h = 1e-5;
    z.flat()[e] = at + h;
    const double above = value(loss, z, y);
    z.flat()[e] = at - h;
    const double numeric = (above - value(loss, z, y)) / (2 * h);
    z.flat()[e] = at;
    EXPECT_NEAR(gradient.flat()[e], numeric, tolerance * std::max(1.0, std::abs(numeric))) << e;
    any |= numeric != 0;
  }
  EXPECT_TRUE(any);
}

// All silent, two at once, and one alone before the others: only the last is an answer.
TEST(FirstSpikeLosses, WhoSharesTheFirstPlaceHasNotAnswered) {
  const Tensor<double> z = numbers({4, 3}, {-30, -30, -30, -5, -5, -6, -4, -5, -5, -6, -5, -4});
  for (const char* type : {"first_spike_cross_entropy", "spike_time_error"}) {
    const auto loss = make(type);
    EXPECT_EQ(loss->evaluate(z.view(), labels({0, 0, 0, 2}), nullptr).correct, 2) << type;
    EXPECT_EQ(loss->evaluate(z.view(), labels({1, 1, 1, 1}), nullptr).correct, 0) << type;
    EXPECT_EQ(loss->evaluate(z.view(), labels({2, 0, 0, 0}), nullptr).correct, 1) << type;
  }
}

TEST(FirstSpikeCrossEntropy, AddsWhatALateLabelCosts) {
  // Times 10 and 12 ms in temperatures of 2 ms, and a unit that says 70 ms, beyond the end.
  const Tensor<double> z = numbers({1, 3}, {-5, -6, -35});
  const double plain = std::log(1 + std::exp(-1) + std::exp(-30));
  const auto loss = [&](const char* late, std::int64_t label) {
    const auto made =
        make("first_spike_cross_entropy", {{"temperature", 2e-3}, {"late", late}, {"alpha", 0.01}, {"tau_late", 0.02}});
    expect_slopes(*made, z, labels({label}));
    return value(*made, z, labels({label}));
  };
  EXPECT_NEAR(loss("none", 0), plain, 1e-14);
  EXPECT_NEAR(loss("exponential", 0), plain + 0.01 * (std::exp(0.5) - 1), 1e-14);
  EXPECT_NEAR(loss("bounded", 0), plain + 0.01 / (0.0606 - 0.01), 1e-13);
  // On from the end at 60 ms as tangents.
  EXPECT_NEAR(loss("none", 2), plain + 30, 1e-13);
  EXPECT_NEAR(loss("exponential", 2), plain + 30 + 0.01 * (std::exp(3.0) * (1 + 0.5) - 1), 1e-12);
  EXPECT_NEAR(loss("bounded", 2), plain + 30 + 0.01 / 0.0006 + 0.01 * 0.01 / (0.0006 * 0.0006), 1e-9);
}

TEST(FirstSpikeCrossEntropy, ReadsLogitsAndCountsWhoWasFirst) {
  const auto loss = make("first_spike_cross_entropy");
  EXPECT_TRUE(loss->reads_logits());
  const Tensor<double> z = rows({{-20, -21}, {-30, -29}});
  const Evaluation e = loss->evaluate(z.view(), labels({0, 0}), nullptr);
  EXPECT_TRUE(e.has_accuracy);
  EXPECT_EQ(e.correct, 1);
  expect_slopes(*loss, z, rows({{0.25, 0.75}, {1, 0}}).view());  // shares
  EXPECT_THROW(loss->require_answers(rows({{-0.5, 1.5}}).view(), Shape{2}, "mine"), DataError);
  EXPECT_THROW(loss->require_outputs(Shape{1}), ShapeError);
  EXPECT_THROW(loss->require_outputs(Shape{5, 3}), ShapeError);
}

TEST(SpikeTimeError, AsksAllOthersToFireLater) {
  const Tensor<double> z = numbers({1, 4}, {-10, -11, -8, -20});  // 5, 5.5, 4 and 10 ms
  const Settings both = {{"temperature", 0.5e-3}, {"delta", 2e-3}};
  const auto loss = make("spike_time_error", both);
  EXPECT_NEAR(value(*loss, z, labels({0})), 0.5 * (3 * 3 + 6 * 6 + 6 * 6), 1e-12);
  expect_slopes(*loss, z, labels({0}));
  Settings one = both;
  one.emplace_back("one_sided", true);
  const auto one_sided = make("spike_time_error", one);
  EXPECT_NEAR(value(*one_sided, z, labels({0})), 0.5 * (3 * 3 + 6 * 6), 1e-12);
  expect_slopes(*one_sided, z, labels({0}));
  EXPECT_FALSE(loss->reads_logits());
  EXPECT_EQ(loss->evaluate(z.view(), labels({2}), nullptr).correct, 1);
}

TEST(SpikeTimeError, TakesTimesInSeconds) {
  const Tensor<double> z = numbers({1, 2}, {-10, -11});
  const auto loss = make("spike_time_error", {{"temperature", 0.5e-3}});
  const Tensor<double> times = rows({{4e-3, 6e-3}});
  EXPECT_NEAR(value(*loss, z, times.view()), 0.5 * (2 * 2 + 1), 1e-12);
  expect_slopes(*loss, z, times.view());
}

TEST(TimeAveragedCrossEntropy, IsTheMeanOfTheSteps) {
  const Tensor<double> z = numbers({1, 2, 3}, {0, std::log(2.0), 0, 1, 1, std::log(2.0) + 1});
  const auto loss = make("time_averaged_cross_entropy");
  EXPECT_NEAR(value(*loss, z, labels({1})), (std::log(2.0) + std::log(4.0)) / 2, 1e-14);
  expect_slopes(*loss, z, labels({1}));
  expect_slopes(*loss, z, rows({{0.5, 0.25, 0.25}}).view());
  const Tensor<double> divided = numbers({1, 3, 2}, {3, 0, 0, 1, 0, 1});  // the sums decide, not the steps
  EXPECT_EQ(loss->evaluate(divided.view(), labels({0}), nullptr).correct, 1);
  EXPECT_THROW(loss->require_outputs(Shape{3}), ShapeError);
  EXPECT_THROW(loss->require_outputs(Shape{3, 1}), ShapeError);
  EXPECT_NO_THROW(loss->require_outputs(Shape{3, 2}));
  EXPECT_THROW(loss->require_answers(labels({3}), Shape{2, 3}, "mine"), DataError);
  EXPECT_NO_THROW(loss->require_answers(labels({2}), Shape{2, 3}, "mine"));
  EXPECT_THROW(make("cross_entropy")->require_outputs(Shape{3, 2}), ShapeError);
}

TEST(SquaredError, TellsAnAnswerToEveryStep) {
  const Tensor<double> y = numbers({2, 2, 2}, {1, 0, 0.5, 0.5, 0, 0.75, 1, 0.75});
  const auto loss = make("squared_error");
  const Evaluation e = loss->evaluate(y.view(), labels({0, 1}), nullptr);
  EXPECT_NEAR(e.loss, 0.5 * (0.25 + 0.25 + 0.0625 + 1 + 0.0625), 1e-14);
  EXPECT_EQ(e.correct, 2);
  EXPECT_NEAR(value(*loss, y, rows({{1, 0}, {0, 1}}).view()), e.loss, 1e-14);
  const Tensor<double> each = numbers({2, 2, 2}, {1, 0, 0.5, 0.5, 0, 0.75, 1, 0.25});
  EXPECT_NEAR(value(*loss, y, each.view()), 0.125, 1e-14);
  expect_slopes(*loss, y, each.view());
  EXPECT_THROW(value(*loss, y, rows({{1, 0, 0}, {0, 1, 0}}).view()), ShapeError);
  const Tensor<double> single = numbers({2, 3, 1}, {0.9, 0.1, 0.4, 0.6, 0.7, 0.3});
  EXPECT_EQ(loss->evaluate(single.view(), labels({0, 1}), nullptr).correct, 2);
}

}  // namespace
}  // namespace neurarium
