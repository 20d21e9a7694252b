#include "neurarium/data/idx.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <fstream>

#include "neurarium/core/files.hpp"

namespace neurarium {
namespace {

// Written by validation/interchange/write_fixtures.py.
std::string fixture(const std::string& name) {
  return std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/interchange/" + name;
}

std::string fault(const std::function<void()>& act) {
  try {
    act();
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Idx, ReadsEveryElementType) {
  const Array u8 = read_idx(fixture("u8.idx"));
  ASSERT_EQ(u8.shape(), (Shape{3, 4, 2}));
  EXPECT_EQ(u8.as<std::uint8_t>()(2, 3, 1), 230);
  EXPECT_EQ(read_idx(fixture("i8.idx")).as<std::int8_t>()(0), -1);
  EXPECT_EQ(read_idx(fixture("i16.idx")).as<std::int16_t>()(0), -300);
  EXPECT_EQ(read_idx(fixture("i32.idx")).as<std::int32_t>()(0), -70000);
  EXPECT_EQ(read_idx(fixture("f32.idx")).as<float>()(0), -0.5f);
  EXPECT_EQ(read_idx(fixture("f64.idx")).as<double>()(0, 1), 2.0);
}

TEST(Idx, ReadsGzip) {
  const Array plain = read_idx(fixture("u8.idx")), packed = read_idx(fixture("u8.idx.gz"));
  ASSERT_EQ(packed.shape(), plain.shape());
  EXPECT_TRUE(std::equal(plain.view().data(), plain.view().data() + 24, packed.view().data()));
}

TEST(Idx, FaultsSayWhere) {
  const auto bytes = read_bytes(fixture("u8.idx"));
  const auto parse = [](std::span<const std::byte> b) { return fault([&] { parse_idx(b, "x", "run: get it"); }); };
  EXPECT_EQ(parse(std::span(bytes).first(39)),
            "x: at byte 39: shape [3, 4, 2] needs 24 bytes of numbers, but the file ends after 23; run: get it");
  EXPECT_EQ(parse(std::span(bytes).first(7)), "x: at byte 7: ends inside the IDX header; run: get it");
  auto changed = bytes;
  changed.push_back({});
  EXPECT_EQ(parse(changed), "x: at byte 40: surplus bytes after the 24 that shape [3, 4, 2] needs; run: get it");
  changed = bytes;
  changed[2] = std::byte{7};
  EXPECT_EQ(parse(changed), "x: at byte 2: element type 7 is not known, expected one of 8 9 11 12 13 14; run: get it");
  changed[2] = std::byte{8};
  changed[3] = std::byte{6};
  EXPECT_EQ(parse(changed), "x: at byte 3: 6 axes, expected 1 to 5; run: get it");
  const unsigned char empty[] = {0, 0, 8, 3, 0, 14, 1, 0, 191, 224, 0, 0, 0, 0, 0, 0};  // found by fuzzing
  EXPECT_EQ(parse(std::as_bytes(std::span(empty))),
            "x: at byte 4: shape [917760, 3219128320, 0] needs over 2^48 bytes; run: get it");
  EXPECT_NE(fault([] {
              read_idx("/nonexistent/x", "run: get it");
            }).find("/nonexistent/x: can't be read: No such file or directory; run: get it"),
            std::string::npos);
  EXPECT_NE(fault([] { read_idx("/tmp"); }).find("is a folder"), std::string::npos);
}

class IdxFiles : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path write(const std::string& name, const std::vector<std::byte>& bytes) {
    write_atomically(folder_ / name, bytes);
    return folder_ / name;
  }
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / (std::to_string(::getpid()) + "_idx_test");
};

TEST_F(IdxFiles, DamagedGzip) {
  const auto whole = read_bytes(fixture("u8.idx.gz"));
  auto cut = whole;
  cut.resize(whole.size() - 6);
  EXPECT_NE(fault([&] { read_idx(write("cut.gz", cut)); }).find("can't be unpacked"), std::string::npos);
  auto wrong_sum = whole;
  wrong_sum[whole.size() - 6] ^= std::byte{1};  // the CRC-32
  EXPECT_NE(fault([&] { read_idx(write("sum.gz", wrong_sum)); }).find("incorrect data check"), std::string::npos)
      << fault([&] { read_idx(write("sum.gz", wrong_sum)); });
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto part = whole;
    part.resize(size);
    EXPECT_NE(fault([&] { read_idx(write("part.gz", part)); }), "no error") << size;
  }
}

TEST_F(IdxFiles, PicturesAndLabels) {
  const Split split = read_idx_pictures(fixture("u8.idx"), fixture("labels.idx"), {4, 2}, 3);
  EXPECT_EQ(split.samples(), 3u);
  EXPECT_TRUE(split.has_labels());
  EXPECT_EQ(split.y.as<std::int64_t>()(1), 0);
  EXPECT_EQ(split.y.as<std::int64_t>()(2), 1);

  EXPECT_NE(fault([&] {
              read_idx_pictures(fixture("u8.idx"), fixture("labels.idx"), {28, 28}, 3, "run: get");
            })
                .find("u8.idx: at byte 2: expected pictures of [28, 28] uint8 each, found an array [3, 4, 2] of uint8; "
                      "run: get"),
            std::string::npos);
  auto labels = read_bytes(fixture("labels.idx"));
  labels[7] = std::byte{2};
  labels.pop_back();
  EXPECT_NE(fault([&] {
              read_idx_pictures(fixture("u8.idx"), write("short", labels), {4, 2}, 3);
            }).find("expected one label for each of the 3 pictures in"),
            std::string::npos);
  labels = read_bytes(fixture("labels.idx"));
  labels[9] = std::byte{3};
  EXPECT_NE(fault([&] {
              read_idx_pictures(fixture("u8.idx"), write("wrong", labels), {4, 2}, 3);
            }).find("at byte 9: label 3 of sample 1, expected 0 to 2"),
            std::string::npos);
}

RC_GTEST_PROP(Idx, NeverMoreThanAnError, (std::vector<std::uint8_t> noise, std::uint8_t type)) {
  // A sound start makes it likely that the rest is looked at.
  std::vector<std::uint8_t> bytes = {0, 0, static_cast<std::uint8_t>(8 + type % 7), 1, 0, 0, 0};
  bytes.insert(bytes.end(), noise.begin(), noise.end());
  try {
    const Array array = parse_idx(std::as_bytes(std::span(bytes)), "x");
    RC_ASSERT(array.size() == noise[0]);
  } catch (const DataError&) {}
}

}  // namespace
}  // namespace neurarium
