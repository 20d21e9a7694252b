// The inner ear's cells along the basilar membrane (data/cochlea.hpp says what they are), many places side by side in a
// vector, each kept in registers through the whole sound; the same bits on every instruction set (no fused operations),
// and as the plain loop beside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace neurarium::kernels {

/// Per sample of sound x, at each place (all numbers of one sample's length already):
///   z₁ = a z₁ + b x, z₂ = a z₂ + b z₁, z₃ = a z₃ + b z₂, z₄ = a z₄ + b z₃      complex; s = Re z₄
///   k = g max(s + A, 0) / (max(s + A, 0) + B)
///   e = k q, p = x w, u = r c;   q += y (1 − q) − e + p,  w += u − p,  c += e − (l + r) c
///   v += α (h c − v), or v = 0 for `dead` samples after a spike; a spike where v > θ, and v = 0
struct HairCells {
  std::vector<float> pole_re, pole_im, gain;  ///< a and b of each place
  float A = 0, B = 0, g = 0, y = 0, l_and_r = 0, r = 0, x = 0, h = 0, alpha = 0, threshold = 0;
  float dead = 0;             ///< whole
  float q = 0, c = 0, w = 0;  ///< at the beginning; v begins at h c
};

struct PlaceSpike {
  std::uint32_t sample;
  std::uint32_t place;
  bool operator==(const PlaceSpike&) const = default;
};

/// Appends the spikes of all places by time, those of a sample by place.
void hear(const HairCells& cells, std::span<const float> sound, std::vector<PlaceSpike>& spikes);

/// One place, sample by sample, in plain code.
struct PlaceTrace {
  std::vector<float> membrane, rate, potential;  ///< s, h c and v (before a spike sets it back)
  std::vector<std::uint32_t> spikes;
};
PlaceTrace hear_at(const HairCells& cells, std::span<const float> sound, std::size_t place);

}  // namespace neurarium::kernels
