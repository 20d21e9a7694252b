// Dale's law: signs as chosen, equations and gradients of every rule, beside PyTorch's steps, and what can't be.
#include "neurarium/nn/sign_constraint.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/core/rng.hpp"
#include "neurarium/interchange/npz.hpp"
#include "neurarium/nn/network_state.hpp"
#include "neurarium/nn/optimiser.hpp"
#include "neurarium/nn/signed_network_test.hpp"
#include "neurarium/nn/signed_weight.hpp"

namespace neurarium {
namespace {

using namespace signed_networks;

std::vector<signed char> signs_for(const Settings& settings, const Shape& weight, std::uint64_t seed = 1,
                                   std::size_t axis = 1, std::size_t groups = 1) {
  DaleParams params;
  std::vector<Fault> faults;
  const Schema schema = DaleParams::fields();
  schema.read(schema.complete(table(settings), {&registry(), &faults, "", {}}), &params,
              {&registry(), &faults, "", {}});
  EXPECT_TRUE(faults.empty());
  const SynapseMap map = SynapseMap::of(weight, axis, groups, params.per == "synapse");
  return chosen_signs(params, map, "dense1.dale", "dense1.weight", seed);
}

std::size_t inhibitory(const std::vector<signed char>& signs) {
  return static_cast<std::size_t>(std::ranges::count(signs, -1));
}

// ── Which signs ────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(Signs, AreSoManyAsTheFractionSays) {
  for (const char* how : {"random", "first"}) {
    // 100 · 0.29 is 28.999999999999996
    for (const auto& [fraction, expected] :
         std::vector<std::pair<double, std::size_t>>{{0, 0}, {0.1, 10}, {0.29, 29}, {0.5, 50}, {0.999, 99}, {1, 100}}) {
      const auto signs = signs_for({{"signs", how}, {"inhibitory_fraction", fraction}}, {3, 100});
      ASSERT_EQ(signs.size(), 100u);
      EXPECT_EQ(inhibitory(signs), expected) << how << ' ' << fraction;
      EXPECT_EQ(std::ranges::count(signs, 1), 100 - static_cast<std::ptrdiff_t>(expected));
    }
  }
  const auto first = signs_for({{"signs", "first"}, {"inhibitory_fraction", 0.4}}, {3, 5});
  EXPECT_EQ(first, (std::vector<signed char>{-1, -1, 1, 1, 1}));
  EXPECT_EQ(inhibitory(signs_for({{"signs", "random"}, {"per", "synapse"}, {"inhibitory_fraction", 0.1}}, {30, 20})),
            60u);
}

TEST(Signs, AreDrawnBySeedAndName) {
  const auto drawn = [](std::uint64_t seed) { return signs_for({{"signs", "random"}}, {3, 100}, seed); };
  EXPECT_EQ(drawn(1), drawn(1));
  EXPECT_NE(drawn(1), drawn(2));
  const Settings shared = {{"signs", "random"}, {"drawn_as", "hidden"}};
  DaleParams params;
  params.signs = "random";
  const Shape weight{3, 100};
  const auto named = [&](const char* as, const char* path) {
    params.drawn_as = as;
    return chosen_signs(params, SynapseMap::of(weight, 1), "x", path, 1);
  };
  EXPECT_NE(named("", "a"), named("", "b"));
  EXPECT_EQ(named("hidden", "a"), named("hidden", "b"));
}

TEST(Signs, KnowWhoseSynapseIsWhich) {
  const auto walk = [](const SynapseMap& map) {
    std::vector<std::size_t> units;
    map.each([&](std::size_t i, std::size_t u) {
      EXPECT_EQ(i, units.size());
      units.push_back(u);
    });
    return units;
  };
  using All = std::vector<std::size_t>;
  EXPECT_EQ(walk(SynapseMap::of({2, 3}, 1)), (All{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(walk(SynapseMap::of({2, 3}, 0)), (All{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(walk(SynapseMap::of({2, 2, 1, 2}, 1)), (All{0, 0, 1, 1, 0, 0, 1, 1}));
  EXPECT_EQ(walk(SynapseMap::of({4, 2, 1, 1}, 1, 2)), (All{0, 1, 0, 1, 2, 3, 2, 3}));  // two groups of two channels
  EXPECT_EQ(walk(SynapseMap::of({2, 2}, 1, 1, true)), (All{0, 1, 2, 3}));
  EXPECT_EQ(SynapseMap::of({4, 2, 1, 1}, 1, 2).signs(), 4u);
  EXPECT_EQ(SynapseMap::of({2, 3}, 1).postsynaptic(4), 1u);
  EXPECT_EQ(SynapseMap::of({2, 3}, 0).postsynaptic(4), 1u);
}

// ── Equations ──────────────────────────────────────────────────────────────────────────────────────────────────────

/// Weights of three inputs (inhibitory, free, excitatory) upon one unit, stored and as they act.
struct Weights {
  std::vector<double> stored, effective;
};
Weights weights_of(const char* rule, const std::vector<double>& given) {
  const auto model = dense(given, 1, table({{"rule", rule}, {"given", signs_value({-1, 0, 1})}}));
  const auto parameters = model->parameters();
  return {numbers_of(parameters[0].values), numbers_of(effective_weights(parameters[0]))};
}

TEST(SignRules, StartFromTheDrawnSizes) {
  const std::vector<double> given = {0.5, -0.25, -2};
  for (const char* rule : {"abs", "relu", "square", "softplus", "clamp", "exponentiated"}) {
    const auto found = weights_of(rule, given).effective;
    EXPECT_NEAR(found[0], -0.5, 1e-15) << rule;
    EXPECT_EQ(found[1], -0.25) << rule;
    EXPECT_NEAR(found[2], 2, 1e-15) << rule;
  }
  EXPECT_EQ(weights_of("none", given).effective, given);
  EXPECT_EQ(weights_of("abs", given).stored, given);
  EXPECT_NEAR(weights_of("softplus", given).stored[0], std::log(std::expm1(0.5)), 1e-15);
  EXPECT_NEAR(weights_of("square", given).stored[2], std::sqrt(2), 1e-15);
  const auto learned = weights_of("learned", given).effective;
  EXPECT_NEAR(learned[0], -std::tanh(1) * 0.5, 1e-15);
  EXPECT_EQ(learned[1], -0.25);
}

TEST(SignRules, TheLayerMultipliesWithTheEffectiveWeights) {
  for (const char* rule : {"none", "abs", "relu", "square", "softplus", "learned", "clamp", "exponentiated"}) {
    const auto model = dense({0.5, -0.25, -2}, 1, table({{"rule", rule}, {"given", signs_value({-1, 0, 1})}}));
    Array ones(DType::f64, {3, 3});
    for (std::size_t i = 0; i < 3; ++i) ones.as<double>()(i, i) = 1;
    const auto y = numbers_of(model->outputs(ones, {}).front().second);
    EXPECT_EQ(y, numbers_of(effective_weights(model->parameters()[0]))) << rule;
  }
}

/// ∂(½ Σ (y − 0)²)/∂w of one synapse at w with x = 1: W · dW/dw.
double gradient_at(const char* rule, double w, const char* at_zero, std::uint64_t step = 0) {
  const auto model =
      dense({1, 1}, 1, table({{"rule", rule}, {"given", signs_value({1, 1})}, {"gradient_at_zero", at_zero}}));
  model->parameters()[0].values.as<double>()(0, 0) = w;
  Array x(DType::f64, {1, 2}), y(DType::f64, {1, 1});
  x.as<double>().flat()[0] = 1;
  y.as<double>().flat()[0] = -3;
  Tape tape;
  Gradient gradient = make_gradient(*model);
  model->evaluate_with_gradient({x, y, 1}, {Mode::train, 1, 0, step, {}}, tape, gradient);
  return gradient[0].as<double>()(0, 0) / (numbers_of(effective_weights(model->parameters()[0]))[0] + 3);
}

TEST(SignRules, HaveTheirSlopesAtZero) {
  EXPECT_EQ(gradient_at("abs", 0, "zero"), 0);
  EXPECT_EQ(gradient_at("abs", 0, "small"), 0.01);
  EXPECT_EQ(gradient_at("relu", 0, "small"), 0);
  EXPECT_EQ(gradient_at("square", 0, "zero"), 0);
  EXPECT_DOUBLE_EQ(gradient_at("softplus", 0, "zero"), 0.5);
  EXPECT_DOUBLE_EQ(gradient_at("abs", -2, "small"), -1);
  EXPECT_DOUBLE_EQ(gradient_at("square", -2, "zero"), -4);
  EXPECT_DOUBLE_EQ(gradient_at("softplus", -2, "zero"), 1 / (1 + std::exp(2)));
  int up = 0;
  for (std::uint64_t step = 0; step < 400; ++step) {
    const double slope = gradient_at("abs", 0, "random", step);
    ASSERT_EQ(std::abs(slope), 1);
    up += slope > 0;
  }
  EXPECT_NEAR(up, 200, 40);  // 4 standard deviations
  EXPECT_EQ(gradient_at("abs", 0, "random", 7), gradient_at("abs", 0, "random", 7));
}

TEST(SignRules, PenaltiesAreTheirFormulas) {
  const Array x(DType::f64, {4, 3}), y(DType::f64, {4, 1});  // all 0: what is left are the penalties
  const Context training{Mode::train, 1, 0, 0, {}};
  Tape tape;
  const auto violated =
      dense({0.5, -7, -2}, 1, table({{"violation_penalty", 0.1}, {"given", signs_value({-1, 0, 1})}}));
  EXPECT_NEAR(violated->evaluate({x, y, 1}, training, tape).loss, 4 * 0.1 * 2.5, 1e-15);
  EXPECT_EQ(violated->evaluate({x, y, 1}, {}, tape).loss, 0);  // only in training
  const auto soft =
      dense({0.5, -7, -2}, 1, table({{"rule", "learned"}, {"hardening", 0.1}, {"given", signs_value({-1, 0, 1})}}));
  EXPECT_NEAR(soft->evaluate({x, y, 1}, training, tape).loss, 4 * 0.1 * 2 * (1 - std::tanh(1) * std::tanh(1)), 1e-15);
}

TEST(SignRules, WithoutARuleNothingChanges) {
  const auto plain = network({table({{"type", "dense"}, {"units", 4}})}, 6);
  const auto known = network({table({{"type", "dense"}, {"units", 4}, {"dale", table({{"signs", "random"}})}})}, 6);
  EXPECT_EQ(plain->buffers().size(), 0u);
  EXPECT_EQ(known->buffers().size(), 1u);
  EXPECT_EQ(plain->parameters()[0].signs, nullptr);
  ASSERT_NE(known->parameters()[0].signs, nullptr);
  EXPECT_EQ(numbers_of(plain->parameters()[0].values), numbers_of(known->parameters()[0].values));
}

TEST(SignRules, ASavedNetworkHasTheSignsItWasTrainedWith) {
  for (const Value& dale : {table({{"rule", "square"}, {"given", signs_value({-1, 0, 1, 1})}}),
                            table({{"rule", "learned"}, {"signs", "random"}}),
                            table({{"rule", "softplus"}, {"signs", "random"}, {"per", "synapse"}})}) {
    const Component described{"sequential",
                              table({{"layers", Value::List{table({{"type", "dense"}, {"units", 3}, {"dale", dale}})}},
                                     {"inputs", Value::List{4}},
                                     {"seed", 1},
                                     {"scalar", "float64"}})};
    const auto model = registry().make<Model>("model", described);
    NetworkState state = state_of_network(described, *model);
    state.description.settings = without_arrays(state.description.settings);  // as a run keeps it
    state.description.settings.set("seed", 2);
    Array x(DType::f64, {5, 4});
    fill_uniform(Stream(1, "x"), {}, -1, 1, x.as<double>().flat());
    EXPECT_EQ(numbers_of(network_with(state, registry())->outputs(x, {}).front().second),
              numbers_of(model->outputs(x, {}).front().second));
  }
}

TEST(SignRules, WeightsMayBeginBalanced) {
  for (const char* start : {"balanced", "colei"}) {
    const auto model = network(
        {table({{"type", "dense"},
                {"units", 50},
                {"initialiser", table({{"type", "exponential"}, {"sd", 0.1}})},
                {"dale",
                 table({{"rule", "clamp"}, {"signs", "random"}, {"inhibitory_fraction", 0.2}, {"start", start}})}})},
        400);
    const NamedView weight = model->parameters()[0];
    const auto signs = signs_of(weight);
    const auto w = numbers_of(weight.values);
    double excitatory = 0, inhibitory_mean = 0;
    for (std::size_t i = 0; i < w.size(); ++i) (signs[i] > 0 ? excitatory : inhibitory_mean) += w[i];
    excitatory /= 0.8 * 20000, inhibitory_mean /= 0.2 * 20000;
    const double two_pi = 2 * 3.14159265358979323846;
    const double sd =
        std::string(start) == "balanced" ? 0.1 : 1 / std::sqrt((two_pi - 1) / two_pi * (320 + 320.0 * 320 / 80));
    EXPECT_NEAR(excitatory, sd, 4 * sd / std::sqrt(16000)) << start;  // an exponential's mean is its sd
    EXPECT_NEAR(inhibitory_mean, -4 * sd, 4 * 4 * sd / std::sqrt(4000)) << start;
  }
  for (const double fraction : {0.0, 1.0})  // with one kind only there is nothing to balance
    for (const char* start : {"balanced", "colei"}) {
      const auto model = network({table({{"type", "dense"},
                                         {"units", 5},
                                         {"dale", table({{"rule", "exponentiated"},
                                                         {"signs", "random"},
                                                         {"inhibitory_fraction", fraction},
                                                         {"start", start}})}})},
                                 40);
      for (const double w : numbers_of(model->parameters()[0].values)) {
        EXPECT_TRUE(fraction == 0 ? w > 0 : w < 0);
        EXPECT_TRUE(std::isfinite(w));
      }
    }
}

// ── Training ───────────────────────────────────────────────────────────────────────────────────────────────────────

Array answer(const std::string& name) {
  for (auto& [key, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/dale/signs.npz"))
    if (key == name) return array;
  throw InternalError("no array " + name);
}

class TorchSigns : public testing::TestWithParam<std::tuple<const char*, const char*>> {
 protected:
  void follow(const char* scalar, double tolerance) {
    const auto& [rule, optimiser_type] = GetParam();
    const auto layer = [&](const std::string& number, std::int64_t units, const char* activation) {
      const Array stored = answer("signs" + number);
      Value::List signs;
      for (const double sign : numbers_of(stored)) signs.push_back(static_cast<int>(sign));
      const char* per = stored.shape().axes() == 1 ? "unit" : "synapse";
      return table({{"type", "dense"},
                    {"units", units},
                    {"activation", activation},
                    {"weights", array_value(answer("w" + number))},
                    {"bias", array_value(answer("b" + number))},
                    {"dale", table({{"rule", rule}, {"given", signs}, {"per", per}, {"learned_start", 0.5}})}});
    };
    const auto model = network({layer("1", 4, "tanh"), layer("2", 3, "identity")}, 5, "cross_entropy", 1, scalar);
    const Array x = converted(answer("x"), model->scalar()), labels = answer("labels");
    const Array expected = answer(std::string(rule) + "/" + optimiser_type);
    Value settings = table({{"learning_rate", 0.05}});
    if (std::string(optimiser_type) == "sgd") settings = table({{"learning_rate", 0.1}, {"momentum", 0.9}});
    const auto optimiser = registry().make<Optimiser>("optimiser", {optimiser_type, settings});
    const auto parameters = model->parameters();
    Tape tape;
    for (std::size_t step = 0; step < expected.shape()[0]; ++step) {
      std::size_t k = 0;
      for (const NamedView& parameter : parameters)
        for (const double w : numbers_of(parameter.values))
          ASSERT_NEAR(w, expected.as<double>()(step, k++), tolerance) << "step " << step << ", " << parameter.name;
      ASSERT_EQ(k, expected.shape()[1]);
      Gradient gradient = make_gradient(*model);
      model->evaluate_with_gradient({x, labels, 1}, {Mode::train, 1, 0, step, {}}, tape, gradient);
      scale(gradient, 1.0 / 12);
      optimiser->step(parameters, gradient);
    }
  }
};

TEST_P(TorchSigns, EveryStepEqualsPyTorch) { follow("float64", 1e-11); }
TEST_P(TorchSigns, FloatFollows) { follow("float32", 1e-4); }

INSTANTIATE_TEST_SUITE_P(
    Rules, TorchSigns,
    testing::Combine(testing::Values("abs", "relu", "square", "softplus", "learned", "clamp", "exponentiated"),
                     testing::Values("sgd", "adam")),
    [](const auto& rule) { return std::string(std::get<0>(rule.param)) + "_" + std::get<1>(rule.param); });

TEST(SignRules, EveryOptimiserKeepsThem) {
  for (const char* rule : {"clamp", "exponentiated", "abs", "relu", "square", "softplus"})
    for (const auto& [type, settings] : std::vector<std::pair<const char*, Value>>{
             {"sgd", table({})},
             {"sgd", table({{"momentum", 0.9}, {"nesterov", true}})},
             {"rmsprop", table({{"momentum", 0.5}, {"centred", true}})},
             {"rmsprop", table({})},
             {"adam", table({{"learning_rate", 0.05}})},
             {"adamw", table({{"learning_rate", 0.05}, {"weight_decay", 0.1}})}}) {
      const auto model =
          network({table({{"type", "dense"}, {"units", 6}, {"dale", table({{"rule", rule}, {"signs", "random"}})}})}, 9,
                  "squared_error", 2, "float32");
      const auto optimiser = registry().make<Optimiser>("optimiser", {type, settings});
      const auto parameters = model->parameters();
      for (std::uint32_t step = 0; step < 40; ++step) {
        Gradient gradient = make_gradient(*model);
        for (Array& g : gradient) fill_uniform(Stream(4, "g"), {0, 0, step, 0}, -1, 1, g.as<float>().flat());
        optimiser->step(parameters, gradient);
      }
      const auto signs = signs_of(parameters[0]);
      const auto w = numbers_of(effective_weights(parameters[0]));
      for (std::size_t i = 0; i < w.size(); ++i) {
        ASSERT_TRUE(std::isfinite(w[i])) << rule << ' ' << type;
        ASSERT_GE(signs[i] * w[i], 0) << rule << ' ' << type;
        if (std::string(rule) == "exponentiated") {
          ASSERT_NE(w[i], 0) << type;
        }
      }
    }
}

TEST(SignRules, AClampedWeightForgetsItsMomentum) {
  const auto model = dense({0.1, 0.1}, 1, table({{"rule", "clamp"}, {"given", signs_value({1, 1})}}));
  const auto optimiser =
      registry().make<Optimiser>("optimiser", {"sgd", table({{"learning_rate", 1}, {"momentum", 0.5}})});
  const auto parameters = model->parameters();
  Gradient gradient = make_gradient(*model);
  gradient[0].as<double>()(0, 0) = 1;   // pushed below 0
  gradient[0].as<double>()(0, 1) = -1;  // free to grow
  optimiser->step(parameters, gradient);
  EXPECT_EQ(numbers_of(parameters[0].values), (std::vector<double>{0, 1.1}));
  set_zero(gradient);
  gradient[0].as<double>()(0, 0) = -0.25;
  optimiser->step(parameters, gradient);
  EXPECT_EQ(numbers_of(parameters[0].values), (std::vector<double>{0.25, 1.6}));  // 0.5 of −1 is left on the right only
}

TEST(SignRules, AWeightThatIsNoNumberIsNotHidden) {
  for (const char* rule : {"clamp", "exponentiated"}) {
    const auto model = dense({0.1, 0.1}, 1, table({{"rule", rule}, {"given", signs_value({1, 1})}}));
    const auto optimiser = registry().make<Optimiser>("optimiser", {"sgd", table({})});
    Gradient gradient = make_gradient(*model);
    gradient[0].as<double>()(0, 0) = NAN;
    optimiser->step(model->parameters(), gradient);
    EXPECT_TRUE(std::isnan(numbers_of(model->parameters()[0].values)[0])) << rule;
  }
}

// ── What can't be ──────────────────────────────────────────────────────────────────────────────────────────────────

template <class Fault>
void expect_fault(const Value& dale, const std::string& text) {
  try {
    dense({0.5, -0.25, -2}, 1, dale);
    ADD_FAILURE() << "no error: " << text;
  } catch (const Fault& error) {
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
  }
}

TEST(SignFaults, AreToldWithWhereAndHow) {
  const Value good = signs_value({-1, 0, 1});
  expect_fault<ShapeError>(table({{"given", signs_value({1, 1})}}), "[3], a sign for each presynaptic unit");
  expect_fault<ShapeError>(table({{"given", signs_value({1, 1})}, {"per", "synapse"}}), "[3], a sign for each weight");
  expect_fault<SpecError>(table({{"given", signs_value({1, 2, 1})}}), "number 1 is 2, which is no sign");
  expect_fault<SpecError>(table({{"given", Value::List{1, 0.5, 1}}}), "given");
  expect_fault<SpecError>(table({{"given", good}, {"signs", "random"}}), "dense1.dale.given");
  for (const char* rule : {"abs", "clamp", "learned"})
    expect_fault<SpecError>(table({{"rule", rule}}), "has no signs to keep");
  expect_fault<SpecError>(table({{"start", "balanced"}}), "dense1.dale.start");
  expect_fault<SpecError>(table({{"violation_penalty", 1}}), "no signs to violate");
  expect_fault<SpecError>(table({{"given", good}, {"rule", "abs"}, {"violation_penalty", 1}}), "no violations");
  expect_fault<SpecError>(table({{"given", good}, {"rule", "abs"}, {"hardening", 1}}), "only learned signs");
  expect_fault<SpecError>(table({{"signs", "first"}, {"per", "synapse"}}), "dense1.dale.per");
  expect_fault<SpecError>(table({{"signs", "random"}, {"inhibitory_fraction", 1.5}}), "inhibitory_fraction");
  expect_fault<SpecError>(table({{"signs", "random"}, {"inhibitory_fraction", -0.1}}), "inhibitory_fraction");
  expect_fault<SpecError>(table({{"rule", "absolute"}}), "abs");
  for (const char* rule : {"exponentiated", "softplus"})
    EXPECT_THROW(dense({0.5, 0}, 1, table({{"given", signs_value({1, 1})}, {"rule", rule}})), DataError) << rule;
  EXPECT_NO_THROW(dense({0.5, 0}, 1, table({{"given", signs_value({1, 0})}, {"rule", "exponentiated"}})));
}

}  // namespace
}  // namespace neurarium
