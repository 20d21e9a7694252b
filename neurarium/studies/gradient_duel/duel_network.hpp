// The networks of the duel: one in three ways, with the same weights, the same readout and, on a grid, the same spikes.
//
//   Side::surrogate   spikes on a grid → lif × hidden layers → spike_integrator             surrogate gradients
//   Side::eventprop   spikes on a grid → spike_times → eventprop_lif (grid) → …             EventProp's adjoint on that grid
//   Side::exact       the same, engine = event                                              exact spike times, and their exact gradients
//
// eventprop_lif on a grid goes from step to step by V ← αV + γI, I ← βI, where γ = τs (α − β)/(τm − τs), then looks whether V ≥ θ, then
// adds inputs to I. lif adds its inputs first: i_t = β i_{t−1} + x_t W, u_t = α v_{t−1} + i_t. So with v = V/γ and i = I both say the
// same of every step, u_t = V_{t+1}/γ, and a lif of threshold θ/γ, with a reset to zero, fires in step t where the grid's unit fires at
// step t + 1. Recurrent spikes arrive where they should: s_{t−1} is the spike at step t. Behind n hidden layers lif is n steps early, and
// the readout's `start` puts that right. The weights need no factor: parameters, gradients and optimiser steps are in one unit.
//
// Surrogates, too, are those of the membrane V − θ: a slope σ'(x) is told as γ σ'(γ(u − θ/γ)).
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/core/tensor.hpp"

namespace neurarium {

enum class Side { surrogate, eventprop, exact };

struct DuelNetworkParams {
  std::vector<std::int64_t> hidden{100};
  bool recurrent = false;
  double dt = 1e-3;
  double tau_membrane = 20e-3;
  double tau_synapse = 5e-3;
  std::string readout = "weighted";
  double gain = 20;
  std::string surrogate = "fast_sigmoid";
  double slope = 10;
  bool detach_reset = true;
  double hidden_mean = 1.5, hidden_sd = 0.78;
  double recurrent_sd = 0.02;
  double output_mean = 0, output_sd = 0.1;
  static std::vector<FieldInfo> fields();
};

/// γ: what one step makes of a current.
double drive_of_step(double tau_membrane, double tau_synapse, double dt);

/// The model that learns spikes of shape `entry`, [steps, inputs]. Its hidden layers are called hidden1, …, and the readout readout.
Component duel_network(const DuelNetworkParams& params, Side side, const Shape& entry, std::size_t classes,
                       std::uint64_t seed, const std::string& scalar = "float32");

}  // namespace neurarium
