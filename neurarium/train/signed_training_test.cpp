// Dale's law in training: the gradients of its penalties, and methods that can't keep it.
#include <gtest/gtest.h>

#include <cstring>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/signed_network_test.hpp"
#include "neurarium/train/bare_context.hpp"
#include "neurarium/train/gradient_check.hpp"
#include "neurarium/train/trainer.hpp"
#include "tests/contracts/subjects.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

using namespace signed_networks;

TEST(SignedTraining, PenaltiesHaveTheirGradients) {
  for (const Value& dale : {table({{"violation_penalty", 0.1}, {"signs", "random"}}),
                            table({{"rule", "learned"}, {"hardening", 0.1}, {"signs", "random"}})}) {
    const auto model = network({table({{"type", "dense"}, {"units", 4}, {"dale", dale}})}, 6);
    Array x(DType::f64, {5, 6}), y(DType::f64, {5, 4});
    fill_uniform(Stream(1, "x"), {}, -1, 1, x.as<double>().flat());
    const GradientCheckResult result = check_gradients(*model, {x, y, 1}, {Mode::train, 1, 0, 0, {}});
    EXPECT_TRUE(result.passed) << result.worst().name << ' ' << result.worst().largest_error;
    // and they are no small part of it
    Gradient with = make_gradient(*model), without = make_gradient(*model);
    Tape tape;
    model->evaluate_with_gradient({x, y, 1}, {Mode::train, 1, 0, 0, {}}, tape, with);
    model->evaluate_with_gradient({x, y, 1}, {}, tape, without);
    bool differs = false;
    for (std::size_t i = 0; i < with.size(); ++i) differs |= numbers_of(with[i]) != numbers_of(without[i]);
    EXPECT_TRUE(differs);
  }
}

// Finite Gaussian units: exact gradients under every rule that changes W, with free and tied bias; and the units are those of the signed W.
TEST(SignedTraining, FiniteGaussianWeightsKeepSignsToo) {
  for (const char* type : {"finite_gaussian", "finite_gaussian_conv2d"})
    for (const char* bias : {"free", "tied"})
      for (const char* rule : {"square", "softplus", "learned", "abs"}) {
        SCOPED_TRACE(std::string(type) + ' ' + bias + ' ' + rule);
        const bool dense = std::string(type) == "finite_gaussian";
        const auto with = [&](const Settings& more) {
          Settings settings = {{"type", type}, {"bias", bias}, {"shape", "diagonal"}, {"pressure", 0.1}};
          if (dense) settings.push_back({"units", 3});
          else settings.insert(settings.end(), {{"filters", 3}, {"kernel_size", 2}});
          settings.insert(settings.end(), more.begin(), more.end());
          const Value list = table({{"layers", Value::List{table(settings)}},
                                    {"inputs", dense ? Value::List{4} : Value::List{4, 2, 3}},
                                    {"scalar", "float64"},
                                    {"loss", table({{"type", "squared_error"}})}});
          return std::unique_ptr<Trainable>(
              dynamic_cast<Trainable*>(registry().make<Model>("model", {"sequential", list}).release()));
        };
        const auto model = with({{"dale", table({{"rule", rule}, {"given", signs_value({-1, 1, 1, -1})}})}});
        Array x(DType::f64, dense ? Shape{5, 4} : Shape{5, 4, 2, 3}),
            y(DType::f64, dense ? Shape{5, 3} : Shape{5, 3, 1, 2});
        fill_uniform(Stream(1, "x"), {}, -1, 1, x.as<double>().flat());
        fill_uniform(Stream(1, "y"), {}, -1, 1, y.as<double>().flat());
        const GradientCheckResult result = check_gradients(*model, {x, y, 1}, {Mode::train, 1, 0, 0, {}});
        EXPECT_TRUE(result.passed) << result.worst().name << ' ' << result.worst().largest_error;
        if (std::string(rule) != "square") continue;

        const auto plain = with({});
        const auto from = model->parameters(), to = plain->parameters();
        for (std::size_t i = 0; i < to.size(); ++i)
          std::memcpy(to[i].values.data(), from[i].values.data(), to[i].values.bytes());
        const View<double> w = to[0].values.as<double>();
        const std::size_t taps = w.size() / 12;
        for (std::size_t k = 0; k < w.size(); ++k)
          w.flat()[k] *= w.flat()[k] * (k / taps % 4 == 0 || k / taps % 4 == 3 ? -1 : 1);
        EXPECT_EQ(numbers_of(model->outputs(x, {}).front().second), numbers_of(plain->outputs(x, {}).front().second));
      }
}

TEST(SignedTraining, FullBatchMethodsCannotProject) {
  for (const char* method : {"lbfgs", "conjugate_gradient", "levenberg_marquardt"})
    for (const char* rule : {"clamp", "exponentiated", "abs"}) {
      const auto model = dense({0.5, 0.2, -2}, 1, table({{"rule", rule}, {"given", signs_value({-1, 1, 1})}}));
      Split split{Array(DType::f64, {8, 3}), Array(DType::f64, {8, 1})};
      fill_uniform(Stream(1, "x"), {}, -1, 1, split.x.as<double>().flat());
      fill_uniform(Stream(1, "y"), {}, -1, 1, split.y.as<double>().flat());
      TrainParams params;
      params.epochs = 2;
      params.optimiser = {method, Value::table()};
      BareContext context(registry(), 1, 1);
      if (std::string(rule) == "abs") {
        EXPECT_NO_THROW(train(*model, split, 1, params, context)) << method;
        continue;
      }
      try {
        train(*model, split, 1, params, context);
        ADD_FAILURE() << method << " took " << rule;
      } catch (const SpecError& error) {
        EXPECT_NE(std::string(error.what()).find("signs of dense1.weight"), std::string::npos) << error.what();
      }
    }
}

TEST(SignedTraining, HasTheSameBitsOnAnyNumberOfThreadsAndAfterAStop) {
  for (const char* rule : {"abs", "relu", "square", "softplus", "learned", "clamp", "exponentiated"}) {
    Split split{Array(DType::f32, {60, 6}), Array(DType::f32, {60, 3})};
    fill_uniform(Stream(1, "x"), {}, -1, 1, split.x.as<float>().flat());
    fill_uniform(Stream(1, "y"), {}, -1, 1, split.y.as<float>().flat());
    TrainParams params;
    params.epochs = 3;
    params.batch_size = 16, params.shard_size = 4;
    params.optimiser = {"adam", table({{"learning_rate", 0.05}})};
    const auto trained = [&](int threads, int stop_after) {
      const auto model =
          network({table({{"type", "dense"}, {"units", 3}, {"dale", table({{"rule", rule}, {"signs", "random"}})}})}, 6,
                  "squared_error", 1, "float32");
      contracts::TestContext context(registry(), threads, 5);
      context.stop_after(stop_after);
      try {
        train(*model, split, 1, params, context);
        EXPECT_EQ(stop_after, -1);
      } catch (const Interrupted&) {
        context.stop_after(-1);
        train(*model, split, 1, params, context);
      }
      return contracts::copied_state(*model);
    };
    const NamedArrays one = trained(1, -1);
    EXPECT_TRUE(contracts::same_bits(one, trained(2, -1))) << rule;
    EXPECT_TRUE(contracts::same_bits(one, trained(2, 6))) << rule;
  }
}

}  // namespace
}  // namespace neurarium
