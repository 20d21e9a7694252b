// eventprop-delays: what weights alone can't learn. Every channel of the data set `intervals:` (data/intervals.hpp) fires once, in the
// same order in all classes; the intervals alone tell classes. One layer of units, one for each class, answers: who fires first has won.
//
// Without delays nothing feed-forward can do it. Neighbours are so far apart that what one spike leaves has died away when the next one
// comes, so a unit answers each input by itself: its first spike is that of the first channel, in the one order, that makes it fire, and
// which unit is first does not depend on the sample. The answer is constant, and its accuracy at most the largest share of a class. The
// same holds for a further layer: its inputs are such answers, which come in the same order always. With delays that undo the lags of a
// class, all spikes of that class meet at its unit, and those of no other.
#pragma once

#include "neurarium/studies/eventprop_training/timed_study.hpp"

namespace neurarium {

/// One way to learn the task: what has delays, and what is learned.
struct DelayWay {
  std::string key;    ///< in settings and names of figures
  std::string label;  ///< as readers see it
  const char* colour;
  void (*choose)(TimedNetworkParams&);  ///< makes this way's network of the study's
};
const std::vector<DelayWay>& delay_ways();

struct DelayFindings {
  TimedNetworkParams network;
  TimedData data;
  Tensor<double> lags;  ///< [classes, channels], seconds
  double nearest = 0;   ///< what neighbouring spikes are apart at least, seconds
  std::vector<const DelayWay*> ways;
  std::vector<std::vector<TimedOutcome>> outcomes;  ///< of each way, each repeat

  /// A number of each outcome's last epoch.
  std::vector<double> last(std::size_t way, double EpochCounts::*number) const;
  /// The way whose delays are shown: the first of "synaptic", "delays" that was asked for; ways.size() if none was.
  std::size_t shown() const;
};

/// Where a unit's spikes come together: the window of 2 τm that holds most arrivals, of one unit for each class.
struct Meeting {
  std::vector<double> at;         ///< of each unit, its middle, seconds after channel 0
  std::vector<std::size_t> many;  ///< how many arrivals of its class it holds
  double share = 0;               ///< of all
};
/// Of delays [classes, channels] in seconds.
Meeting meeting(const Tensor<double>& lags, const Tensor<double>& delays, double half_width);

void add_delay_figures(RunContext& context, const DelayFindings& found);
void add_delay_charts(RunContext& context, const DelayFindings& found);
/// Arrivals before and after learning, and learned delays beside what they have to undo. Nothing if no such way was asked for.
void add_learned_delays(RunContext& context, const DelayFindings& found);
std::string delay_answer(const DelayFindings& found);

void register_delay_study(Registry& registry);

}  // namespace neurarium
