// The ball of an attack: distances, ways back and random points, by hand and by their distribution.
#include "neurarium/robustness/ball.hpp"

#include <gtest/gtest.h>

namespace neurarium {
namespace {

using Numbers = std::vector<double>;

double far(Norm norm, const Numbers& a, const Numbers& b) { return distance<double>(norm, a, b); }

Numbers projected(Norm norm, double epsilon, const Bounds& bounds, const Numbers& centre, Numbers x) {
  project<double>(norm, epsilon, bounds, centre, x);
  return x;
}

Numbers stepped(Norm norm, double size, const Numbers& gradient, Numbers x) {
  step_along<double>(norm, size, gradient, x);
  return x;
}

TEST(Ball, DistancesAreThoseOfTheNorms) {
  EXPECT_EQ(far(Norm::linf, {1, 2, 3}, {1, -2, 6}), 4);
  EXPECT_EQ(far(Norm::l2, {1, 2, 3}, {1, -2, 6}), 5);
  EXPECT_EQ(far(Norm::l2, {1, 2}, {1, 2}), 0);
}

TEST(Ball, TheWayBackIsTheNearestPoint) {
  EXPECT_EQ(projected(Norm::linf, 0.25, {0, 1}, {0.5, 0.5, 0.125, 1}, {0.6, 0.9, -3, 2}), (Numbers{0.6, 0.75, 0, 1}));
  const Numbers outside = projected(Norm::l2, 1, {-10, 10}, {1, 1}, {4, 5});
  EXPECT_NEAR(outside[0], 1.6, 1e-15);
  EXPECT_NEAR(outside[1], 1.8, 1e-15);
  EXPECT_EQ(projected(Norm::l2, 6, {-10, 10}, {1, 1}, {4, 5}), (Numbers{4, 5}));
  EXPECT_EQ(projected(Norm::l2, 6, {0, 1}, {1, 1}, {4, -5}), (Numbers{1, 0}));
}

TEST(Ball, StepsGoAlongTheGradient) {
  EXPECT_EQ(stepped(Norm::linf, 0.5, {2, -1e-30, 0}, {0, 0, 0}), (Numbers{0.5, -0.5, 0}));
  const Numbers step = stepped(Norm::l2, 10, {3, 4}, {1, 1});
  EXPECT_NEAR(step[0], 7, 1e-14);
  EXPECT_NEAR(step[1], 9, 1e-14);
  EXPECT_EQ(stepped(Norm::l2, 1, {0, 0}, {1, 1}), (Numbers{1, 1}));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(stepped(Norm::l2, 1, {nan, 1}, {1, 1}), (Numbers{1, 1}));
  EXPECT_EQ(stepped(Norm::linf, 1, {nan, 1}, {1, 1}), (Numbers{1, 2}));
}

TEST(Ball, RandomPointsFillIt) {
  const Stream stream(1, "a test");
  const Numbers centre{0, 0};
  double sum = 0, furthest = 0, squares = 0;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    Numbers x(2);
    random_point<double>(Norm::l2, 2, {-5, 5}, stream, {0, i, 0, 0}, centre, x);
    sum += far(Norm::l2, x, centre), furthest = std::max(furthest, far(Norm::l2, x, centre));
    random_point<double>(Norm::linf, 2, {-5, 5}, stream, {0, i, 0, 0}, centre, x);
    EXPECT_LE(far(Norm::linf, x, centre), 2);
    squares += x[0] * x[0] + x[1] * x[1];
  }
  // Uniform in a disk of radius 2: mean radius 4/3. Uniform in ±2: variance 4/3.
  EXPECT_NEAR(sum / 2000, 4.0 / 3, 0.03);
  EXPECT_LE(furthest, 2 + 1e-12);
  EXPECT_GT(furthest, 1.98);
  EXPECT_NEAR(squares / 4000, 4.0 / 3, 0.06);
}

TEST(Ball, RandomPointsDependOnTheCounterAloneAndKeepTheBounds) {
  const Numbers centre{0.1, 0.5, 0.9};
  for (const Norm norm : {Norm::linf, Norm::l2}) {
    Numbers one(3), again(3), other(3);
    random_point<double>(norm, 0.5, {0, 1}, Stream(1, "a"), {0, 3, 0, 0}, centre, one);
    random_point<double>(norm, 0.5, {0, 1}, Stream(1, "a"), {0, 3, 0, 0}, centre, again);
    random_point<double>(norm, 0.5, {0, 1}, Stream(1, "a"), {0, 4, 0, 0}, centre, other);
    EXPECT_EQ(one, again);
    EXPECT_NE(one, other);
    for (const double v : one) EXPECT_TRUE(v >= 0 && v <= 1);
  }
}

}  // namespace
}  // namespace neurarium
