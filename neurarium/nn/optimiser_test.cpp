// Twenty steps of each optimiser beside torch.optim in float64.
#include "neurarium/nn/optimiser.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "neurarium/core/pool.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/nn/torch_answers_test.hpp"

namespace neurarium {
namespace {

struct Case {
  const char* name;
  const char* type;
  std::vector<std::pair<const char*, Value>> settings;
  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
};
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"sgd", "sgd", {}},
      {"sgd_momentum", "sgd", {{"momentum", 0.9}}},
      {"sgd_nesterov", "sgd", {{"momentum", 0.8}, {"nesterov", true}}},
      {"sgd_decay", "sgd", {{"learning_rate", 0.05}, {"momentum", 0.9}, {"weight_decay", 0.3}}},
      {"rmsprop", "rmsprop", {}},
      {"rmsprop_all",
       "rmsprop",
       {{"learning_rate", 0.02},
        {"alpha", 0.9},
        {"epsilon", 1e-6},
        {"momentum", 0.7},
        {"centred", true},
        {"weight_decay", 0.2}}},
      {"adam", "adam", {}},
      {"adam_decay",
       "adam",
       {{"learning_rate", 0.05}, {"beta1", 0.8}, {"beta2", 0.95}, {"epsilon", 1e-6}, {"weight_decay", 0.3}}},
      {"adamw", "adamw", {}},
      {"adamw_decay",
       "adamw",
       {{"learning_rate", 0.05}, {"beta1", 0.8}, {"beta2", 0.95}, {"epsilon", 1e-6}, {"weight_decay", 0.3}}},
  };
  return all;
}

std::unique_ptr<Optimiser> make(const Case& c) {
  Registry registry;
  register_optimisers(registry);
  Value settings = Value::table();
  for (const auto& [key, value] : c.settings) settings.set(key, value);
  return registry.make<Optimiser>("optimiser", {c.type, settings});
}

/// Two parameters, as the script has them, with one row of ten numbers spread over them.
struct Weights {
  Array a, b;
  explicit Weights(DType type) : a(type, {3, 2}), b(type, {4}) {}
  void set(std::span<const double> row) {
    with_floating(a.dtype(), [&]<class T>() {
      for (std::size_t i = 0; i < 10; ++i) at<T>(i) = static_cast<T>(row[i]);
    });
  }
  double get(std::size_t i) {
    return with_floating(a.dtype(), [&]<class T>() { return static_cast<double>(at<T>(i)); });
  }
  std::vector<NamedView> views() { return {{"a", a.view()}, {"b", b.view()}}; }
  Gradient gradient() const { return {a, b}; }

 private:
  template <class T>
  T& at(std::size_t i) {
    return i < 6 ? a.as<T>().flat()[i] : b.as<T>().flat()[i - 6];
  }
};

class TorchOptimiser : public testing::TestWithParam<Case> {
 protected:
  const Array start = torch_answer("start"), gradients = torch_answer("gradients"),
              expected = torch_answer(std::string("optimiser/") + GetParam().name);

  void follow(DType type, double tolerance) {
    Weights w(type), g(type);
    w.set(start.as<double>().flat());
    const auto optimiser = make(GetParam());
    for (std::size_t step = 0; step < 20; ++step) {
      g.set(gradients.as<double>()[step].flat());
      optimiser->step(w.views(), g.gradient());
      for (std::size_t i = 0; i < 10; ++i)
        ASSERT_NEAR(w.get(i), expected.as<double>()(step, i), tolerance) << "step " << step << ", number " << i;
    }
  }
};

TEST_P(TorchOptimiser, EqualsPyTorchOverTwentySteps) { follow(DType::f64, 1e-12); }
TEST_P(TorchOptimiser, FloatFollows) { follow(DType::f32, 2e-5); }

TEST_P(TorchOptimiser, ThreadsShareAStepWithTheSameBits) {
  WorkerPool pool(3);
  const auto alone = make(GetParam()), shared = make(GetParam());
  Array large(DType::f32, {70'001}), small(DType::f32, {5}), large_too(DType::f32, {70'001}),
      small_too(DType::f32, {5});
  const std::vector<NamedView> here{{"large", large.view()}, {"small", small.view()}},
      there{{"large", large_too.view()}, {"small", small_too.view()}};
  for (std::uint32_t step = 0; step < 3; ++step) {
    const Gradient gradient = [&] {
      Gradient drawn{Array(DType::f32, {70'001}), Array(DType::f32, {5})};
      for (Array& g : drawn) fill_uniform(Stream(3, "g"), {0, 0, step, 0}, -1, 1, g.as<float>().flat());
      return drawn;
    }();
    alone->step(here, gradient, 0.5);
    shared->step(there, gradient, 0.5, &pool);
    EXPECT_EQ(std::memcmp(large.view().data(), large_too.view().data(), large.view().bytes()), 0);
    EXPECT_EQ(std::memcmp(small.view().data(), small_too.view().data(), small.view().bytes()), 0);
  }
  EXPECT_NE(large.as<float>()(70'000), 0);
}

TEST_P(TorchOptimiser, GoesOnFromItsStateWithTheSameBits) {
  Weights whole(DType::f32), cut(DType::f32), g(DType::f32);
  whole.set(start.as<double>().flat());
  cut.set(start.as<double>().flat());
  const auto straight = make(GetParam());
  auto resumed = make(GetParam());
  for (std::size_t step = 0; step < 20; ++step) {
    if (step == 7) {
      const auto old = std::move(resumed);
      resumed = make(GetParam());
      const auto from = old->state(cut.views()), to = resumed->state(cut.views());
      ASSERT_EQ(from.size(), to.size());
      for (std::size_t k = 0; k < from.size(); ++k) {
        ASSERT_EQ(from[k].name, to[k].name);
        std::memcpy(to[k].values.data(), from[k].values.data(), from[k].values.bytes());
      }
    }
    g.set(gradients.as<double>()[step].flat());
    straight->step(whole.views(), g.gradient(), 0.5);
    resumed->step(cut.views(), g.gradient(), 0.5);
  }
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(whole.get(i), cut.get(i)) << i;
}

TEST_P(TorchOptimiser, TheFactorActsOnTheLearningRate) {
  Case halved = GetParam();
  Registry registry;
  register_optimisers(registry);
  double rate = registry.find("optimiser", halved.type)->schema.defaults().at("learning_rate").as_number();
  for (const auto& [key, value] : halved.settings)
    if (std::string(key) == "learning_rate") rate = value.as_number();
  halved.settings.emplace_back("learning_rate", rate / 2);
  Weights a(DType::f64), b(DType::f64), g(DType::f64);
  a.set(start.as<double>().flat());
  b.set(start.as<double>().flat());
  const auto first = make(GetParam()), second = make(halved);
  for (std::size_t step = 0; step < 5; ++step) {
    g.set(gradients.as<double>()[step].flat());
    first->step(a.views(), g.gradient(), 0.5);
    second->step(b.views(), g.gradient());
  }
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(a.get(i), b.get(i)) << i;
}

INSTANTIATE_TEST_SUITE_P(Optimisers, TorchOptimiser, testing::ValuesIn(cases()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Optimiser, NesterovNeedsMomentum) { EXPECT_THROW(make({"", "sgd", {{"nesterov", true}}}), SpecError); }

}  // namespace
}  // namespace neurarium
