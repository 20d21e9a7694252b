// The map against the founding notebook's loop in NumPy (validation/topographic/write_small_map.py), and by hand.
#include "neurarium/models/topographic_map/topographic_map.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

const Array& oracle(const std::string& name) {
  static const NamedArrays arrays =
      read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/topographic/small_map.npz");
  for (const auto& [key, array] : arrays)
    if (key == name) return array;
  throw InternalError("no array " + name);
}

TopographicMapParams small_map(const std::string& variant) {
  TopographicMapParams p;
  p.rows = 3;
  p.columns = 4;
  p.radius = 1;
  p.fidelity = variant == "corrected" ? "corrected" : "notebook";
  if (variant != "corrected" && variant != "notebook") p.corrections = {variant};
  p.weights.array = std::make_shared<const Array>(oracle("w0"));
  return p;
}

WorkerPool pool(1);

void expect_near(ArrayView found, const Array& expected, double relative) {
  const Tensor<double> a = to_tensor<double>(found), b = to_tensor<double>(expected.view());
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_NEAR(a.flat()[i], b.flat()[i], relative * std::max(std::abs(b.flat()[i]), 1e-12)) << i;
}

class AgainstTheNotebook : public testing::TestWithParam<const char*> {};

TEST_P(AgainstTheNotebook, DoubleAgreesToRounding) {
  const std::string variant = GetParam();
  TopographicMap<double> map(small_map(variant));
  map.observe(oracle("data"), 1, {}, pool);
  expect_near(map.parameters()[0].values, oracle(variant + ".w"), 1e-10);
  expect_near(map.buffers()[0].values, oracle(variant + ".t"), 1e-10);
  const NamedArrays code = map.outputs(oracle("data").view().rows(249, 1), {});
  ASSERT_EQ(code.size(), 3u);
  expect_near(code[0].second, oracle(variant + ".p"), 1e-10);
  expect_near(code[1].second, oracle(variant + ".o"), 1e-10);
  expect_near(code[2].second, oracle(variant + ".r"), 1e-10);
}

TEST_P(AgainstTheNotebook, FloatAgreesToItsPrecision) {
  const std::string variant = GetParam();
  TopographicMap<float> map(small_map(variant));
  map.observe(oracle("data"), 1, {}, pool);
  const Tensor<double> found = to_tensor<double>(ArrayView(map.parameters()[0].values)),
                       expected = to_tensor<double>(oracle(variant + ".w").view());
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(found.flat()[i], expected.flat()[i], 1e-4 * std::abs(expected.flat()[i]) + 1e-9) << i;
}

INSTANTIATE_TEST_SUITE_P(Map, AgainstTheNotebook,
                         testing::Values("notebook", "neighbourhood", "clipping", "growth", "corrected"));

TEST(TopographicMap, TheVariantsDiffer) {  // so that the test above can tell them apart
  for (const char* variant : {"neighbourhood", "clipping", "growth", "corrected"}) {
    const Tensor<double> a = to_tensor<double>(oracle("notebook.w").view()),
                         b = to_tensor<double>(oracle(std::string(variant) + ".w").view());
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      largest = std::max(largest, std::abs(a.flat()[i] - b.flat()[i]) / std::max(std::abs(a.flat()[i]), 1e-12));
    EXPECT_GT(largest, 1e-6) << variant;
  }
}

// One unit, one input, no neighbours: p = o = σ(w v − t), r = w o, all by hand.
TEST(TopographicMap, OneUnitByHand) {
  TopographicMapParams p;
  p.rows = p.columns = p.inputs = 1;
  p.radius = 0;
  Array w(DType::f64, {1, 1});
  w.as<double>()(0, 0) = 0.5;
  p.weights.array = std::make_shared<const Array>(w);
  TopographicMap<double> map(p);
  Array v(DType::f64, {1, 1});
  v.as<double>()(0, 0) = 0.8;
  map.observe(v, 1, {}, pool);
  const double o = 1 / (1 + std::exp(-0.4)), r = 0.5 * o, q = (0.8 - r) / r;
  EXPECT_NEAR(map.parameters()[0].values.as<double>()(0, 0), 0.5 * (1 + 0.02 * o * q), 1e-15);
  EXPECT_NEAR(map.buffers()[0].values.as<double>()(0), (o - 0.05) * 0.01, 1e-16);
}

TEST(TopographicMap, BytesAreDividedAsNumPyDivides) {
  TopographicMapParams p;
  p.rows = p.columns = 2;
  p.inputs = 3;
  TopographicMap<double> from_bytes(p), from_doubles(p);
  Array bytes(DType::u8, {2, 3}), doubles(DType::f64, {2, 3});
  for (std::size_t i = 0; i < 6; ++i) {
    bytes.as<std::uint8_t>().flat()[i] = static_cast<std::uint8_t>(40 * i + 3);
    doubles.as<double>().flat()[i] = static_cast<double>(40 * i + 3) / 255.0;
  }
  from_bytes.observe(bytes, 255, {}, pool);
  from_doubles.observe(doubles, 1, {}, pool);
  for (std::size_t i = 0; i < 12; ++i)
    EXPECT_EQ(from_bytes.parameters()[0].values.as<double>().flat()[i],
              from_doubles.parameters()[0].values.as<double>().flat()[i]);
}

TEST(TopographicMap, NegativeImagesAreRefused) {
  TopographicMapParams p;
  p.rows = p.columns = 2;
  p.inputs = 3;
  TopographicMap<float> map(p);
  Array x(DType::f32, {1, 3});
  x.as<float>()(0, 2) = -0.1f;
  try {
    map.observe(x, 1, {}, pool);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("entry 2 of sample 0"), std::string::npos) << error.what();
  }
}

TEST(TopographicMap, RunawayWeightsNameTheStep) {
  TopographicMapParams p;
  p.rows = p.columns = 2;
  p.inputs = 3;
  p.fidelity = "notebook";
  Array w(DType::f64, {4, 3});
  for (double& x : w.as<double>().flat()) x = 1e38;
  p.weights.array = std::make_shared<const Array>(w);
  TopographicMap<float> map(p);  // each 1e38 is finite in float, their sum over four units is not
  Array x(DType::f32, {1, 3});
  for (float& v : x.as<float>().flat()) v = 1;
  Context context;
  context.step = 41;
  try {
    map.observe(x, 1, context, pool);
    FAIL();
  } catch (const NumericError& error) {
    EXPECT_EQ(error.step(), 41u);
    EXPECT_EQ(error.where(), "topographic_map.reconstruction");
  }
}

TEST(TopographicMap, WeightsOfAnotherShapeAreRefused) {
  TopographicMapParams p;
  p.rows = p.columns = 2;
  p.inputs = 3;
  p.weights.array = std::make_shared<const Array>(Array(DType::f64, {4, 5}));
  EXPECT_THROW(TopographicMap<float>{p}, ShapeError);
}

}  // namespace
}  // namespace neurarium
