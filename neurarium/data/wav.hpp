// WAV files (RIFF/WAVE): PCM of 8, 16, 24 or 32 bits and floating-point numbers of 32 or 64, any number of channels
// (their mean is taken).
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace neurarium {

struct Sound {
  double sample_rate = 0;      ///< per second
  std::vector<float> samples;  ///< within −1 … 1 for PCM
};

/// DataError, with the file and the byte, for what is no WAV file, cut short, compressed, or holds NaN or infinite
/// numbers.
Sound read_wav(const std::filesystem::path& path);
Sound parse_wav(std::span<const std::byte> bytes, const std::string& source);
/// One channel of 16 bits; numbers beyond −1 … 1 are cut.
std::vector<std::byte> wav_bytes(const Sound& sound);

/// Without the silence at both ends: what lies below the loudest moment by more than `decibels`, in windows of 5 ms.
std::span<const float> without_silence(const Sound& sound, double decibels = 40);

}  // namespace neurarium
