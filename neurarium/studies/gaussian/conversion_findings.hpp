// What converting a network changed: measured, and shown.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "neurarium/models/finite_gaussian/reach.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/robustness/knowledge.hpp"
#include "neurarium/train/epoch_history.hpp"

namespace neurarium {

/// One of the networks on the way: as it came, as it was converted, as it is kept.
struct NetworkFindings {
  EpochResult result;                  ///< loss and accuracy on the samples it is asked about
  std::optional<Knowledge> knowledge;  ///< of classifiers with logits, on data with labels: against uniform noise
};

struct ConversionFindings {
  bool to_gaussian = true;
  std::string run, source_is, result_is;  ///< "classical", "finite Gaussian (calibrated)"
  std::string split;                      ///< of which samples accuracy and confidence are
  std::size_t samples = 0, calibration_samples = 0, held_out_samples = 0;
  std::vector<std::string> layers;  ///< that were converted
  NetworkFindings before, converted, after;
  std::optional<double> temperature;
  double largest_output_change = 0;         ///< |output after − before|, before the temperature
  std::optional<double> round_trip_change;  ///< of outputs, there and back
  std::vector<LayerReach> reach;            ///< of the finite Gaussian network, whichever of the two it is
};

void add_conversion_figures(RunContext& context, const ConversionFindings& found);
void add_conversion_exhibits(RunContext& context, const ConversionFindings& found);

}  // namespace neurarium
