#include "neurarium/nn/loss.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/nn/rows_test.hpp"
#include "neurarium/nn/torch_answers_test.hpp"

namespace neurarium {
namespace {

std::unique_ptr<Loss<double>> make(const char* type) {
  Registry registry;
  register_losses(registry);
  return registry.make<Loss<double>>("loss", {type, Value::table()});
}
Array labels(std::initializer_list<std::int64_t> numbers) {
  Array y(DType::i64, {numbers.size()});
  std::copy(numbers.begin(), numbers.end(), y.as<std::int64_t>().data());
  return y;
}

TEST(SquaredError, ByHand) {
  const Tensor<double> y = rows({{1, 2}, {0, 0}}), t = rows({{0, 4}, {3, 0}});
  Tensor<double> gradient;
  const Evaluation e = make("squared_error")->evaluate(y.view(), t.view(), &gradient);
  EXPECT_EQ(e.loss, 0.5 * (1 + 4 + 9));
  EXPECT_EQ(gradient(0, 1), -2);
  EXPECT_EQ(gradient(1, 0), -3);
  EXPECT_FALSE(e.has_accuracy);
}

TEST(Losses, OnlyCrossEntropyReadsLogits) {
  EXPECT_TRUE(make("cross_entropy")->reads_logits());
  EXPECT_FALSE(make("squared_error")->reads_logits());
}

TEST(SquaredError, LabelsAreOneHotAndCounted) {
  const Tensor<double> y = rows({{0.9, 0.1}, {0.8, 0.3}});
  const Evaluation e = make("squared_error")->evaluate(y.view(), labels({0, 1}), nullptr);
  EXPECT_NEAR(e.loss, 0.5 * (0.01 + 0.01 + 0.64 + 0.49), 1e-15);
  EXPECT_EQ(e.correct, 1);
}

TEST(SquaredError, OneOutputTakesTheLabelItself) {
  const Tensor<double> y = rows({{0.25}, {0.75}});
  const Evaluation e = make("squared_error")->evaluate(y.view(), labels({0, 1}), nullptr);
  EXPECT_EQ(e.loss, 0.0625);
  EXPECT_EQ(e.correct, 2);
}

TEST(CrossEntropy, EqualsTheClosedForm) {
  const Tensor<double> z = rows({{0, std::log(3.0)}});
  Tensor<double> gradient;
  const Evaluation e = make("cross_entropy")->evaluate(z.view(), labels({1}), &gradient);
  EXPECT_NEAR(e.loss, -std::log(0.75), 1e-15);
  EXPECT_NEAR(gradient(0, 0), 0.25, 1e-15);
  EXPECT_NEAR(gradient(0, 1), -0.25, 1e-15);
}

TEST(CrossEntropy, HugeLogitsStayFinite) {
  const Tensor<double> z = rows({{1000, -1000}});
  Tensor<double> gradient;
  EXPECT_EQ(make("cross_entropy")->evaluate(z.view(), labels({1}), &gradient).loss, 2000);
  EXPECT_EQ(gradient(0, 0), 1);
}

TEST(CrossEntropy, SmoothsLabelsAsPyTorch) {
  Registry registry;
  register_losses(registry);
  Value settings = Value::table();
  settings.set("label_smoothing", 0.1);
  const auto loss = registry.make<Loss<double>>("loss", {"cross_entropy", settings});
  const Array z = torch_answer("loss/logits"), labels = torch_answer("loss/labels"),
              expected = torch_answer("loss/gradient");
  Tensor<double> gradient;
  const Evaluation e = loss->evaluate(z.as<double>(), labels, &gradient);
  EXPECT_NEAR(e.loss, torch_answer("loss/value").as<double>()(0), 1e-13);
  for (std::size_t i = 0; i < gradient.size(); ++i)
    EXPECT_NEAR(gradient.flat()[i], expected.as<double>().flat()[i], 1e-14) << i;
}

TEST(Losses, NameTheFirstAnswerThatCannotBeLearned) {
  const auto said = [](const char* loss, ArrayView answers, std::size_t outputs) -> std::string {
    try {
      make(loss)->require_answers(answers, Shape{outputs}, "mine.npz");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(said("cross_entropy", labels({0, 2, 1}), 3), "");
  EXPECT_EQ(said("squared_error", labels({0, 1}), 1), "");
  EXPECT_NE(said("cross_entropy", labels({0, 2, 3, -1}), 3).find("mine.npz: label 3 of sample 2 is outside 0 … 2"),
            std::string::npos);
  EXPECT_NE(said("squared_error", labels({0, 2}), 1).find("label 2 of sample 1 is outside 0 … 1"), std::string::npos);
  const Tensor<double> targets = rows({{0.5, 0.5}, {-1, 2}}), broken = rows({{0.5, 0.5}, {NAN, 2}});
  EXPECT_EQ(said("squared_error", targets.view(), 2), "");
  EXPECT_NE(said("cross_entropy", targets.view(), 2).find("target -1 of sample 1 is below 0"), std::string::npos);
  EXPECT_NE(said("squared_error", broken.view(), 2).find("of sample 1 is not a finite number"), std::string::npos);
  EXPECT_NE(said("squared_error", targets.view(), 3).find("[2, 3]"), std::string::npos);
  const Array floats(DType::f32, {4});
  EXPECT_NE(said("cross_entropy", floats, 3).find("labels as whole numbers"), std::string::npos);
  EXPECT_NE(said("cross_entropy", labels({}), 3).find("no answers"), std::string::npos);
}

TEST(Losses, RefuseAnswersThatDoNotFit) {
  const Tensor<double> y = rows({{1, 2}});
  EXPECT_THROW(make("cross_entropy")->evaluate(y.view(), labels({2}), nullptr), DataError);
  EXPECT_THROW(make("cross_entropy")->evaluate(y.view(), labels({-1}), nullptr), DataError);
  EXPECT_THROW(make("squared_error")->evaluate(y.view(), labels({0, 1}), nullptr), ShapeError);
  EXPECT_THROW(make("squared_error")->evaluate(y.view(), rows({{1, 2, 3}}).view(), nullptr), ShapeError);
}

}  // namespace
}  // namespace neurarium
