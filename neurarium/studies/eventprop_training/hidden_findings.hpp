// What hidden-gradient does and finds: one network, several losses, each trained on its own from the same start, with the hidden layers
// learning and with hidden layers that stay as they are; and what all losses tell networks that have learned nothing yet.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "neurarium/studies/eventprop_training/hidden_probe.hpp"
#include "neurarium/studies/eventprop_training/timed_training.hpp"

namespace neurarium {

/// A loss of the study: as settings call it, as the page does, what reads it out, and its colour.
struct ShapedLoss {
  const char *name, *words, *readout, *colour;
};
/// All there are. SpecError for a name that is none of them.
std::span<const ShapedLoss> all_shaped_losses();
const ShapedLoss& shaped_loss(const std::string& name);

struct HiddenParams : TimedNetworkParams {
  std::string dataset = "yin-yang:";
  std::vector<std::string> losses{"sum", "weighted", "average", "max", "linear", "sigmoid", "input"};
  std::int64_t repeats = 1;
  std::int64_t draws = 20;
  bool frozen = true;
  double spread = 1;
  std::int64_t probe_samples = 120;
  std::int64_t train_samples = 0;
  std::int64_t test_samples = 0;
  TrainParams train;
  HiddenParams();
  static Schema fields();
};

/// What the probe said of a training's own loss, before an epoch or after the last.
struct HiddenMoment {
  double norm = 0, readout_norm = 0, label_share = 0, spikes_reached = 0, later = 0, apart = 0;
  double spikes = 0, silent_units = 0;
  double along = 0;  ///< cosine of −gradient and the whole way from start to end
};

/// One training.
struct HiddenTraining {
  std::size_t loss = 0, repeat = 0;
  bool hidden_learns = true;
  double gain = 1;
  TimedOutcome outcome;
  // of trainings whose hidden layers learn
  std::vector<HiddenMoment> course;               ///< one more than epochs
  std::vector<std::vector<double>> matrix_norms;  ///< at each of them
  Tensor<double> cosines;                         ///< of all losses' hidden gradients at the end [losses, losses]
  double moved = 0;  ///< how far the hidden weights came: ‖end − start‖ / ‖start‖
};

struct HiddenFindings {
  HiddenParams params;
  std::string dataset;
  TimedData data;
  std::vector<HiddenTraining> trainings;
  std::vector<ProbeView> draws;              ///< networks that have learned nothing, all losses
  std::vector<std::string> parameter_names;  ///< of the hidden layers

  std::size_t losses() const { return params.losses.size(); }
  const ShapedLoss& loss(std::size_t l) const { return shaped_loss(params.losses[l]); }
  /// Test accuracy after the last epoch of each repeat.
  std::vector<double> accuracies(std::size_t loss, bool hidden_learns) const;
  /// Share of the test that hidden learning gives: mean accuracy with it less mean accuracy with fixed hidden layers.
  double gain(std::size_t loss) const;
  /// The label's share of all |∂E/∂t|, over the networks that have learned nothing.
  double label_share_of_spikes(std::size_t loss) const;
  /// Of trainings with hidden layers that learn, one number each.
  template <class Number>
  std::vector<double> of_trainings(std::size_t loss, const Number& number) const {
    std::vector<double> all;
    for (const HiddenTraining& t : trainings)
      if (t.loss == loss && t.hidden_learns) all.push_back(number(t));
    return all;
  }
  /// Of each draw.
  template <class Number>
  std::vector<double> of_draws(const Number& number) const {
    std::vector<double> all;
    for (const ProbeView& draw : draws) all.push_back(number(draw));
    return all;
  }
};

/// Trains, shared out over the threads, and draws.
void find_hidden_gradients(HiddenFindings& found, RunContext& context);

void add_hidden_figures(RunContext& context, const HiddenFindings& found);
void add_hidden_charts(RunContext& context, const HiddenFindings& found);
void add_hidden_claims(RunContext& context, const HiddenFindings& found);
/// Where in the trial each loss has something to say, and how much of it would be another under another label.
Picture hidden_picture(const HiddenFindings& found);
std::string hidden_answer(const HiddenFindings& found);

void register_hidden_gradient(Registry& registry);

}  // namespace neurarium
