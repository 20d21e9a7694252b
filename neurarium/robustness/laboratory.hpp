// The laboratory: attacks on one network, many ε at a time, and what came of them for each sample.
//
// For each attack and each ε of the list, from small to large, it shows the attack the samples that are right and not fooled yet.
// What the attack gives back is run through the network once more; only a sample that is then answered wrongly, lies within ε and
// within the bounds counts as fooled. A success at ε counts at every larger ε. Samples that are wrong without an attack have the
// smallest ε of 0 and are attacked by nobody (but where a refused wrong answer could become a sure one), so that ε = 0 is the clean accuracy exactly.
//
// A network that may refuse is judged at a threshold of its largest softmax probability: the one that keeps `clean_coverage` of the
// clean samples. A sample is safe then if the answer is right or refused; the attack must find a wrong answer that is not refused.
//
// Attacks run on shards of samples, on the pool's threads; results do not depend on how many there are.
#pragma once

#include <optional>

#include "neurarium/core/array.hpp"
#include "neurarium/nn/attack.hpp"
#include "neurarium/nn/study.hpp"

namespace neurarium {

/// Samples [n, …] with labels int64 [n]; x / divisor is what the network sees, and what ε and bounds are about.
struct AttackSamples {
  ArrayView x, y;
  double divisor = 1;
  Bounds bounds;
};

struct LaboratoryPlan {
  std::vector<Component> attacks;
  /// What attacks in each norm are given, ascending. A list may be empty if no attack is measured so.
  std::vector<double> epsilons_linf, epsilons_l2;
  double clean_coverage = 0.95;
  std::size_t shard_size = 100;
  /// Of a network that draws its answers: over how many draws gradients are averaged (nn/attack.hpp, Target).
  std::size_t eot = 1;
  std::optional<std::uint64_t> seed;  ///< of the attacks' draws; default: the run's
};

/// What one attack did.
struct AttackOutcome {
  std::string name;  ///< of the attack, numbered where one comes twice
  Component attack;
  Norm norm = Norm::linf;
  Access access = Access::gradients;
  bool draws = false, seeks_smallest = false;
  std::vector<double> epsilons;
  /// [n] The least ε at which each sample was fooled: 0 if it is wrong by itself, infinite if it never was.
  std::vector<double> smallest;
  /// [n] The same for wrong answers that are not refused.
  std::vector<double> smallest_answered;
  Array changed;                ///< [n, entry…]: x' of the smallest change that was found, else the last try
  std::size_t unconfirmed = 0;  ///< claimed by the attack, not confirmed by the network
  GradientTally tally;
  std::size_t queries = 0, gradients = 0;  ///< samples of forward and of backward passes
};

struct LaboratoryResult {
  std::size_t samples = 0, wrong_already = 0;
  double clean_accuracy = 0, clean_confidence = 0;
  double refusal_threshold = 0;
  std::vector<std::int64_t> labels;
  std::vector<AttackOutcome> outcomes;
};

/// DataError if labels are missing, out of range or of another number than the samples, or if a sample is not finite or out of the
/// bounds; SpecError if an ε is negative
/// or not finite, if there is none for an attack, if no attack is named or one is unknown, or if one compares more classes than there are.
LaboratoryResult attack_network(const Model& model, const AttackSamples& samples, const LaboratoryPlan& plan,
                                RunContext& context);

/// Whether the network draws its answers at random: whether another seed gives others, for the first 100 of the samples.
bool draws_answers(const Model& model, const AttackSamples& samples, RunContext& context);

/// Share of samples that are right at ε: those whose smallest is larger.
double accuracy_at(std::span<const double> smallest, double epsilon);
/// The least of each sample over all attacks of this norm; empty if there is none.
std::vector<double> worst_case(const LaboratoryResult& result, Norm norm,
                               std::vector<double> AttackOutcome::*which = &AttackOutcome::smallest);

/// Which answers the network gives to samples x [n, …] in the data's units: the class of each. `seed`: of what the network draws, if
/// it does; default: the run's.
std::vector<std::size_t> decisions(const Model& model, ArrayView x, RunContext& context,
                                   std::optional<std::uint64_t> seed = {});

}  // namespace neurarium
