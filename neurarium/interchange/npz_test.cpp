#include "neurarium/interchange/npz.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "neurarium/core/files.hpp"

namespace neurarium {
namespace {

// Written by NumPy: validation/interchange/write_fixtures.py.
std::string fixture(const std::string& name) {
  return std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/interchange/" + name;
}

const Array& named(const NamedArrays& arrays, const std::string& name) {
  for (const auto& [key, array] : arrays)
    if (key == name) return array;
  throw std::out_of_range(name);
}

std::string fault(std::span<const std::byte> bytes) {
  try {
    parse_npz(bytes, "x.npz");
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

NamedArrays example() {
  Array x(DType::f64, {2, 2}), y(DType::i64, {3});
  x.as<double>().flat()[3] = 0.1;
  y.as<std::int64_t>().flat()[0] = -9;
  return {{"x", x}, {"y", y}, {"layers.0.weight", Array(DType::f32, {0, 2})}};
}

TEST(Npz, ReadsEveryElementTypeNumPyWrote) {
  const NamedArrays arrays = read_npz(fixture("kinds.npz"));
  ASSERT_EQ(arrays.size(), 11u);
  EXPECT_EQ(arrays[0].first, "b1");
  const auto mask = arrays[0].second.as<bool>().flat();
  EXPECT_TRUE(!mask[0] && mask[1] && !mask[2] && mask[3]);
  for (const auto& [name, array] : arrays) {
    if (name == "b1") continue;
    const auto x = to_tensor<double>(array);
    for (int i = 0; i < 6; ++i) EXPECT_EQ(x.flat()[i], i + (name[0] == 'u' ? 3 : -3)) << name;
  }
  EXPECT_EQ(named(arrays, "u2").dtype(), DType::u16);
}

TEST(Npz, ReadsCompressedAndStreamedArchives) {
  const NamedArrays arrays = read_npz(fixture("compressed.npz"));
  const auto x = named(arrays, "x").as<std::int64_t>();
  ASSERT_EQ(x.shape(), (Shape{40, 50}));
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(x.flat()[i], i % 7);
  EXPECT_EQ(named(arrays, "y").shape(), Shape{0});
  EXPECT_EQ(named(read_npz(fixture("streamed.npz")), "x").as<double>()(1, 2), 1.25);
}

TEST(Npz, RefusesDamage) {
  EXPECT_NE(fault({}).find("no zip archive: its end record is missing"), std::string::npos);
  auto bytes = read_bytes(fixture("kinds.npz"));
  const auto whole = bytes;
  bytes[150] ^= std::byte{1};  // in the numbers or header of the first entry
  EXPECT_NE(fault(bytes).find("entry 'b1.npy' does not agree with its CRC-32"), std::string::npos) << fault(bytes);
  bytes = whole;
  bytes[bytes.size() - 22 + 16] ^= std::byte{1};  // where the list of entries begins
  EXPECT_NE(fault(bytes).find("does not reach the end record"), std::string::npos) << fault(bytes);
  bytes = whole;
  bytes[bytes.size() - 22 + 10] ^= std::byte{1};  // how many there are
  EXPECT_NE(fault(bytes).find("the list has 11 entries, 10 were announced"), std::string::npos) << fault(bytes);
  bytes = whole;
  bytes.resize(bytes.size() / 2);
  EXPECT_NE(fault(bytes).find("end record is missing"), std::string::npos);
  EXPECT_NE(fault(read_bytes(fixture("not-arrays.npz"))).find("entry 'readme.txt' is no .npy file"), std::string::npos);
  bytes = read_bytes(fixture("compressed.npz"));
  bytes[100] ^= std::byte{0x55};
  EXPECT_NE(fault(bytes), "no error");
}

TEST(Npz, RefusesDuplicateNames) {
  NamedArrays twice = example();
  twice[1].first = "x";
  EXPECT_THROW(npz_bytes(twice), SpecError);
}

TEST(Npz, SameArraysSameBytes) { EXPECT_EQ(npz_bytes(example()), npz_bytes(example())); }

// NumPy itself says whether it can read what we write, in both the plain and the zip64 form.
TEST(Npz, NumPyReadsWhatWeWrite) {
  for (const std::uint64_t zip64_from : {std::uint64_t{0xffffffff}, std::uint64_t{0}, std::uint64_t{100}}) {
    const auto path = std::filesystem::path(testing::TempDir()) / (std::to_string(::getpid()) + "_npz_test_bundle.npz");
    write_atomically(path, npz_bytes(example(), zip64_from));
    const std::string command =
        "/usr/bin/python3 -c \"import numpy as n, zipfile as z; assert z.ZipFile('" + path.string() +
        "').testzip() is None; f = n.load('" + path.string() +
        "'); assert f.files == ['x', 'y', 'layers.0.weight'], f.files; assert (f['x'] == [[0, 0], [0, 0.1]]).all(); "
        "assert f['y'].dtype == n.int64 and (f['y'] == [-9, 0, 0]).all(); assert f['layers.0.weight'].shape == (0, "
        "2)\"";
    EXPECT_EQ(std::system(command.c_str()), 0) << zip64_from;
    EXPECT_EQ(read_npz(path).size(), 3u);
    std::filesystem::remove(path);
  }
}

RC_GTEST_PROP(Npz, ComesBack, (const std::vector<double>& numbers, bool wide)) {
  Array x(DType::f64, {numbers.size()});
  std::copy(numbers.begin(), numbers.end(), x.as<double>().flat().begin());
  const NamedArrays arrays{{"a", x}, {"b/c", Array(DType::u8, {2})}};
  const NamedArrays back = parse_npz(npz_bytes(arrays, wide ? 0 : 0xffffffff), "x");
  RC_ASSERT(back.size() == 2u);
  RC_ASSERT(back[0].first == "a");
  RC_ASSERT(back[1].first == "b/c");
  RC_ASSERT(std::equal(numbers.begin(), numbers.end(), back[0].second.as<double>().flat().begin()));
}

}  // namespace
}  // namespace neurarium
