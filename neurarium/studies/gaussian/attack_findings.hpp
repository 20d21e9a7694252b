// What attacks found on one network of several, and the exhibits that show it.
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "neurarium/nn/study.hpp"
#include "neurarium/robustness/masking.hpp"

namespace neurarium {

/// A network under attack.
struct AttackedNetwork {
  std::string name;   ///< of its run
  std::string label;  ///< what figures and files of it are called by: "" for the only one, else "NAME_"
  std::unique_ptr<Model> model;
  std::size_t eot = 1;  ///< draws over which its gradients are averaged
  LaboratoryResult result;
  std::vector<MaskingWarning> warnings;
};

/// What samples that were changed to fool each network do to each of them, at one ε.
struct TransferMatrix {
  std::string attack;
  Norm norm = Norm::linf;
  double epsilon = 0;
  std::vector<std::vector<std::vector<bool>>> right;  ///< [source][target][sample]
};

/// A name as it stands in those of figures: "classical-tanh" as "classical_tanh".
inline std::string figure_key(std::string name) {
  std::ranges::replace(name, '-', '_');
  return name;
}

/// The norms that were attacked in, with the ε of each.
std::vector<std::pair<Norm, std::vector<double>>> norms_of(const LaboratoryResult& result);

/// Median of the smallest ε over the samples that were right, as text; "> ε" where that many were not fooled by the largest ε that was tried.
std::string median_text(std::span<const double> smallest, double largest_epsilon);

void add_attack_figures(RunContext& context, const AttackedNetwork& network);
void add_attack_tables(RunContext& context, const AttackedNetwork& network, double clean_coverage);
void add_attack_curves(RunContext& context, const std::vector<AttackedNetwork>& networks);
/// Samples, what became of them, and the difference; nothing if they are no pictures or none was fooled.
void add_attack_pictures(RunContext& context, const AttackedNetwork& network, const AttackSamples& samples,
                         const Dataset& data, std::size_t most);
void add_attack_arrays(RunContext& context, const AttackedNetwork& network);
void add_attack_warnings(RunContext& context, const AttackedNetwork& network);
void add_transfer_matrix(RunContext& context, const std::vector<AttackedNetwork>& networks,
                         const TransferMatrix& matrix);

}  // namespace neurarium
