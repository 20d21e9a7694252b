// Normal draws from the counter-based generator: one Philox block per number, by Box and Muller's transform
//   z = √(−2 ln u₁) cos(2π u₂),   u₁ in (0, 1], u₂ in [0, 1), 53 bits each (words 0–1 and 2–3 of the block).
// Source: Box, Muller, "A note on the generation of random normal deviates", 1958.
#pragma once

#include "neurarium/core/rng.hpp"

namespace neurarium {

/// A draw from N(0, 1): a pure function of stream and counter.
double normal(const Stream& stream, const Counter& counter) noexcept;
/// N(mean, sd²); element i uses counter.element + i.
void fill_normal(const Stream& stream, Counter counter, double mean, double sd, std::span<double> out) noexcept;

}  // namespace neurarium
