// Many blocks of core/rng.hpp's random numbers at once: the same bits, several counters side by side in a vector.
#pragma once

#include <cstdint>
#include <span>

#include "neurarium/core/rng.hpp"

namespace neurarium::kernels {

/// out[4 i + k] = philox(stream, {epoch, sample, step, element + i})[k]: the blocks from `first` on. The last may be cut.
void philox_elements(const Stream& stream, const Counter& first, std::span<std::uint32_t> out);

/// out[k n + i] = philox(stream, {epoch, samples[i], step, element})[k], n = samples.size(): a block for each sample.
void philox_samples(const Stream& stream, const Counter& counter, std::span<const std::uint32_t> samples,
                    std::span<std::uint32_t> out);

}  // namespace neurarium::kernels
