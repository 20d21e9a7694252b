// Crops, greys and tapestries by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/data/image_folder.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/topographic/pictures.hpp"
#include "neurarium/train/bare_context.hpp"

namespace neurarium {
namespace {

TEST(CentreCrop, CutsElevenToTwentyOneOfThirtyTwo) {
  Array images(DType::u8, {2, 32, 32, 3});
  const auto x = images.as<std::uint8_t>();
  for (std::size_t i = 0; i < 32; ++i)
    for (std::size_t j = 0; j < 32; ++j)
      for (std::size_t c = 0; c < 3; ++c) x(1, i, j, c) = static_cast<std::uint8_t>(i * 7 + j + 80 * (c == 2));
  ImageShape shape;
  const Array crops = centre_crop(images, 10, shape);
  EXPECT_EQ(crops.shape(), (Shape{2, 300}));
  EXPECT_EQ(shape.height, 10u);
  const auto flat = crops.as<std::uint8_t>();
  EXPECT_EQ(flat(1, 0), 11 * 7 + 11);               // row 11, column 11, red
  EXPECT_EQ(flat(1, 299), 20 * 7 + 20 + 80);        // row 20, column 20, blue
  EXPECT_EQ(flat(1, 30 + 3 * 4 + 1), 12 * 7 + 15);  // height, width, channel: row 12, column 15, green
}

TEST(CentreCrop, KeepsWholeGreyImages) {
  Array images(DType::u8, {1, 4, 6});
  ImageShape shape;
  EXPECT_EQ(centre_crop(images, 0, shape).shape(), (Shape{1, 24}));
  EXPECT_EQ(shape.channels, 1u);
  EXPECT_THROW(centre_crop(images, 5, shape), ShapeError);
}

TEST(InGreys, WeighsTheColoursAsTelevisionDoes) {
  Array colours(DType::u8, {1, 6});
  const std::uint8_t pixels[] = {255, 0, 0, 10, 20, 30};
  std::copy(std::begin(pixels), std::end(pixels), colours.as<std::uint8_t>().data());
  ImageShape shape{1, 2, 3};
  const Array greys = in_greys(colours, shape);
  EXPECT_EQ(shape, (ImageShape{1, 2, 1}));
  EXPECT_EQ(greys.as<std::uint8_t>()(0, 0), 76);  // 0.299 · 255 = 76.2
  EXPECT_EQ(greys.as<std::uint8_t>()(0, 1), 18);  // 2.99 + 11.74 + 3.42 = 18.15
  Array fractions(DType::f64, {1, 3});
  fractions.as<double>()(0, 2) = 1;
  shape = {1, 1, 3};
  EXPECT_NEAR(in_greys(fractions, shape).as<double>()(0, 0), 0.114, 1e-15);
}

TEST(Tapestry, PutsUnitsRowByRowAlsoWhereTheGridIsNotSquare) {
  Array w(DType::f64, {6, 3});  // 2 rows, 3 columns of 1×1 colour images
  for (std::size_t n = 0; n < 6; ++n) w.as<double>()(n, 0) = static_cast<double>(n) / 5;
  w.as<double>()(5, 1) = 7;  // clipped
  const Array picture = tapestry(w, {1, 1, 3}, {2, 3}, false);
  const auto p = picture.as<std::uint8_t>();
  EXPECT_EQ(picture.shape(), (Shape{3, 5, 3}));  // one grey pixel between tiles
  EXPECT_EQ(p(0, 2, 0), 51);
  EXPECT_EQ(p(2, 0, 0), 153);
  EXPECT_EQ(p(2, 4, 0), 255);
  EXPECT_EQ(p(2, 4, 1), 255);
}

/// A context that has nothing but a data folder.
class DataOnly : public BareContext {
 public:
  DataOnly(const Registry& registry, std::filesystem::path home)
      : BareContext(registry, 1, 0), home_(std::move(home)) {}
  Dataset dataset(const std::string& name) override { return load_dataset(name, home_); }

 private:
  std::filesystem::path home_;
};

// Official files: records of a label and 1,024 bytes each of red, green and blue. In record i, row y, column x of the test
// file stands 11 i + y + 2 x + 60 c. (That the files `data get` writes are the official ones, byte by byte, is what their
// SHA-256 in the catalogue says; validation/topographic/check_cifar_order.py looks at the real ones.)
TEST(StudyImages, TestIndicesFollowTheOfficialOrder) {
  const std::filesystem::path home = std::filesystem::path(testing::TempDir()) / "study_images_cifar";
  std::filesystem::create_directories(home / "cifar10");
  const int official[] = {3, 8, 8, 0, 6, 6, 1, 6, 3, 1};  // the first ten labels of the official test set
  const auto records = [&](std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) {
      bytes += static_cast<char>(official[i % 10]);
      for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t y = 0; y < 32; ++y)
          for (std::size_t x = 0; x < 32; ++x) bytes += static_cast<char>((11 * i + y + 2 * x + 60 * c) % 256);
    }
    return bytes;
  };
  for (int i = 1; i <= 5; ++i)
    write_atomically(home / "cifar10" / ("data_batch_" + std::to_string(i) + ".bin"), records(1));
  write_atomically(home / "cifar10" / "test_batch.bin", records(12));
  const Registry registry;
  DataOnly context(registry, home);
  const Dataset data = context.dataset("cifar10");
  const auto labels = data.test.y.as<std::int64_t>().flat();
  EXPECT_TRUE(std::equal(std::begin(official), std::end(official), labels.begin()));

