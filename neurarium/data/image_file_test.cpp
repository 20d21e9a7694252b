// Every fixture against the pixels that Pillow read from it, and then damaged at every byte.
#include "neurarium/data/image_file.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "neurarium/core/files.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

const std::filesystem::path fixtures = std::filesystem::path(NEURARIUM_SOURCE_DIR) / "tests/data/photographs";

std::string fault(std::span<const std::byte> bytes) {
  std::string checked = "no error", decoded = checked;
  try {
    check_image(bytes, "x");
  } catch (const DataError& error) {
    checked = error.what();
  }
  try {
    decode_image(bytes, "x");
  } catch (const DataError& error) {
    decoded = error.what();
  }
  EXPECT_EQ(checked, decoded);
  return checked;
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void put_big_endian(std::vector<std::byte>& bytes, std::size_t at, std::uint32_t number, int size) {
  for (int i = 0; i < size; ++i) bytes[at + i] = static_cast<std::byte>(number >> (8 * (size - 1 - i)));
}

/// colour.png, announcing another size: its header with a new checksum.
std::vector<std::byte> png_of(std::uint32_t height, std::uint32_t width) {
  auto bytes = read_bytes(fixtures / "colour.png");
  put_big_endian(bytes, 16, width, 4);
  put_big_endian(bytes, 20, height, 4);
  const auto sum = ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()) + 12, 17);
  put_big_endian(bytes, 29, static_cast<std::uint32_t>(sum), 4);
  return bytes;
}
/// colour.jpg, announcing another size.
std::vector<std::byte> jpeg_of(std::uint32_t height, std::uint32_t width) {
  auto bytes = read_bytes(fixtures / "colour.jpg");
  constexpr std::byte start_of_frame[] = {std::byte{0xff}, std::byte{0xc0}};
  const auto found = std::ranges::search(bytes, start_of_frame).begin();
  const auto at = static_cast<std::size_t>(found - bytes.begin());
  put_big_endian(bytes, at + 5, height, 2);
  put_big_endian(bytes, at + 7, width, 2);
  return bytes;
}

TEST(ImageFile, ReadsThePixelsThatPillowReads) {
  std::size_t pictures = 0;
  for (const auto& [name, expected] : read_npz(fixtures / "expected.npz")) {
    if (!name.ends_with("png") && !name.ends_with("jpg")) continue;
    ++pictures;
    const auto bytes = read_bytes(fixtures / name);
    const Array pixels = decode_image(bytes, name);
    ASSERT_EQ(pixels.shape(), expected.shape()) << name;
    ASSERT_EQ(pixels.dtype(), DType::u8);
    const auto found = pixels.as<std::uint8_t>().flat(), wanted = expected.as<std::uint8_t>().flat();
    int largest = 0;
    for (std::size_t i = 0; i < found.size(); ++i) largest = std::max(largest, std::abs(found[i] - wanted[i]));
    // PNG loses nothing; decoders of JPEG may round differently.
    EXPECT_LE(largest, name.ends_with("png") ? 0 : 2) << name;
    EXPECT_GT(std::ranges::max(found) - std::ranges::min(found), 100) << name;
    const ImageSize size = check_image(bytes, name);
    EXPECT_EQ((Shape{size.height, size.width, 3}), pixels.shape()) << name;
  }
  EXPECT_EQ(pictures, 16u);
}

TEST(ImageFile, SaysWhatItIsInstead) {
  EXPECT_EQ(fault({}), "x: is empty");
  EXPECT_EQ(fault(bytes_of("hello, world")), "x: is neither a PNG nor a JPEG");
  EXPECT_EQ(fault(bytes_of("GIF89a")), "x: is a GIF, not a PNG or JPEG");
  EXPECT_EQ(fault(bytes_of("RIFF....WEBPVP8 ")), "x: is a WebP, not a PNG or JPEG");
  EXPECT_EQ(fault(bytes_of(std::string_view("II*\0....", 8))),
            "x: is a TIFF (or a camera's raw file), not a PNG or JPEG");
  EXPECT_EQ(fault(bytes_of("....ftypheic")), "x: is a HEIC, not a PNG or JPEG");
}

TEST(ImageFile, TruncatedAtAnyByteIsRefused) {
  for (const char* name : {"colour.png", "interlaced.png", "colour.jpg", "progressive.jpg", "cmyk.jpg"}) {
    const auto whole = read_bytes(fixtures / name);
    for (std::size_t size = 0; size < whole.size(); ++size)
      ASSERT_NE(fault(std::span(whole).first(size)), "no error") << name << " cut at byte " << size;
  }
  const auto jpeg = read_bytes(fixtures / "colour.jpg");
  EXPECT_EQ(fault(std::span(jpeg).first(jpeg.size() - 2)),
            "x: is a JPEG that can't be read: Premature end of JPEG file");
  const auto png = read_bytes(fixtures / "colour.png");
  EXPECT_EQ(fault(std::span(png).first(png.size() - 20)), "x: is a PNG that can't be read: it ends too early");
}

TEST(ImageFile, DamagedAtAnyByteIsRefusedOrRead) {
  std::size_t refused = 0, read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fixtures)) {
    if (entry.path().extension() == ".npz") continue;
    auto bytes = read_bytes(entry.path());
    for (std::size_t i = 0; i < bytes.size(); ++i)
      for (const int change : {0x01, 0x10, 0x80, 0xff}) {
        const std::byte good = bytes[i];
        bytes[i] ^= static_cast<std::byte>(change);
        try {
          const ImageSize size = check_image(bytes, "x");
          if (size.height * size.width < 100000) {
            EXPECT_EQ((Shape{size.height, size.width, 3}), decode_image(bytes, "x").shape());
            ++read;
          }
        } catch (const DataError& error) {
          ++refused;
          EXPECT_EQ(std::string(error.what()).find("x: "), 0u);
        }
        bytes[i] = good;
      }
  }
  EXPECT_GT(refused, 5000u);
  EXPECT_GT(read, 1000u);
}

TEST(ImageFile, BombsAreRefusedBeforeMemoryIsAskedFor) {
  EXPECT_EQ(fault(png_of(20000, 20000)), "x: announces 20000 x 20000 pixels, expected at most 268435456");
  EXPECT_EQ(fault(jpeg_of(65000, 65000)), "x: announces 65000 x 65000 pixels, expected at most 268435456");
  EXPECT_EQ(fault(png_of(16384, 16384)),
            "x: is a PNG that can't be read: it announces more pixels than its 90 bytes can hold");
  EXPECT_NE(fault(png_of(1, 0)), "no error");
  EXPECT_NE(fault(jpeg_of(0, 8)), "no error");
  EXPECT_NE(fault(png_of(13, 2000000000)), "no error");
}

TEST(ImageFile, JpegOfThousandsOfScansIsRefused) {
  // The last scan of a progressive file, again and again: each costs a walk over all pixels.
  const auto whole = read_bytes(fixtures / "progressive.jpg");
  std::size_t last = 0;
  for (std::size_t i = 0; i + 1 < whole.size(); ++i)
    if (whole[i] == std::byte{0xff} && whole[i + 1] == std::byte{0xda}) last = i;
  std::vector<std::byte> many(whole.begin(), whole.end() - 2);
  for (int i = 0; i < 1000; ++i)
    many.insert(many.end(), whole.begin() + static_cast<std::ptrdiff_t>(last), whole.end() - 2);
  many.insert(many.end(), whole.end() - 2, whole.end());
  EXPECT_NE(fault(many).find("Inconsistent progression"), std::string::npos) << fault(many);
}

}  // namespace
}  // namespace neurarium
