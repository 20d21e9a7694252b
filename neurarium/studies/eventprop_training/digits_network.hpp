// Networks of eventprop-digits: spikes of a cochlea's channels become times, are changed a little in training, and drive hidden units
// whose spikes are integrated to scores.
//
//   spike_times → channel_shift → time_dilation → spike_dropout → delay_line → (eventprop_lif → spike_dropout) × hidden layers
//   → spike_integrator
//
// What is set to nothing is left out. With tau_spread > 0 each unit has time constants of its own, τ e^(σ z − σ²/2) with z normal and
// σ = tau_spread, so that their mean is τ; not below 3 ms for membranes and 1 ms for synapses. Draws: Stream(seed,
// "digits.tau_membrane"), "digits.tau_synapse", counter (0, layer, unit).
// Source: Nowotny, Turner, Knight, "Loss shaping enhances exact gradient learning with Eventprop in spiking neural networks",
// Neuromorphic Computing and Engineering 5, 2025.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/core/tensor.hpp"

namespace neurarium {

struct DigitsNetworkParams {
  std::vector<std::int64_t> hidden{256};
  bool recurrent = true;
  std::int64_t channel_shift = 0;
  double time_dilation = 0;
  double spike_dropout = 0;
  std::int64_t delay_copies = 1;
  double delay_spacing = 30e-3;
  double hidden_dropout = 0;
  double tau_membrane = 20e-3;
  double tau_synapse = 5e-3;
  double tau_spread = 0;
  bool learn_time_constants = false;
  std::string readout = "weighted";
  double readout_tau_membrane = 20e-3;
  double readout_tau_synapse = 5e-3;
  double gain = 100;
  double input_mean = 0.03, input_sd = 0.01;
  double hidden_mean = 0.02, hidden_sd = 0.03;
  double recurrent_sd = 0.02;
  double output_sd = 0.03;
  std::string engine = "grid";
  static std::vector<FieldInfo> fields();
};

/// The model that learns spikes [steps, channels] on a grid of dt seconds.
Component digits_network(const DigitsNetworkParams& params, const Shape& entry, double dt, std::size_t classes,
                         std::uint64_t seed);

}  // namespace neurarium
