#include "neurarium/nn/surrogate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace neurarium {
namespace {

const Registry& registry() {
  static const Registry parts = [] {
    Registry r;
    register_surrogates(r);
    return r;
  }();
  return parts;
}
template <class T>
std::unique_ptr<Surrogate<T>> make(const std::string& type, Value settings = Value::table()) {
  return registry().make<Surrogate<T>>("surrogate", {type, std::move(settings)}, "surrogate");
}
const std::vector<std::string> kinds = {"sigmoid",   "fast_sigmoid", "arctan",   "triangle",
                                        "rectangle", "gaussian",     "straight", "table"};

TEST(Surrogates, AreTheDerivativesOfTheirPrimitives) {
  for (const std::string& kind : kinds) {
    const auto surrogate = make<double>(kind);
    EXPECT_DOUBLE_EQ(surrogate->soft(0), 0.5) << kind;
    for (double x = -2.03; x < 2; x += 0.1) {
      double slope;
      surrogate->slopes({&x, 1}, {&slope, 1});
      constexpr double h = 1e-5;
      EXPECT_NEAR(slope, (surrogate->soft(x + h) - surrogate->soft(x - h)) / (2 * h), 1e-7) << kind << " at " << x;
    }
  }
}

TEST(Surrogates, HaveThePeaksThatTheirPageSays) {
  const std::vector<double> peaks = {5. / 4, 1, 1, 1, 1, 1 / (0.4 * std::sqrt(2 * std::numbers::pi)), 1, 1};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const float x = 0;
    float slope;
    make<float>(kinds[i])->slopes({&x, 1}, {&slope, 1});
    EXPECT_FLOAT_EQ(slope, static_cast<float>(peaks[i])) << kinds[i];
  }
}

TEST(Surrogates, StayFiniteFarAway) {
  for (const std::string& kind : kinds)
    for (const float x : {-1e30F, -90.F, 90.F, 1e30F}) {
      float slope = 7;
      make<float>(kind)->slopes({&x, 1}, {&slope, 1});
      EXPECT_TRUE(std::isfinite(slope)) << kind << " at " << x;
      EXPECT_TRUE(slope < 1e-2F || kind == "straight") << kind << " at " << x;
    }
}

TEST(Surrogates, TablesAreChecked) {
  const auto table = [](Value::List x, Value::List slope) {
    Value settings = Value::table();
    settings.set("x", std::move(x)), settings.set("slope", std::move(slope));
    return make<double>("table", settings);
  };
  const auto uneven = table({-1., 0., 2.}, {0.5, 1., 0.});
  for (const auto& [x, expected] : {std::pair{-0.5, 0.75}, {1., 0.5}, {-1.1, 0.}, {2.1, 0.}}) {
    double slope;
    uneven->slopes({&x, 1}, {&slope, 1});
    EXPECT_DOUBLE_EQ(slope, expected) << x;
  }
  EXPECT_THROW(table({0.}, {1.}), SpecError);
  EXPECT_THROW(table({0., 1.}, {1.}), SpecError);
  EXPECT_THROW(table({1., 0.}, {1., 1.}), SpecError);
  EXPECT_THROW(table({0., 1.}, {1., -1.}), SpecError);
  EXPECT_THROW(make<double>("no_such"), SpecError);
}

}  // namespace
}  // namespace neurarium
