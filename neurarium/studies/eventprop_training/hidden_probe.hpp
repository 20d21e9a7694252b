// What each of several losses tells the hidden units of one network, measured on a fixed set of samples.
//
// The hidden layers run once; then every loss has a readout of its own, all with the same weights, and is asked for ∂E/∂t of each spike of the
// last hidden layer, under the sample's label y and under each other class c. Of a spike,
//   g = ∂E(y)/∂t,   label part  g − 1/C Σ_c ∂E(c)/∂t:  what would be another if the label were.
// A cross-entropy's label part does not depend on what the network believes: it is −∂(z_y − mean_c z_c)/∂t, whatever p.
// Both go on backwards to the hidden weights, which is linear: the gradient of the weights has a label part, too.
#pragma once

#include <string>
#include <vector>

#include "neurarium/core/direction.hpp"
#include "neurarium/nn/chain.hpp"
#include "neurarium/nn/loss.hpp"
#include "neurarium/studies/eventprop_training/timed_network.hpp"

namespace neurarium {

/// A loss as a readout and its gain (timed_network.hpp).
struct ProbedLoss {
  std::string readout;
  double gain = 1;
};

/// What one loss tells; gradients are means over the samples.
struct LossView {
  std::vector<double> gradient;      ///< of all hidden parameters, one after the other
  std::vector<double> matrix_norms;  ///< of each of them
  double norm = 0, readout_norm = 0;
  double label_norm = 0;       ///< of the label part of `gradient`
  double spread = 0;           ///< root mean square of scores around their mean over the classes
  double spikes_reached = 0;   ///< share of spikes whose |g| exceeds a hundredth of the largest of their sample
  double later = 0;            ///< −Σg / Σ|g|: 1 if descent moves all spikes to later times, −1 to earlier ones
  double apart = 0;            ///< share of close pairs that descent moves apart; NaN without pairs
  std::vector<double> signal;  ///< Σ|g| of the spikes in each part of the trial …
  std::vector<double> label_signal;  ///< … and of their label parts
};

struct ProbeView {
  std::vector<LossView> losses;
  std::vector<double> spikes;    ///< of the last hidden layer, in each part of the trial
  double spikes_per_sample = 0;  ///< of that layer
  double silent_units = 0;       ///< share of its units that no sample makes fire
  std::size_t pairs = 0;         ///< of one unit's successive spikes, less than tau_membrane apart
};

class HiddenProbe {
 public:
  static constexpr std::size_t parts_of_trial = 30;
  /// Samples [n, …entry], x / divisor, and their labels.
  struct Set {
    Tensor<double> x;
    Array labels;
    std::size_t classes = 0;
  };
  HiddenProbe(const TimedNetworkParams& network, std::span<const ProbedLoss> losses, Set set, const Registry& registry);

  /// At the weights of a network that timed_network describes. Not re-entrant.
  ProbeView look(const NamedArrays& weights);
  /// The hidden parameters among `weights`, in the order of LossView::gradient; and their names.
  std::vector<double> hidden_parameters(const NamedArrays& weights) const;
  std::vector<std::string> names_of_hidden_parameters() const;

 private:
  struct Readout {
    std::unique_ptr<Layer<double>> layer;
    std::unique_ptr<Loss<double>> loss;
  };
  struct Spike {
    double time, slope, label_part;
    std::size_t unit;
  };
  LossView ask(const Readout& readout, ProbeView& view) const;
  const Activity<double>& spikes() const { return activities_.back(); }
  std::vector<Tensor<double>> hidden_gradient(std::span<const double> of_times) const;
  void describe_spikes(const SpikeTimes<double>& spikes, std::span<const double> slopes,
                       std::span<const double> label_parts, LossView& of, ProbeView& view) const;

  TimedNetworkParams network_;
  Set set_;
  std::span<const Chain<double>::Stage> hidden() const;  ///< all layers but the readout
  std::unique_ptr<Chain<double>> network_of_first_;      ///< with the first loss's readout
  std::vector<Readout> readouts_;
  // of a pass, layer by layer
  std::vector<Activity<double>> activities_;
  std::vector<Tape> tapes_;
};

}  // namespace neurarium