  const StudyImages images = load_images(context, "cifar10", {}, 5, {11, 3});
  EXPECT_EQ(images.training.shape(), (Shape{5, 300}));
  EXPECT_EQ(images.held_out.shape(), (Shape{5, 300}));
  ASSERT_EQ(images.shown.size(), 2u);
  for (const auto& [k, record] : {std::pair{0, 11}, std::pair{1, 3}})
    for (int y = 0; y < 10; ++y)
      for (int x = 0; x < 10; ++x)
        for (int c = 0; c < 3; ++c)
          ASSERT_EQ(images.shown[static_cast<std::size_t>(k)].as<double>()(0, (10 * y + x) * 3 + c),
                    ((11 * record + (11 + y) + 2 * (11 + x) + 60 * c) % 256) / 255.0);
  EXPECT_THROW(load_images(context, "cifar10", {}, 5, {12}), SpecError);
  std::filesystem::remove_all(home);
}

// matplotlib's "Greys" is white at the lowest value and black at the highest.
TEST(Tapestry, GreysRunFromWhiteToTheLargestWeightOfAll) {
  Array w(DType::f64, {2, 2});
  const double numbers[] = {0, 2, 1, 0};
  std::copy(std::begin(numbers), std::end(numbers), w.as<double>().data());
  const Array plain = tapestry(w, {1, 2, 1}, {1, 2}, false, 0), each = tapestry(w, {1, 2, 1}, {1, 2}, true, 0);
  EXPECT_EQ(plain.as<std::uint8_t>()(0, 0, 0), 255);
  EXPECT_EQ(plain.as<std::uint8_t>()(0, 1, 0), 0);
  EXPECT_NEAR(plain.as<std::uint8_t>()(0, 2, 0), 128, 1);
  EXPECT_EQ(each.as<std::uint8_t>()(0, 2, 0), 0);
}

TEST(Triptych, MapsOfGreyImagesAreInGreysToo) {
  Array v(DType::f64, {1, 1}), o(DType::f64, {1, 4});
  o.as<double>()(0, 3) = 1;
  v.as<double>()(0, 0) = 1;
  const Array picture = triptych(v.as<double>()[0], o.as<double>()[0], v.as<double>()[0], {1, 1, 1}, {2, 2});
  const auto p = picture.as<std::uint8_t>();
  EXPECT_EQ(p(0, 0, 0), 0);      // the image: 1 is black
  EXPECT_EQ(p(0, 128, 0), 255);  // the silent unit: white
  EXPECT_EQ(p(119, 247, 0), 0);  // the active one: black
  EXPECT_EQ(picture.shape(), (Shape{120, 376, 3}));
}

TEST(FilmStrip, PutsFourFramesIntoALine) {
  const std::vector<Array> frames(5, Array(DType::u8, {30, 100, 3}));  // drawn twice as large
  const Array strip = film_strip(frames, {"start", "epoch 1", "epoch 2", "epoch 3", "epoch 4"});
  EXPECT_EQ(strip.shape(), (Shape{2 * (16 + 2 + 60) + 10, 4 * 200 + 3 * 8, 3}));
}

TEST(SmallTapestry, HalvesTheImagesOfTheUnitsNotThePicture) {
  // 2 units of 200 × 200 greys in one row: 400 pixels wide, so 100 × 100 each. Unit 1 is half as strong as unit 0.
  Array w(DType::f64, {2, 40000});
  for (std::size_t j = 0; j < 40000; ++j) w.as<double>()(0, j) = 1, w.as<double>()(1, j) = j / 200 < 100 ? 0.5 : 0;
  const Array small = small_tapestry(w, {200, 200, 1}, {1, 2});
  ASSERT_EQ(small.shape(), (Shape{100, 200, 3}));
  const auto p = small.as<std::uint8_t>();
  EXPECT_EQ(p(99, 99, 0), 0);   // unit 0: black throughout
  EXPECT_EQ(p(49, 100, 0), 0);  // unit 1, divided by its largest weight
  EXPECT_EQ(p(50, 100, 0), 255);
}

TEST(UnitColours, TheStrongestColourIsFull) {
  Tensor<double> shares({2, 3});
  shares(0, 0) = 0.5, shares(0, 1) = 0.25, shares(0, 2) = 0.25;  // unit 1 has no weights: black
  const Array picture = unit_colours(shares.view(), {1, 2});
  ASSERT_EQ(picture.shape(), (Shape{140, 280, 3}));
  EXPECT_EQ(picture.as<std::uint8_t>()(0, 0, 0), 255);
  EXPECT_EQ(picture.as<std::uint8_t>()(0, 0, 1), 128);
  EXPECT_EQ(picture.as<std::uint8_t>()(0, 279, 2), 0);
}

}  // namespace
}  // namespace neurarium
