// Every fixture cut at every byte, and with every byte changed in several ways: the readers must answer with a DataError or a
// valid result. Run under sanitizers this also proves that they stay inside their input.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "neurarium/core/files.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/npy.hpp"
#include "neurarium/interchange/npz.hpp"
#include "neurarium/interchange/safetensors.hpp"

namespace neurarium {
namespace {

std::string fixture(const std::string& name) {
  return (std::filesystem::path(NEURARIUM_SOURCE_DIR) / "tests/data/interchange" / name).string();
}

using Reader = std::function<std::size_t(std::span<const std::byte>)>;  ///< returns something that needs every number

std::size_t touch(const Array& array) {
  std::size_t sum = array.size();
  with_dtype(array.dtype(), [&]<class T>() {
    for (const T x : array.as<T>().flat()) sum += x == T{} ? 1 : 0;
  });
  return sum;
}

/// How many of the damaged inputs were refused; anything but a DataError escapes and fails the test.
std::size_t refused(const std::vector<std::byte>& whole, const Reader& read) {
  std::size_t count = 0, seen = 0;
  const auto attempt = [&](std::span<const std::byte> bytes) {
    // A copy of exact size, so that a sanitizer sees a read beyond the end.
    const std::vector<std::byte> exact(bytes.begin(), bytes.end());
    try {
      seen += read(exact);
    } catch (const DataError&) {
      ++count;
    }
  };
  for (std::size_t size = 0; size < whole.size(); ++size) attempt(std::span(whole).first(size));
  std::vector<std::byte> damaged = whole;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      damaged[i] = whole[i] ^ static_cast<std::byte>(1 << bit);
      attempt(damaged);
    }
    damaged[i] = std::byte{0xff};
    attempt(damaged);
    damaged[i] = whole[i];
  }
  EXPECT_GT(seen + count, whole.size());
  return count;
}

TEST(Robustness, Npy) {
  for (const char* name :
       {"f8.npy", "f8-fortran.npy", "f4-big-endian.npy", "f2.npy", "scalar.npy", "version-2.npy", "version-3.npy"}) {
    const auto bytes = read_bytes(fixture(name));
    EXPECT_GE(refused(bytes, [](auto b) { return touch(parse_npy(b, "x")); }), bytes.size()) << name;
  }
}

TEST(Robustness, Npz) {
  for (const char* name : {"kinds.npz", "compressed.npz", "streamed.npz"}) {
    const auto bytes = read_bytes(fixture(name));
    const auto read = [](std::span<const std::byte> b) {
      std::size_t sum = 0;
      for (const auto& [key, array] : parse_npz(b, "x")) sum += touch(array);
      return sum;
    };
    EXPECT_GE(refused(bytes, read), bytes.size()) << name;
  }
}

TEST(Robustness, Zip64) {
  const NamedArrays arrays{{"x", Array(DType::f64, {2, 3})}, {"y", Array(DType::i64, {2})}};
  const auto bytes = npz_bytes(arrays, 0);
  EXPECT_GE(refused(bytes, [](auto b) { return parse_npz(b, "x").size(); }), bytes.size());
}

TEST(Robustness, SafeTensors) {
  const auto bytes = read_bytes(fixture("kinds.safetensors"));
  const auto read = [](std::span<const std::byte> b) {
    std::size_t sum = 0;
    for (const auto& [key, array] : parse_safetensors(b, "x").arrays) sum += touch(array);
    return sum;
  };
  EXPECT_GE(refused(bytes, read), bytes.size());
}

TEST(Robustness, Json) {
  const std::string text =
      R"({"study": "xor", "figures": {"a": {"value": 1.5e-3, "unit": "é\n"}}, "list": [1, -2, true, null, []]})";
  const std::vector<std::byte> bytes(reinterpret_cast<const std::byte*>(text.data()),
                                     reinterpret_cast<const std::byte*>(text.data() + text.size()));
  const auto read = [](std::span<const std::byte> b) {
    return to_json(parse_json({reinterpret_cast<const char*>(b.data()), b.size()}, "x")).size();
  };
  EXPECT_GE(refused(bytes, read), bytes.size());
}

}  // namespace
}  // namespace neurarium
