#include "neurarium/data/wav.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/files.hpp"

namespace neurarium {
namespace {

constexpr unsigned pcm = 1, floating = 3, extensible = 0xfffe;

struct Format {
  unsigned kind = 0, channels = 0, bits = 0;
  double sample_rate = 0;
};

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& source) : bytes_(bytes), source_(source) {}

  Sound read() {
    if (bytes_.size() < 12 || text(0) != "RIFF" || text(8) != "WAVE")
      fail("is no WAV file", "give sound as RIFF/WAVE", 0);
    Format format;
    for (std::size_t at = 12; at + 8 <= bytes_.size();) {
      const std::string name = text(at);
      const std::size_t size = number(at + 4, 4), begin = at + 8;
      if (size > bytes_.size() - begin)
        fail("the piece '" + name + "' has " + std::to_string(size) + " bytes, and " +
                 std::to_string(bytes_.size() - begin) + " follow",
             "the file is cut short, or was written to a pipe: write it again", at + 4);
      if (name == "fmt ") format = format_at(begin, size);
      if (name == "data") {
        if (format.kind == 0) fail("the piece 'data' comes before 'fmt '", "write the file again", at);
        return sound_at(begin, size, format);
      }
      at = begin + size + size % 2;
    }
    fail("holds no sound: there is no piece 'data'", "the file is cut short: get it again", bytes_.size());
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& mend, std::size_t at) const {
    throw DataError(source_, what, mend, static_cast<std::int64_t>(at));
  }
  std::string text(std::size_t at) const { return {reinterpret_cast<const char*>(bytes_.data()) + at, 4}; }
  std::uint64_t number(std::size_t at, std::size_t width) const {
    std::uint64_t value = 0;
    for (std::size_t k = width; k-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes_[at + k]);
    return value;
  }

  Format format_at(std::size_t at, std::size_t size) const {
    if (size < 16)
      fail("the piece 'fmt ' has " + std::to_string(size) + " bytes, expected 16 or more", "get it again", at);
    Format format;
    format.kind = static_cast<unsigned>(number(at, 2));
    if (format.kind == extensible && size >= 26) format.kind = static_cast<unsigned>(number(at + 24, 2));
    format.channels = static_cast<unsigned>(number(at + 2, 2));
    format.sample_rate = static_cast<double>(number(at + 4, 4));
    format.bits = static_cast<unsigned>(number(at + 14, 2));
    const bool known =
        (format.kind == pcm && (format.bits == 8 || format.bits == 16 || format.bits == 24 || format.bits == 32)) ||
        (format.kind == floating && (format.bits == 32 || format.bits == 64));
    if (!known)
      fail("holds sound of kind " + std::to_string(format.kind) + " with " + std::to_string(format.bits) +
               " bits, which we don't read",
           "write it as 16-bit PCM", at);
    if (format.channels == 0) fail("has no channels", "the file is damaged: get it again", at + 2);
    if (format.sample_rate == 0) fail("has 0 samples per second", "the file is damaged: get it again", at + 4);
    if (number(at + 12, 2) != format.channels * format.bits / 8)
      fail("says that " + std::to_string(format.channels) + " channels of " + std::to_string(format.bits) +
               " bits take " + std::to_string(number(at + 12, 2)) + " bytes",
           "the file is damaged: get it again", at + 12);
    return format;
  }

  double value(std::size_t at, const Format& format) const {
    const std::uint64_t raw = number(at, format.bits / 8);
    if (format.kind == floating) {
      if (format.bits == 64) {
        double x;
        std::memcpy(&x, &raw, 8);
        return x;
      }
      const auto narrow = static_cast<std::uint32_t>(raw);
      float x;
      std::memcpy(&x, &narrow, 4);
      return static_cast<double>(x);
    }
    if (format.bits == 8) return (static_cast<double>(raw) - 128) / 128;
    const auto whole = static_cast<std::int64_t>(raw << (64 - format.bits)) >> (64 - format.bits);  // with its sign
    return static_cast<double>(whole) / static_cast<double>(std::int64_t{1} << (format.bits - 1));
  }

  Sound sound_at(std::size_t at, std::size_t size, const Format& format) const {
    const std::size_t width = format.bits / 8, frame = width * format.channels;
    if (size % frame != 0)
      fail("holds " + std::to_string(size) + " bytes of sound, no whole number of frames of " + std::to_string(frame),
           "the file is cut short: get it again", at);
    Sound sound{format.sample_rate, {}};
    sound.samples.reserve(size / frame);
    for (std::size_t k = 0; k < size; k += frame) {
      double sum = 0;
      for (unsigned channel = 0; channel < format.channels; ++channel) sum += value(at + k + channel * width, format);
      const auto mean = static_cast<float>(sum / format.channels);
      if (!std::isfinite(mean)) fail("holds a number that is not finite", "write the file again", at + k);
      sound.samples.push_back(mean);
    }
    return sound;
  }

  std::span<const std::byte> bytes_;
  const std::string& source_;
};

}  // namespace

Sound read_wav(const std::filesystem::path& path) { return parse_wav(read_bytes(path), path.string()); }

Sound parse_wav(std::span<const std::byte> bytes, const std::string& source) { return Reader(bytes, source).read(); }

std::vector<std::byte> wav_bytes(const Sound& sound) {
  std::vector<std::byte> out;
  const auto put = [&](std::uint64_t value, std::size_t width) {
    for (std::size_t k = 0; k < width; ++k) out.push_back(static_cast<std::byte>(value >> (8 * k) & 0xff));
  };
  const auto name = [&](const char* four) {
    for (int k = 0; k < 4; ++k) out.push_back(static_cast<std::byte>(four[k]));
  };
  const auto rate = static_cast<std::uint64_t>(std::llround(sound.sample_rate));
  const std::uint64_t bytes = 2 * sound.samples.size();
  name("RIFF"), put(36 + bytes, 4), name("WAVE"), name("fmt "), put(16, 4), put(pcm, 2), put(1, 2), put(rate, 4);
  put(2 * rate, 4), put(2, 2), put(16, 2), name("data"), put(bytes, 4);
  for (const float x : sound.samples)
    put(static_cast<std::uint64_t>(std::lround(std::clamp(x * 32768.0f, -32768.0f, 32767.0f))), 2);
  return out;
}

std::span<const float> without_silence(const Sound& sound, double decibels) {
  const auto window = std::max<std::size_t>(1, static_cast<std::size_t>(sound.sample_rate * 5e-3));
  std::vector<double> power;
  for (std::size_t at = 0; at < sound.samples.size(); at += window) {
    double sum = 0;
    const std::size_t end = std::min(at + window, sound.samples.size());
    for (std::size_t k = at; k < end; ++k) sum += static_cast<double>(sound.samples[k]) * sound.samples[k];
    power.push_back(sum / static_cast<double>(end - at));
  }
  const double loudest = power.empty() ? 0 : *std::max_element(power.begin(), power.end());
  if (loudest == 0) return {};
  const double least = loudest * std::pow(10, -decibels / 10);
  std::size_t first = 0, last = power.size() - 1;
  while (power[first] < least) ++first;
  while (power[last] < least) --last;
  return std::span(sound.samples)
      .subspan(first * window, std::min((last + 1) * window, sound.samples.size()) - first * window);
}

}  // namespace neurarium
