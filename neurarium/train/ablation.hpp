// Ablation: how good a trained network is without some of its synapses. They say nothing while samples are asked (nn/silence.hpp); the
// network learns nothing meanwhile, and is afterwards what it was.
//
//   Synapses of a spiking network with a `lif` layer "hidden" and a readout "output": weights [pre, post], presynaptic axis 0.
//   const Synapses from_fibres{"hidden.weight", 0}, from_hidden{"output.weight", 0};
//   without_each_unit(model, {{from_hidden}}, split, 1, context)                    // the hidden units, one after the other
//   without_inhibition(model, {{from_fibres, from_hidden}}, split, 1, context)      // no unit inhibits any more
// A unit with recurrent synapses has these silenced, too, if they are named: {from_hidden, {"hidden.recurrent", 0}}.
#pragma once

#include <functional>

#include "neurarium/data/dataset.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/nn/silence.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/train/epoch_history.hpp"

namespace neurarium {

struct AblationResult {
  std::size_t synapses = 0;  ///< silenced, of those that were not 0
  EpochResult result;        ///< mean loss, accuracy
};

/// The network without those synapses of `of` that `which` chooses by presynaptic unit and weight. SpecError naming the parameter if the
/// model has none of that name, or it is no weight of two axes or more.
AblationResult evaluate_without(Trainable& model, std::span<const Synapses> of, const Silenced::Choice& which,
                                const SplitView& split, double divisor, RunContext& context);

/// Without presynaptic unit 0, 1, …, one after the other: one for each. ShapeError if the parameters disagree on how many units there are.
/// Stops with Interrupted if the run is to stop.
std::vector<AblationResult> without_each_unit(Trainable& model, std::span<const Synapses> of, const SplitView& split,
                                              double divisor, RunContext& context);

/// Without any weight below 0 in these parameters: what Dale's law calls inhibition.
AblationResult without_inhibition(Trainable& model, std::span<const Synapses> of, const SplitView& split,
                                  double divisor, RunContext& context);

}  // namespace neurarium
