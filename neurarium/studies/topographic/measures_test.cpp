// The measures against NumPy (validation/topographic/write_measures.py), and by hand.
#include "neurarium/studies/topographic/measures.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/interchange/npz.hpp"
#include "neurarium/studies/topographic/map_order.hpp"

namespace neurarium {
namespace {

const Array& stored(const std::string& name) {
  static const NamedArrays arrays =
      read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/topographic/measures.npz");
  for (const auto& [key, array] : arrays)
    if (key == name) return array;
  throw InternalError("no array " + name);
}
double number(const std::string& name) { return stored(name).as<double>().flat()[0]; }

constexpr Grid grid{4, 6};
constexpr ImageShape shape{2, 3, 3};

TEST(MeasuresAgainstNumPy, Codes) {
  const CodeMeasures m = measure_code(stored("v"), stored("o"), stored("r"), grid);
  const auto near = [](double found, const char* name) {
    EXPECT_NEAR(found, number(name), 1e-11 * std::abs(number(name))) << name;
  };
  near(m.mean_activity, "mean_activity");
  near(m.border_activity, "border_activity");
  near(m.snr_db, "snr_db");
  near(m.gain_corrected_snr_db, "gain_corrected_snr_db");
  near(m.divergence, "kl_divergence");
  near(m.population_sparseness, "population_sparseness");
  near(m.lifetime_sparseness, "lifetime_sparseness");
  near(m.max_share_on, "max_share_on");
  near(m.mean_share_on, "mean_share_on");
  near(m.silent_images, "silent_images");
  near(m.dead_units, "dead_units");
  EXPECT_GE(number("dead_units"), 1);  // so that these two could be wrong
  EXPECT_GT(number("silent_images"), 0);
}

TEST(MeasuresAgainstNumPy, Weights) {
  const WeightMeasures m = measure_weights(stored("w"));
  EXPECT_NEAR(m.share_zero, number("share_of_zero_weights"), 1e-12);
  EXPECT_NEAR(m.share_above_one, number("share_of_weights_above_one"), 1e-12);
  EXPECT_NEAR(m.hoyer_sparseness, number("weight_hoyer_sparseness"), 1e-12);
  EXPECT_EQ(m.largest, number("largest"));
}

TEST(MeasuresAgainstNumPy, OrderOfTheMap) {
  const auto check = [](const MapOrder& order, const std::string& prefix) {
    for (std::size_t d = 1; d <= grid.reach(); ++d)
      EXPECT_NEAR(order.at(d), stored(prefix + ".at_distance").as<double>()(d), 1e-12) << prefix << d;
    EXPECT_TRUE(std::isnan(order.at(0)));
    EXPECT_NEAR(order.far_correlation, number(prefix + ".far"), 1e-12);
    EXPECT_NEAR(order.nearest_share, number(prefix + ".knn8"), 1e-12);
  };
  check(order_of(stored("w").as<double>(), grid), "weights");
  const Tensor<double> o = to_tensor<double>(stored("o"));
  Tensor<double> by_unit({o.shape()[1], o.shape()[0]});
  for (std::size_t i = 0; i < o.shape()[0]; ++i)
    for (std::size_t n = 0; n < o.shape()[1]; ++n) by_unit(n, i) = o(i, n);
  check(order_of(by_unit.view(), grid), "responses");
  EXPECT_NEAR(nearest_share_by_chance(grid), number("knn8_chance"), 1e-12);
  EXPECT_NEAR(colour_smoothness(colour_shares(stored("w"), shape).view(), grid), number("colour_smoothness"), 1e-12);
}

TEST(MapOrder, MoreUnitsThanOneBlockOfRows) {  // 300 units: three blocks; a map of waves, correlations known
  const Grid wide{15, 20};
  constexpr std::size_t k = 64;
  Tensor<double> rows({wide.units(), k});
  // Unit (y, x): a cosine whose phase is x/20 of a turn. Units d columns apart correlate cos(2π d/20), whatever their rows.
  for (std::size_t n = 0; n < wide.units(); ++n)
    for (std::size_t j = 0; j < k; ++j)
      rows(n, j) = std::cos(2 * M_PI * (static_cast<double>(j) / k * 3 + static_cast<double>(wide.column(n)) / 20));
  const MapOrder order = order_of(rows.view(), wide);
  double sum = 0, pairs = 0;
  for (std::size_t a = 0; a < wide.units(); ++a)
    for (std::size_t b = 0; b < wide.units(); ++b)
      if (wide.distance(a, b) == 3)
        sum += std::cos(2 * M_PI * (static_cast<double>(wide.column(a)) - static_cast<double>(wide.column(b))) / 20),
            ++pairs;
  EXPECT_NEAR(order.at(3), sum / pairs, 1e-10);
}

TEST(MapOrder, ASingleUnitAndAConstantOne) {
  Tensor<double> one({1, 3}), two({2, 3});
  EXPECT_TRUE(std::isnan(order_of(one.view(), {1, 1}).nearest_share));
  two(0, 1) = 1;  // the other is constant
  const MapOrder order = order_of(two.view(), {1, 2});
  EXPECT_EQ(order.at(1), 0);
  EXPECT_EQ(order.nearest_share, 1);
}

TEST(Measures, ByHand) {
  Array v(DType::f64, {2, 2}), o(DType::f64, {2, 4}), r(DType::f64, {2, 2}), w(DType::f64, {4, 2});
  const auto set = [](Array& a, std::initializer_list<double> numbers) {
    std::copy(numbers.begin(), numbers.end(), a.as<double>().data());
  };
  set(v, {1, 0, 0, 2});
  set(r, {0.5, 0, 0, 1});                      // half the image: right shape, wrong gain
  set(o, {0.9, 0.8, 0.1, 0, 0.6, 0, 0.2, 0});  // 2 × 2 units
  set(w, {0, 1, 2, 0.5, 0, 0, 1.5, 0.1});
  const CodeMeasures m = measure_code(v, o, r, {2, 2});
  EXPECT_NEAR(m.snr_db, 10 * std::log10(5 / 1.25), 1e-12);
  EXPECT_TRUE(m.gain_corrected_snr_db > 100);
  EXPECT_NEAR(m.divergence, (3 * std::log(2) - 1.5) / 2, 1e-15);
  EXPECT_EQ(m.max_share_on, 0.5);
  EXPECT_EQ(m.units_on, (std::vector<std::size_t>{2, 1}));
  EXPECT_EQ(m.dead_units, 1);
  EXPECT_NEAR(m.mean_activity, 2.6 / 8, 1e-15);
  EXPECT_NEAR(m.border_activity, (0.8 + 0.1 + 0 + 0 + 0.2 + 0) / 6, 1e-15);
  const WeightMeasures weights = measure_weights(w);
  EXPECT_EQ(weights.share_zero, 3.0 / 8);
  EXPECT_EQ(weights.share_above_one, 2.0 / 8);
  EXPECT_EQ(weights.largest, 2);
}

}  // namespace
}  // namespace neurarium
