// Augmentation beside closed forms and SciPy (validation/backprop/write_augmentation.py).
#include "neurarium/nn/augmentation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

constexpr std::size_t height = 5, width = 5;

Tensor<float> numbered(const Shape& shape) {
  Tensor<float> image(shape);
  for (std::size_t i = 0; i < image.size(); ++i) image.flat()[i] = static_cast<float>(i + 1);
  return image;
}

Tensor<float> warped(const Tensor<float>& image, const Warp& warp) {
  Tensor<float> out(image.shape());
  warp_image(image.view(), warp, {}, out.view());
  return out;
}

/// Augments samples with the given numbers.
Tensor<float> augmented(ArrayView x, const AugmentationParams& params, std::vector<std::uint64_t> ids,
                        std::uint32_t epoch = 0, std::uint64_t seed = 0) {
  Tensor<float> out(x.shape());
  Context context;
  context.seed = seed;
  context.epoch = epoch;
  context.sample_ids = ids;
  augment(x, params, context, out.view());
  return out;
}

void expect_pixels(const Tensor<float>& found, const std::function<float(std::size_t, std::size_t)>& expected) {
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) EXPECT_EQ(found(y, x), expected(y, x)) << y << ", " << x;
}

AugmentationParams everything() {
  AugmentationParams params;
  params.shift = 2, params.rotate = 30, params.scale = 0.3, params.shear = 10, params.elastic = 1.4;
  params.elastic_sigma = 2, params.flip = true;
  return params;
}

TEST(Augmentation, WholePixelsMoveExactly) {
  const Tensor<float> image = numbered({height, width});
  Warp warp;
  warp.shift_x = 2, warp.shift_y = -1;  // to the right and up
  expect_pixels(warped(image, warp),
                [&](std::size_t y, std::size_t x) { return x < 2 || y + 1 >= height ? 0 : image(y + 1, x - 2); });
  warp.shift_x = 100;
  expect_pixels(warped(image, warp), [](std::size_t, std::size_t) { return 0.0f; });
}

TEST(Augmentation, HalfAPixelIsTheMeanOfTwo) {
  const Tensor<float> image = numbered({height, width});
  Warp warp;
  warp.shift_x = 0.5;
  expect_pixels(warped(image, warp), [&](std::size_t y, std::size_t x) {
    return 0.5f * image(y, x) + (x > 0 ? 0.5f * image(y, x - 1) : 0.0f);
  });
}

TEST(Augmentation, QuarterTurnsAndMirrors) {
  const Tensor<float> image = numbered({height, width});
  Warp quarter, half, mirror;
  quarter.rotate = 90, half.rotate = 180, mirror.flip = true;
  // Counter-clockwise: what was in the upper right corner is in the upper left one.
  const Tensor<float> turned = warped(image, quarter);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) EXPECT_NEAR(turned(y, x), image(x, width - 1 - y), 1e-4);
  const Tensor<float> twice = warped(image, half);
  for (std::size_t i = 0; i < image.size(); ++i) EXPECT_NEAR(twice.flat()[i], image.flat()[image.size() - 1 - i], 1e-4);
  expect_pixels(warped(image, mirror), [&](std::size_t y, std::size_t x) { return image(y, width - 1 - x); });
}

TEST(Augmentation, TwiceTheSizeAndALeanOfOnePixelPerRow) {
  const Tensor<float> image = numbered({height, width});
  Warp twice, lean;
  twice.scale = 2, lean.shear = 45;
  const Tensor<float> large = warped(image, twice), leaning = warped(image, lean);
  // About the centre (2, 2): (0, 0) shows (1, 1), (4, 3) shows (3, 2.5).
  EXPECT_FLOAT_EQ(large(0, 0), image(1, 1));
  EXPECT_FLOAT_EQ(large(2, 2), image(2, 2));
  EXPECT_FLOAT_EQ(large(4, 3), 0.5f * (image(3, 2) + image(3, 3)));
  // Row 1, one above the centre, moves one pixel to the right; row 3 one to the left.
  for (std::size_t x = 1; x < width; ++x) EXPECT_NEAR(leaning(1, x), image(1, x - 1), 1e-4);
  for (std::size_t x = 0; x + 1 < width; ++x) EXPECT_NEAR(leaning(3, x), image(3, x + 1), 1e-4);
}

