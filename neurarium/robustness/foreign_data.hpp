// Samples that a model can't know, made from data that it does: what should make it say "I don't know".
//   uniform_noise     numbers uniform over the range of the data's
//   gaussian_noise    numbers from N(mean, sd²) of all the data's, cut off at their range
//   shuffled_pixels   each sample's own numbers in another order (channels of colours are numbers like all others)
//   scaled_data       each sample times a factor, not cut off
// Sample i is a pure function of the seed, i and the data: whoever asks for it, in whatever pieces, gets the same numbers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "neurarium/core/array.hpp"

namespace neurarium {

/// Samples that are made when they are asked for.
struct SampleSource {
  std::string name;     ///< snake_case: part of figures' names
  std::string meaning;  ///< as a reader is told
  std::size_t samples = 0;
  /// Samples first … first + count − 1 as float64 [count, …entry], in the units that models see. May be called by many threads.
  std::function<Array(std::size_t first, std::size_t count)> rows;
};

/// What numbers there are in x / divisor.
struct NumbersOfData {
  double low = 0, high = 0, mean = 0, sd = 0;  ///< sd² = mean (x − mean)²
};
/// DataError if there are none, or one is not finite.
NumbersOfData numbers_of(ArrayView x, double divisor);

// `x` [n, …entry] is not copied: it must outlive the source.

/// The samples as they are.
SampleSource known_data(const std::string& name, const std::string& meaning, ArrayView x, double divisor);
SampleSource uniform_noise(const NumbersOfData& numbers, const Shape& entry, std::size_t samples, std::uint64_t seed);
SampleSource gaussian_noise(const NumbersOfData& numbers, const Shape& entry, std::size_t samples, std::uint64_t seed);
SampleSource shuffled_pixels(ArrayView x, double divisor, std::uint64_t seed);
SampleSource scaled_data(ArrayView x, double divisor, double factor);

/// As many samples of each kind as x has, factors 2 and 10.
std::vector<SampleSource> usual_foreign_data(ArrayView x, double divisor, std::uint64_t seed);

}  // namespace neurarium
