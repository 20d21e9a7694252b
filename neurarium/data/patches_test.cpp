#include "neurarium/data/patches.hpp"

#include <gtest/gtest.h>
#include <png.h>
#include <unistd.h>

#include <cmath>
#include <map>
#include <tuple>

#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

/// A pixel that says where it is.
std::uint8_t pixel(std::size_t photograph, std::size_t row, std::size_t column, std::size_t colour) {
  return static_cast<std::uint8_t>(photograph * 60 + row * 9 + column * 5 + colour * 71);
}

class Patches : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  void photograph(std::size_t number, std::size_t height, std::size_t width) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t x = 0; x < width; ++x)
        for (std::size_t c = 0; c < 3; ++c) bytes.push_back(pixel(number, y, x, c));
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(width);
    image.height = static_cast<png_uint_32>(height);
    image.format = PNG_FORMAT_RGB;
    const fs::path path = folder_ / (std::to_string(number) + ".png");
    ASSERT_TRUE(png_image_write_to_file(&image, path.c_str(), 0, bytes.data(), 0, nullptr));
  }
  static std::vector<PhotographPart> whole(const ImageFolder& folder) {
    std::vector<PhotographPart> parts;
    for (std::size_t i = 0; i < folder.size(); ++i) parts.push_back({i, 0, folder.height(i)});
    return parts;
  }
  fs::path folder_ = fs::path(testing::TempDir()) / (std::to_string(::getpid()) + "_patches");
};

TEST_F(Patches, ShowWhatLiesAtTheirPlaces) {
  photograph(0, 7, 9);
  photograph(1, 12, 5);
  photograph(2, 3, 40);  // too low for a patch
  const ImageFolder folder(folder_);
  const PatchDraw draw = draw_patches(folder, whole(folder), 5, 50, false, Stream(3, "patches"));
  ASSERT_EQ(draw.patches.shape(), (Shape{50, 5, 5, 3}));
  EXPECT_EQ(draw.too_small, std::vector<std::string>{"2.png"});
  const auto p = draw.patches.as<std::uint8_t>();
  for (std::size_t i = 0; i < 50; ++i) {
    const PatchPlace& place = draw.places[i];
    ASSERT_LT(place.photograph, 2u);
    for (std::size_t k = 0; k < 75; ++k)
      ASSERT_EQ(p[i].data()[k], pixel(place.photograph, place.row + k / 15, place.column + k / 3 % 5, k % 3));
  }
}

TEST_F(Patches, EveryPlaceIsAsLikelyAsAnyOther) {
  photograph(0, 6, 8);  // 5 · 7 = 35 places of 2 × 2
  photograph(1, 3, 3);  // 4
  photograph(2, 2, 2);  // 1
  const ImageFolder folder(folder_);
  const std::size_t count = 40000;
  const PatchDraw draw = draw_patches(folder, whole(folder), 2, count, true, Stream(11, "patches"));
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, double> seen;
  for (const PatchPlace& place : draw.places) ++seen[{place.photograph, place.row, place.column}];
  ASSERT_EQ(seen.size(), 40u);
  double chi_squared = 0;
  for (const auto& [place, times] : seen) chi_squared += (times - 1000) * (times - 1000) / 1000;
  EXPECT_LT(chi_squared, 73);  // 39 degrees of freedom: 0.1 % of all seeds lie above
}

TEST_F(Patches, APureFunctionOfSeedAndNumber) {
  for (std::size_t i = 0; i < 7; ++i) photograph(i, 20 + i, 30 - i);
  const ImageFolder folder(folder_);
  const auto draw = [&](std::uint64_t seed, std::size_t count, WorkerPool* pool) {
    return draw_patches(folder, whole(folder), 6, count, false, Stream(seed, "patches"), {}, pool).patches;
  };
  WorkerPool pool(3);
  const Array one = draw(1, 60, nullptr), many = draw(1, 60, &pool), longer = draw(1, 90, &pool),
              other = draw(2, 60, &pool);
  const auto flat = [](const Array& array) { return array.as<std::uint8_t>().flat(); };
  EXPECT_TRUE(std::ranges::equal(flat(one), flat(many)));
  EXPECT_TRUE(std::ranges::equal(flat(one), flat(longer).first(one.size())));
  EXPECT_FALSE(std::ranges::equal(flat(one), flat(other)));
  EXPECT_EQ(draw(1, 0, nullptr).shape(), (Shape{0, 6, 6, 3}));
}

TEST_F(Patches, StayInsideTheirPart) {
  photograph(0, 10, 6);
  const ImageFolder folder(folder_);
  const PhotographSplit split = split_photographs(folder);  // rows 0 … 7 and 8 … 9
  for (const PatchPlace& place : draw_patches(folder, split.training, 2, 200, true, Stream(0, "a")).places)
    EXPECT_LE(place.row, 6u);
  for (const PatchPlace& place : draw_patches(folder, split.held_out, 2, 50, true, Stream(0, "b")).places)
    EXPECT_EQ(place.row, 8u);
}

TEST_F(Patches, GreyIsTheLumaOfBt601) {
  const fs::path fixtures = fs::path(NEURARIUM_SOURCE_DIR) / "tests/data/photographs";
  fs::copy_file(fixtures / "colour.png", folder_ / "a.png");
  const ImageFolder folder(folder_);
  const PatchDraw draw = draw_patches(folder, whole(folder), 13, 40, true, Stream(5, "patches"));
  ASSERT_EQ(draw.patches.shape(), (Shape{40, 13, 13}));
  for (const auto& [name, pillow] : read_npz(fixtures / "expected.npz")) {
    if (name != "grey_of_colour") continue;
    for (std::size_t i = 0; i < 40; ++i)
      for (std::size_t y = 0; y < 13; ++y)
        for (std::size_t x = 0; x < 13; ++x)
          ASSERT_EQ(draw.patches.as<std::uint8_t>()(i, y, x), pillow.as<std::uint8_t>()(y, draw.places[i].column + x));
    return;
  }
  FAIL() << "the fixtures hold no answer";
}

TEST_F(Patches, NoRoomAnywhere) {
  photograph(0, 10, 6);
  const ImageFolder folder(folder_);
  EXPECT_THROW(draw_patches(folder, whole(folder), 0, 1, false, Stream(0, "a")), SpecError);
  try {
    draw_patches(folder, whole(folder), 7, 1, false, Stream(0, "a"));
    FAIL();
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("none of the 1 photographs has room for a patch of 7 x 7 pixels"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(Patches, DecodesEachPhotographOnceAndCanBeStopped) {
  for (std::size_t i = 0; i < 5; ++i) photograph(i, 8, 8);
  const ImageFolder folder(folder_);
  std::vector<std::size_t> seen;
  const auto progress = [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 5u);
    seen.push_back(done);
  };
  draw_patches(folder, whole(folder), 3, 300, false, Stream(0, "a"), progress);
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5}));
  const auto stop = [](std::size_t done, std::size_t) {
    if (done == 2) throw Interrupted("enough");
  };
  WorkerPool pool(2);
  EXPECT_THROW(draw_patches(folder, whole(folder), 3, 300, false, Stream(0, "a"), stop, &pool), Interrupted);
}

}  // namespace
}  // namespace neurarium
