// Escape noise of spiking units as thresholds that move: a unit whose membrane is x above its threshold is to fire in a step with
// probability p(x) = 1 − exp(−e · exp(x/Δ)). With y drawn evenly from (0, 1) that is the same as x > ξ,
//   ξ = Δ ln(−ln(y) / e)
// so the draws of a step need not know the membranes. Of a 32-bit draw r, y = (⌊r / 512⌋ + ½) / 2²³: probabilities below about 1e-7 are 0.
//
// Run-time dispatch through Highway; only sums, products and quotients in a fixed order, so that every instruction set gives the same
// bits. `reference` is the formula in double.
#pragma once

#include <cstdint>
#include <span>

namespace neurarium::kernels {

/// out[j] = ξ of draws[j]; `width` is Δ, `at_threshold` is e: the spikes that a unit at its threshold is expected to escape with in a step.
void escape_shifts(std::span<const std::uint32_t> draws, double width, double at_threshold, std::span<float> out);

namespace reference {
void escape_shifts(std::span<const std::uint32_t> draws, double width, double at_threshold, std::span<double> out);
}  // namespace reference

}  // namespace neurarium::kernels
