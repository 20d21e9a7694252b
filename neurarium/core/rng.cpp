#include "neurarium/core/rng.hpp"

#include <Random123/philox.h>

#include <numeric>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

// FNV-1a: short, fixed for ever, and good enough for the few hundred paths of an experiment.
std::uint32_t hash_of(std::string_view text) noexcept {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619u;
  return hash;
}

double unit_interval(std::uint32_t high, std::uint32_t low) noexcept {
  const std::uint64_t bits = (std::uint64_t{high} << 32 | low) >> 11;
  return static_cast<double>(bits) * 0x1p-53;
}

template <class T>
void fill(const Stream& stream, Counter counter, double low, double high, std::span<T> out) noexcept {
  for (T& x : out) {
    x = static_cast<T>(low + (high - low) * uniform(stream, counter));
    ++counter.element;
  }
}

}  // namespace

Stream::Stream(std::uint64_t seed, std::string_view path)
    : seed_(static_cast<std::uint32_t>(seed)), path_(hash_of(path)) {
  if (seed > largest_seed)
    throw SpecError("seed " + std::to_string(seed) + " is too large", "seeds are 0 … 4294967295");
}

std::array<std::uint32_t, 4> philox(const Stream& stream, const Counter& c) noexcept {
  const r123::Philox4x32 generator;
  const auto block = generator({{c.epoch, c.sample, c.step, c.element}}, {{stream.seed(), stream.path_hash()}});
  return {block[0], block[1], block[2], block[3]};
}

double uniform(const Stream& stream, const Counter& counter) noexcept {
  const auto block = philox(stream, counter);
  return unit_interval(block[0], block[1]);
}

void fill_uniform(const Stream& s, Counter c, double low, double high, std::span<double> out) noexcept {
  fill(s, c, low, high, out);
}
void fill_uniform(const Stream& s, Counter c, double low, double high, std::span<float> out) noexcept {
  fill(s, c, low, high, out);
}

std::vector<std::uint64_t> permutation(const Stream& stream, std::uint32_t epoch, std::uint64_t n) {
  std::vector<std::uint64_t> order(n);
  std::iota(order.begin(), order.end(), std::uint64_t{0});
  for (std::uint64_t i = n; i > 1; --i) {
    // Rejection keeps the draw below i unbiased; `step` counts the rejected tries.
    const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % i;
    std::uint64_t draw = 0;
    for (std::uint32_t attempt = 0;; ++attempt) {
      const auto block = philox(stream, {epoch, static_cast<std::uint32_t>(i), attempt, 0});
      draw = std::uint64_t{block[0]} << 32 | block[1];
      if (draw < limit) break;
    }
    std::swap(order[i - 1], order[draw % i]);
  }
  return order;
}

}  // namespace neurarium
