// The founding notebook's network, as settings: fibres of two ears → spiking units → a leaky integrator for each class. Every
// unit of the first two layers keeps Dale's law: its synapses are all excitatory or all inhibitory.
//
// The defaults are the notebook's: weights |w| · sign, w from U(−1/√fan_out, 1/√fan_out) (it takes the wrong axis for fan_in),
// spikes a step late, and gradients through the reset.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/data/interaural_phase.hpp"

namespace neurarium {

struct LocalisationNetworkParams {
  std::int64_t hidden = 30;
  double inhibitory_fraction = 0.5;
  std::string rule = "abs";
  std::string signs = "random";
  std::string per = "unit";
  std::string inhibition = "both";
  double tau_membrane = 5e-3;
  std::string spike = "late";
  std::string reset = "zero";
  bool detach_reset = false;
  Component surrogate{"sigmoid", Value::table()};
  std::string readout = "mean";
  Component initialiser{"uniform_fan", Value::table()};
  LocalisationNetworkParams();
  static Schema fields();
};

/// The network for stimuli of `task`, fitted to it.
Component localisation_network(const LocalisationNetworkParams& params, const InterauralPhaseParams& task);

}  // namespace neurarium
