// What older methods reach on the same data, measured once with scikit-learn (validation/backprop/classic_methods.py).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace neurarium {

struct ClassicResult {
  std::string_view dataset, method;
  std::string_view short_name;  ///< for a chart
  std::uint64_t samples;        ///< trained on
  double test_accuracy;
  double train_seconds, seconds_per_image;  ///< processor time, one thread; the latter when predicting the test set
  std::uint64_t bytes;                      ///< of the fitted object, stored
};

/// All results, both data sets, cheapest method first.
std::span<const ClassicResult> classic_results();
/// Software, machine, date.
std::string_view classic_results_source();

}  // namespace neurarium
