// Dale's ANN beside PyTorch (validation/dale/write_dann.py): answers, gradients, and corrected, clamped steps.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "neurarium/interchange/npz.hpp"
#include "neurarium/nn/described_network_test.hpp"
#include "neurarium/train/trainer.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

const Registry& registry() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

const std::map<std::string, Array>& torch_answers() {
  static const std::map<std::string, Array> all = [] {
    std::map<std::string, Array> read;
    for (auto& [name, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/dale/dann.npz"))
      read[name] = std::move(array);
    return read;
  }();
  return all;
}

std::unique_ptr<Model> torch_network(const std::string& scalar, const std::string& updates) {
  auto model = described_network(
      "[model]\ntype = \"sequential\"\ninputs = [6]\nscalar = \"" + scalar +
      "\"\nloss = \"cross_entropy\"\n[[model.layers]]\ntype = \"dann\"\nunits = 5\ninhibitory = 2\nactivation = "
      "\"softplus\"\nupdates = \"" +
      updates + "\"\n[[model.layers]]\ntype = \"dann\"\nunits = 3\ninhibitory = 1\nupdates = \"" + updates + "\"\n");
  for (NamedView& parameter : model->parameters())
    with_floating(parameter.values.dtype(), [&]<class T>() {
      const Tensor<T> given = to_tensor<T>(torch_answers().at(parameter.name).view());
      std::ranges::copy(given.flat(), parameter.values.as<T>().flat().begin());
    });
  return model;
}

void expect_near(ArrayView found, const Array& expected, double tolerance, const std::string& what) {
  const Tensor<double> f = to_tensor<double>(found), e = to_tensor<double>(expected.view());
  ASSERT_EQ(f.size(), e.size()) << what;
  double largest = 1e-3;
  for (const double x : e.flat()) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i < e.size(); ++i)
    EXPECT_NEAR(f.flat()[i], e.flat()[i], tolerance * largest) << what << '[' << i << ']';
}

struct Precision {
  const char* scalar;
  double tolerance;
};
class DannOf : public testing::TestWithParam<Precision> {};
INSTANTIATE_TEST_SUITE_P(Dann, DannOf, testing::Values(Precision{"float64", 1e-11}, Precision{"float32", 2e-5}),
                         [](const auto& of) { return std::string(of.param.scalar); });

TEST_P(DannOf, HasPyTorchsAnswersAndGradients) {
  const auto model = torch_network(GetParam().scalar, "plain");
  const auto& trainable = dynamic_cast<const Trainable&>(*model);
  const Array x = converted(torch_answers().at("x"), model->scalar());
  expect_near(model->outputs(x, {}).front().second, torch_answers().at("logits"), GetParam().tolerance, "logits");
  Tape tape;
  Gradient gradient = make_gradient(*model);
  const Evaluation found = trainable.evaluate_with_gradient({x, torch_answers().at("labels"), 1},
                                                            {Mode::train, 0, 0, 0, {}}, tape, gradient);
  EXPECT_NEAR(found.loss / 7, torch_answers().at("loss").as<double>().flat()[0], GetParam().tolerance);
  scale(gradient, 1.0 / 7);
  const auto parameters = model->parameters();
  ASSERT_EQ(parameters.size(), 12u);
  for (std::size_t k = 0; k < parameters.size(); ++k)
    expect_near(gradient[k], torch_answers().at("gradient/" + parameters[k].name), GetParam().tolerance,
                parameters[k].name);

  const auto& differentiable = dynamic_cast<const Differentiable&>(*model);
  const Tensor<double> logits = to_tensor<double>(differentiable.logits(x, {}, tape));
  Tensor<double> slope(logits.shape());
  for (std::size_t i = 0; i < 7; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < 3; ++j) sum += std::exp(logits(i, j));
    for (std::size_t j = 0; j < 3; ++j)
      slope(i, j) = (std::exp(logits(i, j)) / sum -
                     (torch_answers().at("labels").as<std::int64_t>()(i) == static_cast<std::int64_t>(j))) /
                    7;
  }
  const Array cotangent = converted(Array(ArrayView(std::as_const(slope).view())), model->scalar());
  expect_near(differentiable.pull_back(cotangent, tape), torch_answers().at("gradient/x"), GetParam().tolerance, "x");
}

TEST_P(DannOf, TakesPyTorchsCorrectedStepsAndKeepsItsSigns) {
  const auto model = torch_network(GetParam().scalar, "corrected");
  TrainParams params;
  params.epochs = 3, params.batch_size = 7, params.shuffle = false;
  params.optimiser.settings.set("learning_rate", 0.5);
  contracts::TestContext context(registry(), 1, 0);
  TrainCallbacks callbacks;
  std::size_t zeros = 0;
  callbacks.after_step = [&](std::uint64_t step) {
    for (const NamedView& parameter : model->parameters()) {
      expect_near(parameter.values, torch_answers().at("step" + std::to_string(step) + "/" + parameter.name),
                  GetParam().tolerance, parameter.name + " after step " + std::to_string(step));
      if (!parameter.signs) continue;
      const Tensor<double> numbers = to_tensor<double>(ArrayView(parameter.values));
      for (const double w : numbers.flat()) {
        EXPECT_GE(w, 0) << parameter.name;
        zeros += w == 0;
      }
    }
  };
  const Array x = converted(torch_answers().at("x"), model->scalar());
  train(dynamic_cast<Trainable&>(*model), SplitView(x, torch_answers().at("labels")), 1, params, context, callbacks);
  EXPECT_GT(zeros, 3u);  // the clamp had something to do
}

}  // namespace
}  // namespace neurarium
