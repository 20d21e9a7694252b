// How well a score of familiarity tells known samples from foreign ones. Known is positive; a larger score means more familiar.
//   AUROC     P(known > foreign) + ½ P(known = foreign) for a sample of each                     chance: ½
//   FPR95     share of foreign samples with score ≥ t, t the largest threshold which keeps (score ≥ t) at least 95 % of the known
//             ones: the false positive rate at 95 % true positives of Hendrycks and Gimpel (ICLR 2017), ODIN (Liang et al., ICLR
//             2018) and Liu et al. (NeurIPS 2020). Tools that call foreign samples positive (OpenOOD 1.5) ask for something else:
//             the share of known samples that is lost where 95 % of the foreign ones are found.
//   AUPR in   average precision Σ_i (R_i − R_{i−1}) P_i over the thresholds from the top, known positive; equal scores are one
//             step (scikit-learn's average_precision_score)                                       chance: share of known samples
//   AUPR out  the same with foreign samples positive and the score negated
#pragma once

#include <span>

namespace neurarium {

struct Detection {
  double auroc = 0, fpr95 = 0, aupr_in = 0, aupr_out = 0;
};

/// DataError if there are no known or no foreign samples, or a score is NaN.
Detection detection(std::span<const double> known, std::span<const double> foreign);

/// The largest threshold t with score ≥ t for at least `share` (in (0, 1]) of the scores; one of the scores. DataError for none.
double threshold_keeping(std::span<const double> scores, double share);

}  // namespace neurarium
