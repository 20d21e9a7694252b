// Width rules: how far the units of a converted layer reach, σ = √d · exp(log_width).
//   notebook             σ = d, the number of inputs
//   author               σ = 10 · units
//   scaled               σ = scale · √d
//   calibrated           σ_j so that g = level at the quantile of the layer's own distances to samples
//   calibrated-diagonal  the same, with widths of each input in proportion to its standard deviation over the samples (its
//                        variance no less than `floor` of the layer's mean variance is added to it)
// Source: the founding notebook (σ = d); its author's library (10 · units); calibration: this project.
#pragma once

#include <string>

#include "neurarium/core/schema.hpp"
#include "neurarium/core/tensor.hpp"

namespace neurarium {

struct WidthRule {
  std::string rule = "calibrated-diagonal";
  double scale = 2;
  double quantile = 0.99;
  double level = 0.5;
  double floor = 0.05;
  static Schema fields();
  bool looks_at_samples() const { return rule.starts_with("calibrated"); }
  bool is_diagonal() const { return rule == "calibrated-diagonal"; }
};

/// log_width [units] or [units, d] of a layer with these centres [units, d], whose inputs are the rows h [n, d] (unused by rules that
/// do not look at samples). SpecError, naming `layer`, if the samples are all the same or lie at a centre.
Tensor<double> log_widths(const WidthRule& rule, View<const double> centres, View<const double> h,
                          const std::string& layer);

}  // namespace neurarium
