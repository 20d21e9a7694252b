// The founding notebook's network, as settings: fibres of two ears → spiking units → a leaky integrator for each class. Every
// unit of the first two layers keeps Dale's law: its synapses are all excitatory or all inhibitory. With readout = "count" the
// outputs are spiking units, too, with threshold, reset, order and surrogate of the hidden ones (but no bias, adaptation or noise),
// and the class whose unit fires most often is the answer; of equal ones the first.
//
// The defaults are the notebook's: weights |w| · sign, w from U(−1/√fan_out, 1/√fan_out) (it takes the wrong axis for fan_in),
// spikes a step late, and gradients through the reset. What it lacks is off: axonal delays, synaptic currents, adaptation, escape noise, bias, recurrence (which
// keeps the law, too: a hidden unit has one sign for all its synapses), learned time constants and thresholds.
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
  std::string start = "drawn";
  double learned_start = 1;
  double hardening = 0;
  double tau_membrane = 5e-3;
  double tau_readout = 0;
  double tau_synapse = 0;
  double threshold = 1;
  double adaptation = 0;
  double tau_adaptation = 0.1;
  double refractory = 0;
  double escape_noise = 0;
  double escape_rate = 1000;
  bool use_bias = false;
  bool recurrent = false;
  double delay_maximum = 0;
  bool learn_delays = true;
  bool learn_time_constants = false;
  bool learn_thresholds = false;
  std::string spike = "late";
  std::string reset = "zero";
  bool detach_reset = false;
  Component surrogate{"sigmoid", Value::table()};
  std::string readout = "mean";
  Component initialiser{"uniform_fan", Value::table()};
  Component recurrent_initialiser{"uniform_fan", Value::table()};
  LocalisationNetworkParams();
  static Schema fields();
};

/// The network for stimuli of `task`, fitted to it.
Component localisation_network(const LocalisationNetworkParams& params, const InterauralPhaseParams& task);

/// How many of a sound's last steps can't reach the answer: where spikes come late, a spiking layer takes two steps from input to spike,
/// and a leaky integrator one. 0 where they come in the same step.
std::int64_t unheard_steps(const LocalisationNetworkParams& params);

}  // namespace neurarium
