#include "neurarium/kernels/philox.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/philox.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::ScalableTag<std::uint32_t>;
using Word = hn::VFromD<Words>;

struct Block {
  Word a, b, c, d;
};

/// Both halves of the 64-bit products factor · x.
HWY_INLINE void multiply(std::uint32_t factor, Word x, Word& high, Word& low) {
  const Words words;
#if HWY_TARGET == HWY_SCALAR
  const std::uint64_t product = std::uint64_t{factor} * hn::GetLane(x);
  high = hn::Set(words, static_cast<std::uint32_t>(product >> 32));
  low = hn::Set(words, static_cast<std::uint32_t>(product));
#else
  const hn::RepartitionToWide<Words> wide;
  const auto f = hn::Set(words, factor);
  const auto even = hn::MulEven(x, f);
  const auto odd = hn::MulEven(hn::BitCast(words, hn::ShiftRight<32>(hn::BitCast(wide, x))), f);
  high = hn::OddEven(hn::BitCast(words, odd), hn::BitCast(words, hn::ShiftRight<32>(even)));
  low = hn::OddEven(hn::BitCast(words, hn::ShiftLeft<32>(odd)), hn::BitCast(words, even));
#endif
}

/// Ten rounds of Philox4x32 (Salmon et al. 2011), a counter in every lane.
HWY_INLINE Block mixed(Block block, std::uint32_t seed, std::uint32_t path) {
  const Words words;
  for (int round = 0; round < 10; ++round) {
    Word high_a, low_a, high_c, low_c;
    multiply(0xD2511F53u, block.a, high_a, low_a);
    multiply(0xCD9E8D57u, block.c, high_c, low_c);
    block.a = hn::Xor(hn::Xor(high_c, block.b), hn::Set(words, seed));
    block.c = hn::Xor(hn::Xor(high_a, block.d), hn::Set(words, path));
    block.b = low_c, block.d = low_a;
    seed += 0x9E3779B9u, path += 0xBB67AE85u;
  }
  return block;
}

void elements_all(const Stream& stream, const Counter& first, std::uint32_t* HWY_RESTRICT out, std::size_t count) {
  const Words words;
  const std::size_t lanes = hn::Lanes(words);
  HWY_ALIGN std::uint32_t rest[4 * hn::MaxLanes(Words())];
  for (std::size_t i = 0; i < count; i += 4 * lanes) {
    const auto elements = hn::Iota(words, first.element + static_cast<std::uint32_t>(i / 4));
    const Block block =
        mixed({hn::Set(words, first.epoch), hn::Set(words, first.sample), hn::Set(words, first.step), elements},
              stream.seed(), stream.path_hash());
    const bool whole = i + 4 * lanes <= count;
    hn::StoreInterleaved4(block.a, block.b, block.c, block.d, words, whole ? out + i : rest);
    if (!whole) std::copy(rest, rest + (count - i), out + i);
  }
}

void samples_all(const Stream& stream, const Counter& counter, const std::uint32_t* HWY_RESTRICT samples,
                 std::size_t count, std::uint32_t* HWY_RESTRICT out) {
  const Words words;
  const std::size_t lanes = hn::Lanes(words);
  const auto block_of = [&](Word ids) HWY_ATTR {
    return mixed({hn::Set(words, counter.epoch), ids, hn::Set(words, counter.step), hn::Set(words, counter.element)},
                 stream.seed(), stream.path_hash());
  };
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const Block block = block_of(hn::LoadU(words, samples + i));
    hn::StoreU(block.a, words, out + i);
    hn::StoreU(block.b, words, out + count + i);
    hn::StoreU(block.c, words, out + 2 * count + i);
    hn::StoreU(block.d, words, out + 3 * count + i);
  }
  if (i == count) return;
  HWY_ALIGN std::uint32_t rest[hn::MaxLanes(Words())] = {};
  std::copy(samples + i, samples + count, rest);
  const Block block = block_of(hn::Load(words, rest));
  std::size_t row = 0;
  for (const Word& word : {block.a, block.b, block.c, block.d}) {
    hn::Store(word, words, rest);
    std::copy(rest, rest + (count - i), out + count * row++ + i);
  }
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "neurarium/core/errors.hpp"

namespace neurarium::kernels {
HWY_EXPORT(elements_all);
HWY_EXPORT(samples_all);

void philox_elements(const Stream& stream, const Counter& first, std::span<std::uint32_t> out) {
  HWY_DYNAMIC_DISPATCH(elements_all)(stream, first, out.data(), out.size());
}

void philox_samples(const Stream& stream, const Counter& counter, std::span<const std::uint32_t> samples,
                    std::span<std::uint32_t> out) {
  if (out.size() != 4 * samples.size()) throw InternalError("philox_samples: four numbers for each sample");
  HWY_DYNAMIC_DISPATCH(samples_all)(stream, counter, samples.data(), samples.size(), out.data());
}

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
