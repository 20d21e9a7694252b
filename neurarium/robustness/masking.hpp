// Warnings that an evaluation may say more than is true: that attacks failed because gradients were hidden, not because the
// network is robust.
//
//   gradients   zero, NaN or vanishing at the input
//   black-box   an attack without gradients, or changed samples of another network, does better than the strongest attack with
//               gradients of the same norm: by more than 1 point and 2 standard errors
//   loss        an attack on the cross-entropy leaves more samples right than the same on the scale-free loss, by more than 2 points
//               and 2 standard errors: small logits, most of the time
//   unbounded   with the whole range of the data as ε some samples are still right
//   seed        another seed fools samples that this one did not
//   outputs     the network says different things of the same sample, or its outputs are no logits
// The standard error is that of paired samples, √(a + b − (a − b)²/n)/n where a and b are fooled by one of the two only.
// Source: Athalye, Carlini, Wagner, "Obfuscated gradients give a false sense of security", ICML 2018; Carlini et al., "On
// evaluating adversarial robustness", arXiv 1902.06705.
#pragma once

#include "neurarium/robustness/laboratory.hpp"

namespace neurarium {

struct MaskingWarning {
  std::string kind;  ///< a word of the list above
  std::string text;
};

/// What samples that were made on another network do to this one, at one ε.
struct TransferOutcome {
  std::string source;
  Norm norm = Norm::linf;
  double epsilon = 0;
  std::vector<bool> right;  ///< [n]
};

/// By how much the share right is larger in the first than in the second, of the same samples.
struct PairedGain {
  double points = 0, error = 0;  ///< shares of 1: the difference, and its standard error as above
  bool exceeds(double least) const { return points > least && points > 2 * error; }
};
PairedGain paired_gain(const std::vector<bool>& right_first, const std::vector<bool>& right_second);

/// What the results say by themselves.
std::vector<MaskingWarning> warnings_in(const LaboratoryResult& result, const std::vector<TransferOutcome>& transfers);
/// What a few more attacks on the same samples say. Those with a larger ε, another loss or another seed repeat what climbs a loss in many
/// steps (pgd, apgd): where the list has nothing of the kind, they are left out.
std::vector<MaskingWarning> warnings_by_probes(const Model& model, const AttackSamples& samples,
                                               const LaboratoryPlan& plan, const LaboratoryResult& result,
                                               RunContext& context);

}  // namespace neurarium