TEST(Augmentation, SciPysAnswersFromTheFirstDrawToTheLastPixel) {
  std::map<std::string, Array> stored;
  for (auto& [name, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/backprop/augmentation.npz"))
    stored.emplace(name, std::move(array));
  std::map<std::string, AugmentationParams> cases;
  cases["shift"].shift = 2.5;
  cases["rotate"].rotate = 40;
  cases["scale"].scale = 0.4;
  cases["shear"].shear = 25;
  cases["flip"].flip = true;
  cases["elastic"].elastic = 1.5, cases["elastic"].elastic_sigma = 2;
  AugmentationParams& all = cases["all"];
  all.shift = 1, all.rotate = 15, all.scale = 0.2, all.shear = 10, all.elastic = 0.7, all.elastic_sigma = 1.3;
  all.flip = true;
  std::vector<std::uint64_t> ids;
  for (const std::int64_t id : stored.at("ids").as<std::int64_t>().flat())
    ids.push_back(static_cast<std::uint64_t>(id));
  for (const auto& [name, params] : cases) {
    const auto expected = stored.at(name + "/out").as<double>().flat();
    const Tensor<float> found = augmented(stored.at("images"), params, ids, 7, 5);
    double changed = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(found.flat()[i], expected[i], 1e-3) << name << " at " << i;
      changed += std::abs(expected[i] - to_tensor<double>(stored.at("images").view()).flat()[i]);
    }
    EXPECT_GT(changed, 1000) << name;
  }
  // The displacement alone, under the map that is drawn with it.
  const Tensor<float> images = to_tensor<float>(stored.at("images").view());
  const Tensor<float> bend = to_tensor<float>(stored.at("all/bend").view());
  for (std::size_t n = 0; n < ids.size(); ++n) {
    Tensor<float> out(images.shape().tail());
    warp_image(images.view()[n], drawn_warp(all, 5, 7, ids[n]), bend.view()[n], out.view());
    for (std::size_t i = 0; i < out.size(); ++i)
      ASSERT_NEAR(out.flat()[i], stored.at("all/out").as<double>()[n].flat()[i], 1e-3);
  }
}

TEST(Augmentation, NothingWantedChangesNothing) {
  EXPECT_FALSE(AugmentationParams{}.wanted());
  Array bytes(DType::u8, {2, 3, 4});
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes.as<std::uint8_t>().flat()[i] = static_cast<std::uint8_t>(10 * i);
  const Tensor<float> same = augmented(bytes, {}, {3, 4});
  for (std::size_t i = 0; i < same.size(); ++i) EXPECT_EQ(same.flat()[i], static_cast<float>(10 * i));
  const Schema schema = AugmentationParams::fields();
  for (const FieldInfo& field : schema.fields()) {
    if (field.name == "elastic_sigma") continue;
    AugmentationParams params;
    field.set(&params, field.kind == FieldKind::boolean ? Value(true) : Value(0.5));
    EXPECT_TRUE(params.wanted()) << field.name;
  }
}

TEST(Augmentation, ASampleDependsOnNothingButSeedEpochAndItsNumber) {
  const Tensor<float> one = numbered({1, 7, 6});
  Tensor<float> batch(Shape{3, 7, 6});
  for (std::size_t n = 0; n < 3; ++n) std::ranges::copy(one.flat(), batch.view()[n].flat().begin());
  const Tensor<float> alone = augmented(one.view(), everything(), {9}, 2, 1);
  const Tensor<float> among = augmented(batch.view(), everything(), {4, 9, 5}, 2, 1);
  const auto equals = [&](View<const float> a) { return std::ranges::equal(a.flat(), alone.flat()); };
  EXPECT_FALSE(equals(among.view()[0]));
  EXPECT_TRUE(equals(std::as_const(among).view()[1]));
  EXPECT_FALSE(equals(among.view()[2]));
  EXPECT_FALSE(equals(augmented(one.view(), everything(), {9}, 3, 1).view()[0]));
  EXPECT_FALSE(equals(augmented(one.view(), everything(), {9}, 2, 0).view()[0]));
}

TEST(Augmentation, ChannelsMoveTogetherAndStayInRange) {
  Tensor<double> x(Shape{2, 3, 8, 8});
  for (std::size_t i = 0; i < x.size(); ++i) x.flat()[i] = static_cast<double>(i % 64) / 63;
  const Tensor<float> out = augmented(x.view(), everything(), {0, 1});
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t c = 1; c < 3; ++c)
      EXPECT_TRUE(std::ranges::equal(out.view()[n][0].flat(), out.view()[n][c].flat()));
  for (const float v : out.flat()) EXPECT_TRUE(v >= 0 && v <= 1) << v;
}

