#include "neurarium/interchange/npy.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "neurarium/core/files.hpp"

namespace neurarium {
namespace {

// Written by NumPy: validation/interchange/write_fixtures.py.
std::string fixture(const std::string& name) {
  return std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/interchange/" + name;
}

template <class T>
std::vector<T> numbers(const Array& array) {
  const auto flat = array.as<T>().flat();
  return {flat.begin(), flat.end()};
}

std::string message_of(const std::string& path) {
  try {
    read_npy(path);
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(Npy, ReadsWhatNumPyWrote) {
  const Array f8 = read_npy(fixture("f8.npy"));
  EXPECT_EQ(f8.shape(), (Shape{2, 3}));
  EXPECT_EQ(numbers<double>(f8), (std::vector<double>{0, 0.25, 0.5, 0.75, 1, 1.25}));
  const Array big = read_npy(fixture("f4-big-endian.npy"));
  EXPECT_EQ(numbers<float>(big), (std::vector<float>{0, 0.25, 0.5, 0.75, 1, 1.25}));
  const Array scalar = read_npy(fixture("scalar.npy"));
  EXPECT_EQ(scalar.shape(), Shape{});
  EXPECT_EQ(numbers<float>(scalar), std::vector<float>{0.25});
  const Array empty = read_npy(fixture("empty.npy"));
  EXPECT_EQ(empty.shape(), (Shape{0, 3}));
  for (const char* version : {"version-2.npy", "version-3.npy"})
    EXPECT_EQ(numbers<std::int64_t>(read_npy(fixture(version))), (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}))
        << version;
}

TEST(Npy, FortranOrderBecomesCOrder) {
  const Array array = read_npy(fixture("f8-fortran.npy"));
  ASSERT_EQ(array.shape(), (Shape{2, 3, 4}));
  const auto view = array.as<double>();
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 4; ++k) EXPECT_EQ(view(i, j, k), (i * 12 + j * 4 + k) / 4.0);
  const Array swapped = read_npy(fixture("i2-big-endian-fortran.npy"));
  EXPECT_EQ(numbers<std::int16_t>(swapped), (std::vector<std::int16_t>{0, -100, -200, -300, -400, -500}));
}

TEST(Npy, HalfPrecisionBecomesFloat) {
  const auto x = numbers<float>(read_npy(fixture("f2.npy")));
  ASSERT_EQ(x.size(), 10u);
  EXPECT_EQ(x[0], 0.0f);
  EXPECT_TRUE(std::signbit(x[1]));
  EXPECT_EQ(x[2], 1.0f);
  EXPECT_EQ(x[3], -2.5f);
  EXPECT_EQ(x[4], 65504.0f);
  EXPECT_EQ(x[5], 0x1p-24f);      // 6e-8 rounds to the smallest subnormal
  EXPECT_EQ(x[6], 0x1.a38p-14f);  // 1e-4 rounded to 11 bits
  EXPECT_EQ(x[7], INFINITY);
  EXPECT_EQ(x[8], -INFINITY);
  EXPECT_TRUE(std::isnan(x[9]));
}

TEST(Npy, RefusesWhatItCannotHold) {
  EXPECT_NE(message_of(fixture("object.npy")).find("at byte 20: holds Python objects (a pickle)"), std::string::npos)
      << message_of(fixture("object.npy"));
  EXPECT_NE(message_of(fixture("records.npy")).find("records with named fields"), std::string::npos);
  EXPECT_NE(message_of(fixture("complex.npy")).find("element type '<c16' is not one of"), std::string::npos);
  EXPECT_NE(message_of(fixture("six-axes.npy")).find("shape [1, 1, 1, 1, 1, 1], expected at most 5 axes"),
            std::string::npos);
  EXPECT_NE(message_of(fixture("u8.idx")).find("at byte 0: no NPY file"), std::string::npos);
  EXPECT_NE(message_of("/nonexistent/x.npy").find("/nonexistent/x.npy: can't be read: No such file"),
            std::string::npos);
}

TEST(Npy, RefusesMissingAndSurplusBytes) {
  std::string file = read_text(fixture("f8.npy"));
  const auto fault = [](const std::string& content) {
    try {
      parse_npy(bytes_of(content), "x.npy");
    } catch (const DataError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(fault(file.substr(0, file.size() - 1)),
            "x.npy: at byte 128: shape [2, 3] needs 48 bytes of numbers, found 47; write it again with numpy.save");
  EXPECT_NE(fault(file + "!").find("needs 48 bytes of numbers, found 49"), std::string::npos);
  std::string huge = file;
  const std::string wish = "(9999999999, 9999999999), }";
  huge.replace(huge.find("(2, 3), }"), wish.size(), wish);
  EXPECT_NE(fault(huge).find("needs over 2^48 bytes"), std::string::npos) << fault(huge);
  std::string nothing_of_much = file;
  const std::string zero = "(0, 9999999999, 9999999999), }";
  nothing_of_much.replace(nothing_of_much.find("(2, 3), }"), zero.size(), zero);
  EXPECT_NE(fault(nothing_of_much).find("needs over 2^48 bytes"), std::string::npos) << fault(nothing_of_much);
}

TEST(Npy, WritesTheBytesNumPyWrites) {
  for (const char* name : {"f8.npy", "scalar.npy", "empty.npy"}) {
    const auto bytes = npy_bytes(read_npy(fixture(name)));
    EXPECT_EQ(bytes, read_bytes(fixture(name))) << name;
  }
}

TEST(Npy, WritesWholeFiles) {
  const auto path = std::filesystem::path(testing::TempDir()) / (std::to_string(::getpid()) + "_npy_test_array.npy");
  Array array(DType::i32, {3});
  array.as<std::int32_t>().flat()[2] = -5;
  write_npy(path, array);
  EXPECT_EQ(numbers<std::int32_t>(read_npy(path)), (std::vector<std::int32_t>{0, 0, -5}));
  std::filesystem::remove(path);
  EXPECT_THROW(write_npy("/nonexistent/x.npy", array), Error);
}

RC_GTEST_PROP(Npy, EveryTypeAndShapeComesBack, (std::uint32_t seed)) {
  const auto type = static_cast<DType>(*rc::gen::inRange(0, 11));
  const auto extents =
      *rc::gen::resize(5, rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 5)));
  RC_PRE(extents.size() <= 5);
  Array array(type, Shape(extents));
  for (std::size_t i = 0; i < array.view().bytes(); ++i) {
    seed = seed * 1664525u + 1013904223u;
    array.view().data()[i] = static_cast<std::byte>(type == DType::boolean ? seed >> 31 : seed >> 24);
  }
  const auto bytes = npy_bytes(array);
  const Array back = parse_npy(bytes, "x");
  RC_ASSERT(back.dtype() == type);
  RC_ASSERT(back.shape() == array.shape());
  RC_ASSERT((bytes.size() - array.view().bytes()) % 64 == 0);
  RC_ASSERT(std::equal(back.view().data(), back.view().data() + back.view().bytes(), array.view().data()));
}

}  // namespace
}  // namespace neurarium
