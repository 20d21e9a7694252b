// Whether confidence deserves belief, and the one number that mends most of it.
//
// Confidence c = largest probability. Bin b of B holds (b/B, (b+1)/B]; 0 is in the first.
//   ECE = Σ_b n_b/n |accuracy_b − mean confidence_b|,   the largest of these distances is MCE
// Temperature T > 0: p = softmax(z/T). It changes how sure a network is, never its answer. The best T on held-out samples minimises
//   L(β) = 1/n Σ_i [ln Σ_j exp(β z_ij) − β z_iy],   β = 1/T
// which is convex in β: its slope mean(E_p z − z_y) only grows.
// Source: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, sections 2 and 4.2.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "neurarium/core/tensor.hpp"

namespace neurarium {

struct Calibration {
  struct Bin {
    std::size_t samples = 0;
    double confidence = 0, accuracy = 0;  ///< means; meaningless when empty
  };
  static constexpr std::size_t usual_bins = 15;
  Calibration() = default;
  /// Of probabilities [n, k].
  Calibration(View<const double> probabilities, std::span<const std::int64_t> labels, std::size_t bins = usual_bins);
  std::vector<Bin> bins;  ///< the reliability diagram
  double expected_error = 0, largest_error = 0;
  double confidence = 0;  ///< mean over all samples
};

struct TemperatureFit {
  double temperature = 1;
  double loss_before = 0, loss_after = 0;  ///< mean −ln p of the label on the samples of the fit, at T = 1 and at T
};

/// The T that minimises L, to 1e-10 of itself: Newton's steps on the slope, halving where they leave the bracket.
/// T lies within 10⁻⁴ … 10⁴ of the spread s of the logits (s² = mean over samples of the variance over classes), whatever their
/// scale. DataError where there is no best T: the logits of each sample are all the same; every sample is right, so that T → 0 is
/// ever better; or answers are no better than chance, so that T → ∞ is. Nothing is guessed then.
TemperatureFit fit_temperature(View<const double> logits, std::span<const std::int64_t> labels);

/// softmax(z/T)
Tensor<double> softmax_at(View<const double> logits, double temperature);

}  // namespace neurarium
