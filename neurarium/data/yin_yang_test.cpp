// Yin, yang and dots: the figure by another construction, fair shares, areas in closed form, the same points for any
// threads.
#include "neurarium/data/yin_yang.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "neurarium/data/catalogue.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

TEST(YinYang, FigureIsTheOneDrawnByNumPy) {
  Array points, classes;
  for (auto& [name, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/spiking/yin_yang.npz"))
    (name == "points" ? points : classes) = std::move(array);
  ASSERT_EQ(points.shape(), (Shape{1500, 2}));
  for (std::size_t i = 0; i < 1500; ++i) {
    const double x = points.as<double>()(i, 0), y = points.as<double>()(i, 1);
    ASSERT_EQ(yin_yang_class(x, y), classes.as<std::int64_t>()(i)) << x << " " << y;
  }
}

TEST(YinYang, SamplesAreThoseOfTheirClassInEqualShares) {
  const Dataset data = load_dataset("yin-yang:seed=4,training_samples=30000,test_samples=500", "");
  EXPECT_EQ(data.classes, (std::vector<std::string>{"yin", "yang", "dot"}));
  EXPECT_EQ(data.divisor, 1);
  ASSERT_EQ(data.train.x.shape(), (Shape{30000, 4}));
  ASSERT_EQ(data.test.x.shape(), (Shape{500, 4}));
  const auto x = data.train.x.as<float>();
  const auto label = data.train.y.as<std::int64_t>();
  double count[3] = {}, left_dots = 0, upper_yang = 0;
  for (std::size_t i = 0; i < 30000; ++i) {
    const double px = x(i, 0), py = x(i, 1);
    ASSERT_LE(std::hypot(px - 0.5, py - 0.5), 0.5 + 1e-7);
    ASSERT_NEAR(x(i, 2), 1 - px, 1e-7);
    ASSERT_NEAR(x(i, 3), 1 - py, 1e-7);
    ASSERT_EQ(yin_yang_class(px, py), label(i)) << "but for points that rounding moves over an edge: none in this set";
    ++count[label(i)];
    if (label(i) == 2 && px < 0.5) ++left_dots;
    if (label(i) == 1 && py > 0.5) ++upper_yang;
  }
  for (const double n : count) EXPECT_NEAR(n, 10000, 4 * std::sqrt(10000 * 2 / 3.0));
  EXPECT_NEAR(left_dots, count[2] / 2, 4 * std::sqrt(count[2]) / 2);
  // Areas: the upper half π/8, less half a disc of R/2, less half a dot, of all yang: half the circle less one dot.
  constexpr double pi = std::numbers::pi;
  const double share = (pi / 8 - pi / 32 - pi * 0.01 / 2) / (pi / 8 - pi * 0.01);
  EXPECT_NEAR(upper_yang, count[1] * share, 4 * std::sqrt(count[1] * share * (1 - share)));
}

TEST(YinYang, SampleIsAPureFunctionOfSeedSetAndNumber) {
  const std::string name = "yin-yang:seed=7,training_samples=1500,test_samples=300";
  const Dataset one = load_dataset(name, "");
  for (const int threads : {2, 3}) {
    WorkerPool pool(threads);
    EXPECT_EQ(load_dataset(name, "", {}, &pool).sha256, one.sha256) << threads;
  }
  const Dataset fewer = load_dataset("yin-yang:seed=7,training_samples=300,test_samples=0", "");
  EXPECT_EQ(fewer.test.samples(), 0u);
  const auto x = one.train.x.as<float>(), part = fewer.train.x.as<float>(), test = one.test.x.as<float>();
  std::size_t as_in_test = 0;
  for (std::size_t i = 0; i < 300; ++i) {
    ASSERT_EQ(part(i, 0), x(i, 0));
    ASSERT_EQ(part(i, 1), x(i, 1));
    as_in_test += x(i, 0) == test(i, 0);
  }
  EXPECT_EQ(as_in_test, 0u);
  EXPECT_NE(load_dataset("yin-yang:seed=8,training_samples=1500,test_samples=300", "").sha256, one.sha256);
}

TEST(YinYang, NameAloneIsThePublishedSize) {
  const Dataset data = load_dataset("yin-yang", "");
  EXPECT_EQ(data.name, "yin-yang");
  EXPECT_EQ(data.train.samples(), 5000u);
  EXPECT_EQ(data.test.samples(), 1000u);
  EXPECT_EQ(data.sha256, load_dataset("yin-yang:seed=0", "").sha256);
  EXPECT_TRUE(is_present("yin-yang", ""));
  EXPECT_TRUE(is_present("yin-yang:seed=1", ""));
  for (const char* wrong :
       {"yin-yang:sed=1", "yin-yang:training_samples=0", "yin-yang:seed", "yin-yang:seed=-1", "yin-yan"})
    EXPECT_THROW(load_dataset(wrong, ""), SpecError) << wrong;
}

}  // namespace
}  // namespace neurarium
