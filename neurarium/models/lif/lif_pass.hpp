// What a pass of lif leaves and needs, private to the layer's own files: lif.cpp makes the layer, lif_forward.cpp and
// lif_backward.cpp are its two ways through time.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "neurarium/kernels/events.hpp"
#include "neurarium/kernels/gemm.hpp"
#include "neurarium/models/lif/lif.hpp"

namespace neurarium {

// What one unit needs, a line of whole 64 bytes each; and what a pass leaves, [samples, steps, width] each.
template <class T>
struct Lif<T>::Cache {
  const Activity<T>* in = nullptr;
  bool gathers = false;  ///< events; else numbers, in `dense`
  Activity<T> counts;    ///< of spikes that are too many to be gathered
  View<const T> dense;
  std::size_t samples = 0;
  /// Traces of all samples, since a backward pass follows; else each sample's take the place of the last.
  bool keeps_traces = true;
  typename SignedWeight<T>::Pass signs, recurrent_signs;
  std::vector<T> decay, threshold, synapse_decay, adaptation_decay, adaptation_strength, bias;
  kernels::LifUnits<T> units;
  Tensor<T> weights, recurrent;  ///< [inputs, width], [width, width]
  Tensor<T> current;             ///< of one sample, unless it is asked for again
  Tensor<T> before, spike, adaptation, hold;
  Tensor<T> noise;  ///< [steps, width]: how far thresholds are moved, where there is escape noise
  std::vector<std::uint32_t> draws;
  std::vector<float> shifts;
  std::vector<std::uint8_t> marks;           ///< of recurrent units; those of others are what goes out
  std::vector<kernels::LifTrace<T>> traces;  ///< of each sample, in those
  const Activity<T>* out = nullptr;          ///< the caller keeps it
  mutable std::unique_ptr<Scratch> scratch;
};

template <class T>
struct Lif<T>::Scratch {
  /// [samples, steps, width], of one sample where samples can go one by one; drive: ∂E/∂h
  Tensor<T> spike_gradient, slope, drive;
  Tensor<T> per_unit;            ///< [width]: of a gradient at spikes that is a product
  Tensor<T> weights, recurrent;  ///< gradients, with the lines of Cache
  Tensor<T> bias;                ///< [width]
  Tensor<T> row, back;           ///< [samples, width]: one step of all samples
  std::vector<kernels::LifCostate<T>> costates;
  std::vector<T> decay, threshold, synapse_decay, adaptation_decay, adaptation_strength;
};

/// The spikes of sample i by unit, if they have been turned.
template <class T>
std::optional<SpikesByUnit::Sample> Lif<T>::turned_inputs_of(std::size_t i, const Cache& c) const {
  if (!c.gathers || !c.in->spikes().are_turned()) return {};
  return c.in->spikes().by_unit(i);
}

/// The spikes of sample i and their weights, where they are gathered.
template <class T>
std::optional<kernels::LifInputs<T>> Lif<T>::inputs_of(std::size_t i, const Cache& c) const {
  if (!c.gathers) return {};
  const SpikesView spikes = c.in->spikes();
  return kernels::LifInputs<T>{{spikes.rows(i), spikes.all(), steps_}, c.weights.data(), c.bias.data()};
}

template <class T>
void set_zero(Tensor<T>& tensor, const Shape& shape) {
  tensor.resize(shape);
  std::ranges::fill(tensor.flat(), T{0});
}

/// Where the traces of a sample begin, in a tensor [samples, steps, width]; null in an empty one.
template <class T>
T* rows_of(Tensor<T>& trace, std::size_t sample) {
  return trace.size() == 0 ? nullptr : trace.data() + sample * trace.shape()[1] * trace.shape()[2];
}

}  // namespace neurarium
