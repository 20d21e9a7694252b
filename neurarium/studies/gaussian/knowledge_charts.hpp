// Lines of the charts that several studies draw of what a network knows.
#pragma once

#include "neurarium/nn/result.hpp"
#include "neurarium/robustness/calibration.hpp"

namespace neurarium {

/// Shares (per cent) of samples by confidence, in so many bins, drawn at their middles.
Trace confidence_histogram(const std::string& name, const std::vector<double>& confidence, std::size_t bins);
/// Accuracy over mean confidence of each bin that holds samples; `whole`: what a certainty is drawn as, 1 or 100.
Trace reliability_line(const std::string& name, const Calibration& calibration, double whole);

}  // namespace neurarium
