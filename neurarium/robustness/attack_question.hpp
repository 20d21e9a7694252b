// What may be asked of a network under attack: the same at the command line (study attack-network) and in Python (neurarium.attack).
#pragma once

#include "neurarium/robustness/laboratory.hpp"
#include "neurarium/robustness/masking.hpp"

namespace neurarium {

struct AttackQuestion {
  std::vector<Component> attacks{{"fgsm", Value::table()}, {"pgd", Value::table()}};
  std::vector<double> epsilon, bounds;
  double clean_coverage = 0.95;
  std::int64_t eot = 1;
  bool look_for_masking = true;

  static Schema fields();
  /// SpecError for radii and bounds that can be known to be wrong without data.
  void require_sound() const;
  /// Where no ε is given, those that are usual for pictures with pixels in 0 … 1, scaled to the bounds.
  LaboratoryPlan plan(const Bounds& bounds) const;
  /// Over how many draws this network's gradients are averaged: `eot` where it draws its answers at random, else 1.
  std::size_t draws_of(const Model& model, const AttackSamples& samples, RunContext& context) const;
  /// That `eot` was asked of a network which draws nothing.
  SpecError nothing_is_drawn(const std::string& network) const;
  /// What says that the results may flatter the network: they themselves, and, if asked to look, a few more attacks.
  std::vector<MaskingWarning> warnings(const Model& model, const AttackSamples& samples, const LaboratoryPlan& plan,
                                       const LaboratoryResult& result, const std::vector<TransferOutcome>& transfers,
                                       RunContext& context) const;
};

/// Attacks as tables, where some are only named: "ensemble" is three of different kinds without settings to choose, as AutoAttack's standard
/// (Croce & Hein, ICML 2020). What is neither a name nor a table stays as it is: the schema refuses it.
Value::List attacks_by_name(const Value::List& given);

/// Says in which norm each attack is measured, where it knows some and none is given: in `norm`, or, if that is empty, in L∞ where it knows
/// that. One list of radii makes sense in one norm only.
void set_norm(Value::List& attacks, const Value& norm, const Registry& registry);

}  // namespace neurarium
