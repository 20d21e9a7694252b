// Traces: the courses of what goes on inside a network of spiking units, for those who want to look: membranes, currents, thresholds.
// A training keeps none of it longer than a shard; they are made anew for the samples that somebody asks about.
#pragma once

#include "neurarium/nn/model.hpp"

namespace neurarium {

/// A layer that knows more of a pass than what it said.
class Traced {
 public:
  virtual ~Traced() = default;
  /// What went on in the pass on `tape`, which was of one sample, with a way back to follow: [step, unit] each, by name.
  virtual NamedArrays traces(const Tape& tape) const = 0;
};

/// A model with such layers.
class TracedModel : public virtual Model {
 public:
  /// Of each sample and layer, [sample, step, unit] by <layer>.<trace>: lif1.membrane. Empty if no layer has any.
  virtual NamedArrays traces(const Samples& samples, const Context& context) const = 0;
};

}  // namespace neurarium
