// WAV files written here byte by byte, in every width; damaged ones are refused at every cut.
#include "neurarium/data/wav.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string little(std::uint64_t value, int width) {
  std::string bytes;
  for (int k = 0; k < width; ++k) bytes += static_cast<char>(value >> (8 * k));
  return bytes;
}
std::string piece(const std::string& name, const std::string& content) {
  return name + little(content.size(), 4) + content + (content.size() % 2 ? std::string(1, '\0') : "");
}
std::string format(int kind, int channels, int rate, int bits) {
  const auto frame = static_cast<std::uint64_t>(channels * bits / 8);
  return little(static_cast<std::uint64_t>(kind), 2) + little(static_cast<std::uint64_t>(channels), 2) +
         little(static_cast<std::uint64_t>(rate), 4) + little(frame * static_cast<std::uint64_t>(rate), 4) +
         little(frame, 2) + little(static_cast<std::uint64_t>(bits), 2);
}
std::string wav(const std::string& pieces) { return "RIFF" + little(4 + pieces.size(), 4) + "WAVE" + pieces; }
Sound parse(const std::string& bytes) { return parse_wav(std::as_bytes(std::span(bytes)), "a.wav"); }
template <class T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

TEST(Wav, ReadsEveryWidthAndMixesChannels) {
  const auto read = [](int kind, int bits, const std::string& data) {
    return parse(wav(piece("fmt ", format(kind, 1, 22050, bits)) + piece("LIST", "odd") + piece("data", data))).samples;
  };
  EXPECT_THAT(read(1, 8, little(0, 1) + little(128, 1) + little(192, 1)), ElementsAre(-1.0f, 0.0f, 0.5f));
  EXPECT_THAT(read(1, 16, little(0x8000, 2) + little(0xffff, 2) + little(0x4000, 2)),
              ElementsAre(-1.0f, -1.0f / 32768, 0.5f));
  EXPECT_THAT(read(1, 24, little(0xc00000, 3) + little(1, 3)), ElementsAre(-0.5f, 1.0f / 8388608));
  EXPECT_THAT(read(1, 32, little(0xc0000000, 4)), ElementsAre(-0.5f));
  EXPECT_THAT(read(3, 32, raw(0.3f)), ElementsAre(0.3f));
  EXPECT_THAT(read(3, 64, raw(-0.25)), ElementsAre(-0.25f));
  const Sound stereo =
      parse(wav(piece("fmt ", format(1, 2, 48000, 16)) + piece("data", little(0x4000, 2) + little(0x2000, 2))));
  EXPECT_EQ(stereo.sample_rate, 48000);
  EXPECT_THAT(stereo.samples, ElementsAre(0.375f));
  const std::string extensible = format(0xfffe, 1, 16000, 16) + little(22, 2) + little(16, 2) + little(4, 4) +
                                 little(1, 2) + std::string(14, '\0');
  EXPECT_THAT(parse(wav(piece("fmt ", extensible) + piece("data", little(0x4000, 2)))).samples, ElementsAre(0.5f));
}

TEST(Wav, WhatIsWrittenReadsBack) {
  const Sound sound{16000, {0, 0.5f, -1, 0.25f, 2}};
  const Sound again = parse_wav(wav_bytes(sound), "");
  EXPECT_EQ(again.sample_rate, 16000);
  EXPECT_THAT(again.samples, ElementsAre(0.0f, 0.5f, -1.0f, 0.25f, 32767.0f / 32768));
}

TEST(Wav, RefusesDamagedFiles) {
  const std::string whole = wav(piece("fmt ", format(1, 1, 22050, 16)) + piece("data", little(7, 2) + little(8, 2)));
  ASSERT_EQ(parse(whole).samples.size(), 2u);
  for (std::size_t k = 0; k < whole.size(); ++k) EXPECT_THROW(parse(whole.substr(0, k)), DataError) << k;
  const auto refused = [](const std::string& bytes, const char* what) {
    try {
      parse(bytes);
      ADD_FAILURE() << "not refused: " << what;
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("a.wav"), HasSubstr(what)));
    }
  };
  const std::string data = piece("data", little(7, 2));
  refused(wav(data), "before 'fmt '");
  refused(wav(piece("fmt ", format(1, 0, 22050, 16)) + data), "no channels");
  refused(wav(piece("fmt ", format(1, 1, 0, 16)) + data), "0 samples per second");
  refused(wav(piece("fmt ", format(85, 1, 22050, 16)) + data), "kind 85");
  refused(wav(piece("fmt ", format(1, 1, 22050, 12)) + data), "12 bits");
  refused(wav(piece("fmt ", format(1, 1, 22050, 16)) + piece("data", "abc")), "no whole number of frames");
  refused(wav(piece("fmt ", format(3, 1, 22050, 32)) + piece("data", raw(NAN))), "not finite");
  refused(wav(piece("fmt ", format(1, 1, 22050, 16)) + "data" + little(0xffffffff, 4) + little(7, 2)),
          "4294967295 bytes");
}

TEST(Wav, SilenceIsCutOffAtTheEnds) {
  Sound sound{1000, std::vector<float>(100)};  // windows of 5
  EXPECT_TRUE(without_silence(sound).empty());
  for (std::size_t k = 30; k < 60; ++k) sound.samples[k] = k < 50 ? 1.0f : 0.02f;
  sound.samples[80] = 1e-3f;
  const auto part = without_silence(sound);
  EXPECT_EQ(part.data(), sound.samples.data() + 30);
  EXPECT_EQ(part.size(), 30u);
  EXPECT_EQ(without_silence(sound, 20).size(), 20u);
  EXPECT_TRUE(without_silence({1000, {}}).empty());
}

}  // namespace
}  // namespace neurarium
