// Scores of familiarity: from what a classifier says of a sample, one number that is large where the sample is of a kind that it
// knows. Logits z [n, k], p = softmax(z):
//   max-softmax   max p                              in [1/k, 1]   (Hendrycks, Gimpel, ICLR 2017)
//   margin        largest p − second largest p       in [0, 1]
//   energy        ln Σ_j exp(z_j)                    = −E(x) of Liu et al. (NeurIPS 2020) at T = 1: large = familiar
//   support       the largest g of the network's last finite Gaussian layer, in [0, 1]; only such networks have it
// Larger always means more familiar.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "neurarium/core/tensor.hpp"

namespace neurarium {

/// What a model says of some samples.
struct Answers {
  Tensor<double> logits;        ///< [n, k]
  std::vector<double> support;  ///< [n]; empty: the model has none to tell
  std::size_t samples() const noexcept { return logits.shape()[0]; }
};

/// The scores by name, in the order above.
const std::vector<std::string>& score_names();
/// Those that can be had from these answers: all, or all but support.
std::vector<std::string> score_names(const Answers& answers);

/// One number per sample. SpecError for an unknown name, with the nearest known one, and for support where there is none;
/// ShapeError unless logits are [n, k], k ≥ 1.
std::vector<double> familiarity(std::string_view score, const Answers& answers);

/// The largest of each row of probabilities [n, k].
std::vector<double> largest_of(View<const double> probabilities);
/// Σ numbers / n in their order; NaN for none.
double mean_of(const std::vector<double>& numbers);

}  // namespace neurarium
