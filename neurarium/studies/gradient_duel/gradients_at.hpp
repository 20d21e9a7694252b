// The gradients of one network in several ways, at the same weights and on the same probe: spikes of some samples with their labels.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "neurarium/core/direction.hpp"
#include "neurarium/data/dataset.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/studies/gradient_duel/duel_network.hpp"

namespace neurarium {

/// Weights by name, in the order of the model: hidden1.weight, hidden1.recurrent, …, readout.weight.
struct NamedNumbers {
  std::string name;
  std::vector<double> numbers;  ///< [inputs, units]
  std::size_t units = 0;
};
using Numbers = std::vector<NamedNumbers>;

/// All numbers but those of the readout, one after the other.
std::vector<double> hidden_part(const Numbers& numbers);
/// Of each hidden unit alone, at the weights into it, where neither gradient is 0; the median over units, NaN if there are none. A
/// spike that grazes its threshold rules the gradient of all weights together, but only its own unit here.
double median_cosine_of_units(const Numbers& a, const Numbers& b);

Numbers weights_of(Trainable& model);
/// Writes weights of these names.
void set_weights(Trainable& model, const Numbers& numbers);

/// Samples that gradients are measured on; the split must outlive it.
class Probe {
 public:
  Probe(const Split& split, std::size_t samples);
  std::size_t samples() const { return spikes_.samples(); }
  /// Mean loss.
  double loss(const Trainable& model) const;
  /// Of the mean loss.
  Numbers gradient(Trainable& model) const;
  Batch batch() const { return {{}, labels_, 1, spikes_}; }
  SpikesView spikes() const { return spikes_; }

 private:
  template <class Each>
  void each_shard(const Each& each) const;
  SpikesView spikes_;
  ArrayView labels_;
};

/// Of the same weights on one grid: do both ways of the forward pass say the same?
struct SameSpikes {
  double same_counts = 1;        ///< share of sample and hidden unit pairs that fire as often in both
  double answer_difference = 0;  ///< the largest, beside the largest answer
};
/// `on_grid` is the network of eventprop_lif, `surrogate` that of lif; at most `samples` of the probe.
SameSpikes compare_spikes(const Trainable& on_grid, const Trainable& surrogate, const Probe& probe,
                          std::size_t samples);

/// Of all hidden units together; `model` is Layered.
double hidden_spikes_per_sample(const Trainable& model, SpikesView samples);

/// What a gradient foretells and what comes: the hidden weights take `directions` random steps of N(0, (size · rms)²) each, there and
/// back, and the change of `judge`'s loss is beside the change that each gradient says. The correlation over directions (about 0) is an
/// estimate of the cosine between that gradient and the one of the loss smoothed over so wide a neighbourhood; its standard error is about
/// √((1 − r²)/directions). `judge` has the same weights again afterwards.
std::vector<double> foresight(Trainable& judge, const Probe& probe, std::span<const Numbers> gradients, double size,
                              std::size_t directions, std::uint64_t seed);

}  // namespace neurarium
