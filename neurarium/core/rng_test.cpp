#include "neurarium/core/rng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

// Published known-answer vectors of Philox4x32-10 (Random123, kat_vectors): the generator behind Stream is that one.
// The key of a Stream comes from a hash, so the vectors are checked through a path whose key is known by computing FNV-1a
// by hand: the empty path hashes to the offset basis 2166136261 = 0x811c9dc5.
TEST(Rng, EmptyPathHashesToTheOffsetBasis) { EXPECT_EQ(Stream(0, "").path_hash(), 0x811c9dc5u); }
TEST(Rng, PathHashIsFnv1a) { EXPECT_EQ(Stream(0, "a").path_hash(), 0xe40c292cu); }  // published FNV-1a test value

// Philox by its definition (Salmon et al. 2011, section 3.3), written plainly.
std::array<std::uint32_t, 4> plain_philox(std::array<std::uint32_t, 4> c, std::uint32_t k0, std::uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c[0], p1 = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(p0)};
    k0 += 0x9E3779B9, k1 += 0xBB67AE85;
  }
  return c;
}

TEST(Rng, PlainPhiloxGivesTheKnownAnswers) {  // Random123 kat_vectors, philox4x32 10
  EXPECT_EQ(plain_philox({0, 0, 0, 0}, 0, 0),
            (std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(plain_philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffff, 0xffffffff),
            (std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
}

TEST(Rng, StreamIsPhiloxOfItsKeyAndCounter) {
  const Stream stream(12345, "model.weights");
  for (std::uint32_t i = 0; i < 50; ++i)
    EXPECT_EQ(philox(stream, {i, 2 * i, 3 * i, 4 * i}),
              plain_philox({i, 2 * i, 3 * i, 4 * i}, 12345, stream.path_hash()));
}

TEST(Rng, UniformFillsTheIntervalEvenly) {
  std::vector<double> x(100000);
  fill_uniform(Stream(7, "u"), {}, -1, 3, x);
  EXPECT_GE(std::ranges::min(x), -1);
  EXPECT_LT(std::ranges::max(x), 3);
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / 1e5;
  EXPECT_NEAR(mean, 1, 5 * (4 / std::sqrt(12.0)) / std::sqrt(1e5));
}

TEST(Rng, FloatDrawsAreTheRoundedDoubleDraws) {
  std::vector<double> x(100);
  std::vector<float> y(100);
  fill_uniform(Stream(7, "u"), {1, 2, 3, 4}, 0.1, 1, x);
  fill_uniform(Stream(7, "u"), {1, 2, 3, 4}, 0.1, 1, y);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(y[i], static_cast<float>(x[i]));
}

TEST(Rng, PermutationsArePermutationsAndDifferByEpoch) {
  const Stream stream(3, "data.order");
  auto first = permutation(stream, 0, 1000), second = permutation(stream, 1, 1000);
  EXPECT_EQ(first, permutation(stream, 0, 1000));
  EXPECT_NE(first, second);
  std::ranges::sort(first);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(first[i], i);
}

TEST(Rng, EveryOrderOfThreeIsEquallyLikely) {
  int count[6] = {};
  for (std::uint32_t epoch = 0; epoch < 6000; ++epoch) {
    const auto p = permutation(Stream(1, "fair"), epoch, 3);
    ++count[p[0] * 2 + (p[1] > p[2])];
  }
  for (const int c : count) EXPECT_NEAR(c, 1000, 5 * std::sqrt(1000.0 * 5 / 6));
}

TEST(Rng, SeedsAboveThirtyTwoBitsAreRefused) {
  EXPECT_NO_THROW(Stream(largest_seed, "x"));
  EXPECT_THROW(Stream(largest_seed + 1, "x"), SpecError);
}

}  // namespace
}  // namespace neurarium
