// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011; from Random123). A draw is a pure function of key and counter:
//   key     = (seed, hash of the dotted path of the component that draws)
//   counter = (epoch, sample, step, element)
// No generator object is shared, so neither threads nor order can matter.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace neurarium {

/// Seeds are 32 bits wide: 0 … 2³²−1; 0 is a seed like any other.
constexpr std::uint64_t largest_seed = 0xffffffffULL;

/// The key of a component's draws.
class Stream {
 public:
  Stream(std::uint64_t seed, std::string_view path);
  std::uint32_t seed() const noexcept { return seed_; }
  std::uint32_t path_hash() const noexcept { return path_; }

 private:
  std::uint32_t seed_, path_;
};

struct Counter {
  std::uint32_t epoch = 0, sample = 0, step = 0, element = 0;
};

/// The raw block of four 32-bit numbers.
std::array<std::uint32_t, 4> philox(const Stream& stream, const Counter& counter) noexcept;
/// Uniform in [0, 1), 53 bits.
double uniform(const Stream& stream, const Counter& counter) noexcept;
/// Uniform in [low, high); element i uses counter.element + i. The float values are the rounded double ones.
void fill_uniform(const Stream& stream, Counter counter, double low, double high, std::span<double> out) noexcept;
void fill_uniform(const Stream& stream, Counter counter, double low, double high, std::span<float> out) noexcept;
/// A permutation of 0 … n−1, a pure function of (stream, epoch): Fisher–Yates with unbiased draws.
std::vector<std::uint64_t> permutation(const Stream& stream, std::uint32_t epoch, std::uint64_t n);

}  // namespace neurarium
