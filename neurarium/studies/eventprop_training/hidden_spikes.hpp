// What the hidden units of a network of spike times say: how often each of them fires, and when; and a push for those that never do.
//
// A unit without spikes has no gradient: it stays silent for ever. The push adds a number to all weights into such a unit, until it
// fires (Nowotny, Turner, Knight 2025: 0.002 after each epoch).
#pragma once

#include <string>
#include <vector>

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/nn/network_state.hpp"

namespace neurarium {

struct HiddenSpikes {
  std::vector<std::string> layers;          ///< eventprop_lif, from the first to the last
  std::vector<std::vector<double>> counts;  ///< of each layer, of each unit: spikes in all samples
  std::size_t samples = 0;
  double per_sample() const;    ///< of all units together
  double silent_share() const;  ///< of all units, those that never fired
};

/// Of the samples as they are, without what training does to them, on the pool's threads; the same for any number of them.
HiddenSpikes count_hidden_spikes(const Model& model, const SpikesView& samples, WorkerPool& pool);

/// Adds `push` to all weights into units that did not fire; says how many these are.
std::size_t push_silent_units(Model& model, const HiddenSpikes& spikes, double push);

/// The spikes of one hidden layer in one sample.
struct LayerRaster {
  std::string layer;
  std::size_t units = 0;
  std::vector<double> times;  ///< s
  std::vector<double> fired;  ///< number of the unit
};
/// Of each eventprop_lif layer of `network`, a chain of layers, in the first of `samples`.
std::vector<LayerRaster> hidden_raster(const NetworkState& network, const Registry& registry,
                                       const SpikesView& samples);

}  // namespace neurarium
