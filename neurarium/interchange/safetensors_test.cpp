#include "neurarium/interchange/safetensors.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "neurarium/core/files.hpp"

namespace neurarium {
namespace {

// Written by validation/interchange/write_fixtures.py.
std::string fixture(const std::string& name) {
  return std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/interchange/" + name;
}

std::vector<std::byte> file_of(const std::string& header, std::size_t data_bytes) {
  std::vector<std::byte> bytes(8 + header.size() + data_bytes);
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

std::string fault(const std::string& header, std::size_t data_bytes) {
  const auto bytes = file_of(header, data_bytes);
  try {
    parse_safetensors(bytes, "x");
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

TEST(SafeTensors, ReadsEveryElementType) {
  const SafeTensors file = read_safetensors(fixture("kinds.safetensors"));
  ASSERT_EQ(file.metadata.size(), 2u);
  EXPECT_EQ(file.metadata[0], (std::pair<std::string, std::string>{"experiment", "seed = 3\n"}));
  EXPECT_EQ(file.metadata[1].second, "12");
  ASSERT_EQ(file.arrays.size(), 10u);
  EXPECT_EQ(file.arrays[0].first, "fc1.weight");
  EXPECT_EQ(file.arrays[0].second.as<double>()(1, 2), 1.25);
  EXPECT_EQ(file.arrays[1].second.as<float>()(2), 0.5f);
  EXPECT_EQ(file.arrays[2].second.as<float>()(2), 65504.0f);
  EXPECT_EQ(file.arrays[3].second.as<float>()(1), -2.0f);
  EXPECT_EQ(file.arrays[4].second.shape(), Shape{});
  EXPECT_EQ(file.arrays[4].second.as<std::int64_t>().flat()[0], -7);
  EXPECT_EQ(file.arrays[5].second.as<std::uint64_t>()(0), ~std::uint64_t{0});
  EXPECT_TRUE(file.arrays[6].second.as<bool>()(1, 1));
  EXPECT_FALSE(file.arrays[6].second.as<bool>()(0, 1));
  EXPECT_EQ(file.arrays[7].second.shape(), (Shape{0, 4}));
  EXPECT_EQ(file.arrays[8].second.as<std::int8_t>()(0), -1);
  EXPECT_EQ(file.arrays[9].first, "unicode é");
}

TEST(SafeTensors, RefusesDamage) {
  EXPECT_NE(fault("[]", 0).find("at byte 8: the header does not begin with '{'"), std::string::npos);
  EXPECT_NE(fault("{\"a\":}", 0).find("x (header): at byte 5: line 1, column 6: not valid JSON"), std::string::npos)
      << fault("{\"a\":}", 0);
  EXPECT_NE(
      fault(
          R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
          2)
          .find("key 'a' is written twice"),
      std::string::npos);
  EXPECT_NE(fault(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,1]}})", 1)
                .find("of shape [2] needs 2 bytes, its range has 1"),
            std::string::npos);
  EXPECT_NE(fault(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2).find("(a gap)"), std::string::npos);
  EXPECT_NE(
      fault(
          R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
          3)
          .find("begins at byte 1 of the data, expected 2 (an overlap)"),
      std::string::npos);
  EXPECT_NE(fault(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 2).find("cover 1 bytes of data, found 2"),
            std::string::npos);
  EXPECT_NE(fault(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 0).find("within the 0 bytes of data"),
            std::string::npos);
  EXPECT_NE(fault(R"({"a":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0)
                .find("needs over 2^48 bytes"),
            std::string::npos);
  EXPECT_NE(fault(R"({"a":{"dtype":"F4","shape":[1],"data_offsets":[0,1]}})", 1).find("type 'F4', which is not known"),
            std::string::npos);
  EXPECT_NE(fault(R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1).find("whole numbers from 0"),
            std::string::npos);
  EXPECT_NE(fault(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551615]}})", 1)
                .find("whole numbers from 0"),
            std::string::npos);
  EXPECT_NE(fault(R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1],"data_offsets":[0,1]}})", 1).find("at most 5 axes"),
            std::string::npos);
  EXPECT_NE(fault(R"({"__metadata__":{"a":1}})", 0).find("entry 'a' is a whole number, expected text"),
            std::string::npos);
  auto boolean = file_of(R"({"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})", 1);
  boolean.back() = std::byte{2};
  EXPECT_THROW(parse_safetensors(boolean, "x"), DataError);
  auto greedy = file_of("{}", 0);
  const std::uint64_t length = 100'000'001;
  std::memcpy(greedy.data(), &length, 8);
  EXPECT_THROW(parse_safetensors(greedy, "x"), DataError);
}

