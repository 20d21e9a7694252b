// What eventprop-anatomy can be told: every constant of the founding notebook.
#pragma once

#include <cstdint>
#include <vector>

#include "neurarium/core/schema.hpp"
#include "neurarium/studies/eventprop/synapse.hpp"

namespace neurarium::anatomy {

struct AnatomyParams {
  double tau_m = 20;
  double tau_s = 5;
  double weight = 1;
  std::vector<double> spike_times = {100, 150};
  double total_ms = 1400;
  double dt = 1;
  double fine_dt = 0.01;
  std::int64_t outputs = 20;
  std::vector<double> dt_steps = {1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01};
  double largest_spacing = 200;
  std::vector<double> r_max = {10, 20, 50, 100, 200};
  std::int64_t repeats = 10;
  double rate_centre = 200;
  double rate_width = 200;
  std::int64_t bins = 10;
  double epsp_weight = 10;
  double epsp_spike = 100;
  static Schema fields();

  /// All that fields() can't see, at once, as one SpecError: spikes that do not rise or lie outside the trial, steps that do not
  /// divide what they must, rates of more than a spike per step.
  void check() const;
  TimeConstants tau() const { return {tau_m, tau_s}; }
  std::size_t steps_of(double step) const;  ///< total_ms / step
  std::vector<std::size_t> spike_steps(double step) const;
};

/// How many steps of `step` make `span`, or −1 if no whole number does (to 1e-6 of a step).
std::int64_t whole_steps(double span, double step);

}  // namespace neurarium::anatomy