TEST(Augmentation, DrawsFillTheirRanges) {
  AugmentationParams params = everything();
  double least_x = 9, most_x = -9, least_scale = 9, most_scale = 0, log_sum = 0, angle = 0;
  int flips = 0;
  constexpr int samples = 4000;
  for (std::uint64_t i = 0; i < samples; ++i) {
    const Warp warp = drawn_warp(params, 3, 1, i);
    least_x = std::min(least_x, warp.shift_x), most_x = std::max(most_x, warp.shift_x);
    least_scale = std::min(least_scale, warp.scale), most_scale = std::max(most_scale, warp.scale);
    log_sum += std::log(warp.scale), angle += warp.rotate;
    flips += warp.flip;
    EXPECT_LE(std::abs(warp.rotate), 30);
    EXPECT_LE(std::abs(warp.shear), 10);
  }
  EXPECT_NEAR(least_x, -2, 0.01);
  EXPECT_NEAR(most_x, 2, 0.01);
  EXPECT_NEAR(least_scale, 1 / 1.3, 0.003);
  EXPECT_NEAR(most_scale, 1.3, 0.003);
  // Means within four standard errors.
  EXPECT_NEAR(log_sum / samples, 0, 4 * std::log(1.3) / std::sqrt(3.0 * samples));
  EXPECT_NEAR(angle / samples, 0, 4 * 30 / std::sqrt(3.0 * samples));
  EXPECT_NEAR(flips, samples / 2, 2 * std::sqrt(samples));
}

TEST(Augmentation, ElasticIsTheStandardDeviationInPixels) {
  // A ramp x → x shows the displacement itself, where neither the ramp's ends nor the field's edges reach.
  constexpr std::size_t side = 96, margin = 20;
  Tensor<float> ramp(Shape{1, side, side});
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp.flat()[i] = static_cast<float>(i % side);
  AugmentationParams params;
  params.elastic = 1.38;
  double squares = 0;
  std::size_t count = 0;
  for (std::uint64_t id = 0; id < 10; ++id) {
    const Tensor<float> out = augmented(ramp.view(), params, {id});
    for (std::size_t y = margin; y < side - margin; ++y)
      for (std::size_t x = margin; x < side - margin; ++x, ++count)
        squares += std::pow(static_cast<double>(out(std::size_t{0}, y, x)) - static_cast<double>(x), 2);
  }
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(count)), 1.38, 0.1);
}

TEST(Augmentation, WrongShapesAreNamed) {
  const Tensor<float> rows(Shape{4, 10}), images(Shape{4, 3, 3});
  Tensor<float> out(Shape{4, 3, 3});
  EXPECT_THROW(augmented(rows.view(), everything(), {0, 1, 2, 3}), ShapeError);
  EXPECT_THROW(augmented(images.view(), everything(), {0, 1, 2}), ShapeError);
  std::vector<std::uint64_t> ids{0, 1, 2, 3};
  Context context;
  context.sample_ids = ids;
  Tensor<float> other(Shape{4, 3, 4});
  EXPECT_THROW(augment(images.view(), everything(), context, other.view()), ShapeError);
  EXPECT_THROW(warp_image(images.view()[0], {}, out.view(), out.view()[0]), ShapeError);
}

}  // namespace
}  // namespace neurarium
