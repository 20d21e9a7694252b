// What all studies of EventProp trainings are told, and the data they begin with.
#pragma once

#include "neurarium/studies/eventprop_training/timed_training.hpp"

namespace neurarium {

struct TimedStudyParams : TimedNetworkParams {
  std::string dataset;
  std::int64_t repeats = 1;
  std::int64_t train_samples = 0;
  std::int64_t test_samples = 0;
  TrainParams train;
  TimedStudyParams();  ///< Adam
  static std::vector<FieldInfo> fields();
};

/// The samples of `data` that this study learns from and is tested on.
TimedData timed_data(const TimedStudyParams& params, const Dataset& data);

}  // namespace neurarium