// The header as another JSON library reads it, and the layout the format asks for.
TEST(SafeTensors, WritesAlignedTilesInTheFormatsWords) {
  SafeTensors file;
  file.arrays = {{"mask", Array(DType::boolean, {3})}, {"w", Array(DType::f64, {2, 2})}, {"b", Array(DType::f32, {5})}};
  file.arrays[1].second.as<double>().flat()[3] = 0.1;
  file.metadata = {{"epoch", "3"}};
  const auto bytes = safetensors_bytes(file);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ((8 + length) % 64, 0u);
  const auto header = nlohmann::json::parse(reinterpret_cast<const char*>(bytes.data()) + 8,
                                            reinterpret_cast<const char*>(bytes.data()) + 8 + length);
  EXPECT_EQ(header["__metadata__"]["epoch"], "3");
  EXPECT_EQ(header["w"]["dtype"], "F64");
  EXPECT_EQ(header["w"]["shape"], (std::vector<int>{2, 2}));
  EXPECT_EQ(header["w"]["data_offsets"], (std::vector<int>{0, 32}));
  EXPECT_EQ(header["b"]["data_offsets"], (std::vector<int>{32, 52}));
  EXPECT_EQ(header["mask"]["data_offsets"], (std::vector<int>{52, 55}));
  EXPECT_EQ(bytes.size(), 8 + length + 55);
  double last = 0;
  std::memcpy(&last, bytes.data() + 8 + length + 24, 8);
  EXPECT_EQ(last, 0.1);
}

TEST(SafeTensors, RefusesToWriteANameTwice) {
  SafeTensors file;
  file.arrays = {{"a", Array(DType::u8, {1})}, {"a", Array(DType::u8, {1})}};
  EXPECT_THROW(safetensors_bytes(file), SpecError);
  file.arrays = {{"__metadata__", Array(DType::u8, {1})}};
  EXPECT_THROW(safetensors_bytes(file), SpecError);
}

TEST(SafeTensors, WritesWholeFiles) {
  const auto path =
      std::filesystem::path(testing::TempDir()) / (std::to_string(::getpid()) + "_safetensors_test.safetensors");
  SafeTensors file;
  file.arrays = {{"a", Array(DType::u8, {1})}};
  write_safetensors(path, file);
  EXPECT_EQ(read_safetensors(path).arrays[0].first, "a");
  std::filesystem::remove(path);
}

RC_GTEST_PROP(SafeTensors, ComesBack, (const std::vector<float>& numbers, const std::vector<std::uint8_t>& small)) {
  SafeTensors file;
  file.arrays = {{"small", Array(DType::u8, {small.size()})}, {"numbers", Array(DType::f32, {numbers.size(), 1})}};
  std::copy(small.begin(), small.end(), file.arrays[0].second.as<std::uint8_t>().flat().begin());
  std::copy(numbers.begin(), numbers.end(), file.arrays[1].second.as<float>().flat().begin());
  file.metadata = {{"z", "1"}, {"a", "\"quoted\"\n"}};
  const SafeTensors back = parse_safetensors(safetensors_bytes(file), "x");
  RC_ASSERT(back.metadata == file.metadata);
  RC_ASSERT(back.arrays[0].first == "small");
  RC_ASSERT(back.arrays[1].second.shape() == file.arrays[1].second.shape());
  RC_ASSERT(std::equal(small.begin(), small.end(), back.arrays[0].second.as<std::uint8_t>().flat().begin()));
  RC_ASSERT(std::equal(numbers.begin(), numbers.end(), back.arrays[1].second.as<float>().flat().begin()));
}

}  // namespace
}  // namespace neurarium
