#include "neurarium/data/cifar10.hpp"

#include <gtest/gtest.h>
#include <png.h>
#include <unistd.h>

#include <functional>

#include "neurarium/core/files.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

std::string fault(const std::function<void()>& act) {
  try {
    act();
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

/// The pixel of sample, row, column, colour in the fixtures: all different enough to see any mix-up of axes.
std::uint8_t pixel(std::size_t sample, std::size_t row, std::size_t column, std::size_t colour) {
  return static_cast<std::uint8_t>(sample * 101 + row * 7 + column * 3 + colour * 50);
}

class Cifar10Files : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  /// The official form, written out by its description: label, 1,024 red, 1,024 green, 1,024 blue.
  fs::path binary(const std::string& name, std::size_t first, const std::vector<int>& labels) {
    std::string bytes;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      bytes += static_cast<char>(labels[i]);
      for (std::size_t colour = 0; colour < 3; ++colour)
        for (std::size_t row = 0; row < 32; ++row)
          for (std::size_t column = 0; column < 32; ++column)
            bytes += static_cast<char>(pixel(first + i, row, column, colour));
    }
    write_atomically(folder_ / name, bytes);
    return folder_ / name;
  }
  fs::path picture(const std::string& name, std::size_t first, std::size_t samples, unsigned width = 1024,
                   bool grey = false) {
    std::vector<std::uint8_t> rows;
    for (std::size_t i = 0; i < samples; ++i)
      for (unsigned p = 0; p < width; ++p)
        for (std::size_t colour = 0; colour < (grey ? 1 : 3); ++colour)
          rows.push_back(pixel(first + i, p / 32, p % 32, colour));
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = static_cast<png_uint_32>(samples);
    image.format = grey ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    EXPECT_TRUE(png_image_write_to_file(&image, (folder_ / name).c_str(), 0, rows.data(), 0, nullptr));
    return folder_ / name;
  }
  fs::path text(const std::string& name, const std::string& content) {
    write_atomically(folder_ / name, content);
    return folder_ / name;
  }
  static void expect_pixels(const Split& split, std::size_t samples) {
    ASSERT_EQ(split.x.shape(), (Shape{samples, 32, 32, 3}));
    const auto x = split.x.as<std::uint8_t>();
    for (std::size_t i = 0; i < samples; ++i)
      for (std::size_t row = 0; row < 32; ++row)
        for (std::size_t column = 0; column < 32; ++column)
          for (std::size_t colour = 0; colour < 3; ++colour)
            ASSERT_EQ(x(i, row, column, colour), pixel(i, row, column, colour));
  }
  fs::path folder_ = fs::path(testing::TempDir()) / (std::to_string(::getpid()) + "_cifar10_test");
};

TEST_F(Cifar10Files, Binary) {
  const Split split = read_cifar10_binary(std::vector{binary("a.bin", 0, {3, 9}), binary("b.bin", 2, {0})});
  expect_pixels(split, 3);
  const auto y = split.y.as<std::int64_t>();
  EXPECT_TRUE(split.has_labels());
  EXPECT_EQ(y(0), 3);
  EXPECT_EQ(y(1), 9);
  EXPECT_EQ(y(2), 0);
}

TEST_F(Cifar10Files, PictureRows) {
  const Split split =
      read_cifar10_png(std::vector{picture("a.png", 0, 2), picture("b.png", 2, 1)}, text("labels.json", "[3, 9, 0]"));
  expect_pixels(split, 3);
  EXPECT_EQ(split.y.as<std::int64_t>()(1), 9);
}

TEST_F(Cifar10Files, PicturesBecomeTheOfficialBytes) {
  const Array rows = read_cifar10_rows(picture("a.png", 0, 3));
  const std::vector<std::int64_t> labels = {7, 0, 5};
  EXPECT_EQ(cifar10_records(rows.as<std::uint8_t>(), labels), read_bytes(binary("a.bin", 0, {7, 0, 5})));
}

TEST_F(Cifar10Files, BinaryFaults) {
  const auto read = [](const fs::path& path) {
    return fault([&] { read_cifar10_binary(std::vector{path}, "run: get"); });
  };
  EXPECT_EQ(read(folder_ / "none.bin"), (folder_ / "none.bin").string() + ": not found; run: get");
  EXPECT_NE(read(text("empty.bin", "")).find("is 0 bytes long, expected a multiple of 3073"), std::string::npos);
  std::string bytes = read_text(binary("a.bin", 0, {3, 9}));
  bytes.pop_back();
  EXPECT_NE(read(text("cut.bin", bytes)).find("at byte 3073: is 6145 bytes long, expected a multiple of 3073"),
            std::string::npos);
  EXPECT_NE(read(binary("label.bin", 0, {3, 10})).find("at byte 3073: label 10 of record 1, expected 0 to 9; run: get"),
            std::string::npos);
}

TEST_F(Cifar10Files, PictureFaults) {
  const fs::path good = picture("good.png", 0, 2);
  const auto read = [&](const fs::path& path, const std::string& labels) {
    return fault([&] { read_cifar10_png(std::vector{path}, text("labels.json", labels), "run: get"); });
  };
  EXPECT_NE(read(folder_ / "none.png", "[1, 2]").find("none.png: not found; run: get"), std::string::npos);
  EXPECT_NE(read(good, "[1, 2, 3]")
                .find("labels.json: expected one label for each of the 2 rows of the pictures, found 3; run: get"),
            std::string::npos);
  EXPECT_NE(read(good, "[1, 12]").find("label of sample 1 (line 1, column 5) is not a whole number from 0 to 9"),
            std::string::npos);
  EXPECT_NE(read(good, "[1, 2").find("not valid JSON"), std::string::npos);
  EXPECT_NE(read(good, "{}").find("holds a table, expected a list of labels"), std::string::npos);
  EXPECT_NE(read(picture("narrow.png", 0, 2, 1023), "[1, 2]").find("a picture of 1023 x 2 pixels, expected 1024"),
            std::string::npos);
  EXPECT_NE(read(picture("grey.png", 0, 2, 1024, true), "[1, 2]").find("not 8-bit RGB"), std::string::npos);
  EXPECT_NE(read(text("text.png", "hello"), "[1, 2]").find("no valid PNG picture"), std::string::npos);
}

// Cut anywhere, or with any byte changed: an error, or (ancillary chunks) still the same kind of picture.
TEST_F(Cifar10Files, DamagedPictures) {
  const std::vector<std::byte> whole = read_bytes(picture("good.png", 0, 1));
  std::size_t refused = 0;
  const auto attempt = [&](const std::vector<std::byte>& bytes) {
    write_atomically(folder_ / "damaged.png",
                     std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    try {
      EXPECT_EQ(read_cifar10_rows(folder_ / "damaged.png").shape().tail(), (Shape{32, 32, 3}));
    } catch (const DataError&) {
      ++refused;
    }
  };
  const std::size_t step = std::max<std::size_t>(1, whole.size() / 150);
  std::size_t attempts = 0;
  for (std::size_t i = 0; i < whole.size(); i += i < 60 ? 1 : step, ++attempts) {
    attempt({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(i)});
    auto changed = whole;
    changed[i] ^= std::byte{0x10};
    attempt(changed);
  }
  EXPECT_GT(refused, attempts);
}

}  // namespace
}  // namespace neurarium
