// What a duel found, and the exhibits that show it.
#pragma once

#include <string>

#include "neurarium/studies/gradient_duel/duel_cost.hpp"
#include "neurarium/studies/gradient_duel/duel_training.hpp"

namespace neurarium {

struct DuelFindings {
  std::string dataset;
  const DuelParams* params = nullptr;
  const DuelData* data = nullptr;
  std::vector<Duel> duels;
  std::uint64_t first_seed = 0;               ///< of the first duel
  DuelCost after_surrogate, after_eventprop;  ///< at the weights that the first duel's paths end with

  /// A number of the last moment of each duel's path.
  std::vector<double> last(DuelPath Duel::*path, double Moment::*number) const;
  /// surrogate beside exact, or beside the grid where no exact gradient was asked for
  double judged(const ThreeCosines& cosines) const {
    return params->exact ? cosines.surrogate_exact : cosines.surrogate_grid;
  }
  const char* judge() const { return params->exact ? "the exact gradient" : "EventProp's gradient"; }
};

void add_duel_figures(RunContext& context, const DuelFindings& found);
void add_duel_charts(RunContext& context, const DuelFindings& found);
void add_duel_tables(RunContext& context, const DuelFindings& found);
/// The gradients at the first hidden weights, side by side, before and after learning.
void add_duel_picture(RunContext& context, const DuelFindings& found);
std::string duel_answer(const DuelFindings& found);

}  // namespace neurarium
