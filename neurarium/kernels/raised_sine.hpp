// Probabilities of cells that follow a sine, and which of them fire: many cells side by side in a vector, the same bits on every
// instruction set (no fused operations).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace neurarium::kernels {

/// p_j = min(1, least_j + scale · (½ (1 + sin(a + d_j)))^power), where sin(a + d_j) = sin a cos d_j + cos a sin d_j: the sines are
/// given, one of each for `a`, one per cell for d. The base is held in [0, 1]; 0⁰ = 1. Whole powers up to 16 are products, others
/// std::pow. ShapeError unless the spans have one length.
void raised_sines(double sin_a, double cos_a, std::span<const double> sin_d, std::span<const double> cos_d,
                  double scale, double power, std::span<const double> least, std::span<double> p);

/// The j whose word is below p_j · 2³², rising: j fires with probability p_j when words are uniform; never for p_j = 0, always for
/// p_j = 1. `fired` has room for all; the answer is how many there are. ShapeError unless the spans have one length, at most 65,536.
std::size_t fired_cells(std::span<const std::uint32_t> words, std::span<const double> p,
                        std::span<std::uint16_t> fired);

}  // namespace neurarium::kernels
