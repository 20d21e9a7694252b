// The networks of gaussian-robustness: classical ones, what conversion makes of them, finite Gaussian ones trained from scratch, and
// adversarially trained ones. Each begins with a standardise layer, so that ε and noise are in the units of the data.
#pragma once

#include "neurarium/nn/network_state.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/train/trainer.hpp"

namespace neurarium {

struct RecipeParams {
  std::vector<std::int64_t> hidden{128};
  TrainParams train;        ///< of classical networks
  TrainParams adversarial;  ///< of adversarially trained ones
  TrainParams retrain;      ///< of a converted one
  TrainParams scratch;      ///< of finite Gaussian ones
  double width = 3;         ///< at which those begin, σ in units of √d
  double pressure = 0.05;   ///< λ of each layer
  double dropout = 0;       ///< share of hidden units of networks from scratch that are left out in training
  double scale = 2;         ///< of the rule "scaled"
  static Schema fields();
  RecipeParams();
};

/// One network of the comparison.
struct Candidate {
  std::string name;   ///< also of its member directory
  std::string story;  ///< how it came to be, for the table
  NetworkState state;
};

/// All of them, in the order of the table. `held_out`: samples that nothing is trained on, for temperatures.
std::vector<Candidate> make_candidates(const RecipeParams& params, const Dataset& data, const Split& kept,
                                       const Split& held_out, RunContext& context);

}  // namespace neurarium
