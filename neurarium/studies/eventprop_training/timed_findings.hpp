// What a study of EventProp trainings found, and the exhibits that show it.
#pragma once

#include <string>

#include "neurarium/studies/eventprop_training/timed_training.hpp"

namespace neurarium {

struct TimedFindings {
  std::string dataset;
  std::vector<std::string> classes;
  TimedNetworkParams network;
  TimedData data;
  std::vector<TimedOutcome> outcomes;
  double reference = 0;  ///< test accuracy of others, 0: none
  std::string reference_source;

  /// A number of each outcome's last epoch.
  std::vector<double> last(double EpochCounts::*number) const;
};

void add_timed_figures(RunContext& context, const TimedFindings& found);
void add_timed_exhibits(RunContext& context, const TimedFindings& found);
/// What the first network says over the disc of the Yin-Yang task, and the test samples that it takes for another class.
void add_yin_yang(RunContext& context, const TimedFindings& found);
std::string timed_answer(const TimedFindings& found);

}  // namespace neurarium
