#include "neurarium/studies/eventprop_training/timed_study.hpp"

#include "neurarium/train/labelled_part.hpp"

namespace neurarium {

TimedStudyParams::TimedStudyParams() {
  train.optimiser = {"adam", Value::table()};
  train.optimiser.settings.set("learning_rate", 5e-3);
}

std::vector<FieldInfo> TimedStudyParams::fields() {
  using P = TimedStudyParams;
  std::vector<FieldInfo> all = TimedNetworkParams::fields();
  all.push_back(field("dataset", &P::dataset, "Numbers in [0, 1] (or bytes) with labels, by name or as FILE.npz."));
  all.push_back(field("repeats", &P::repeats, "Networks, each from a start of its own.").between(1, 1000));
  all.push_back(field("train_samples", &P::train_samples, "How many samples to learn from, from the first on; 0 = all.")
                    .at_least(0));
  all.push_back(field("test_samples", &P::test_samples, "How many to test on; 0 = all.").at_least(0));
  all.push_back(field("train", &P::train, "How they learn."));
  return all;
}

TimedData timed_data(const TimedStudyParams& params, const Dataset& data) {
  require_arrays(data);
  TimedData timed;
  timed.training = labelled_part(data, data.train, params.train_samples, "training");
  timed.test = labelled_part(data, data.test, params.test_samples, "test");
  timed.divisor = data.divisor, timed.classes = classes_of(timed.training, timed.test);
  return timed;
}

}  // namespace neurarium
