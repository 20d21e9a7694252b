// Synapses that say nothing for a while: what a network can do without them (train/ablation.hpp asks).
//
//   const Silenced quiet(parameter, [](std::size_t, double w) { return w < 0; });        // all inhibition of this weight
//   … the model multiplies with W = 0 there …                                            // and as before, once `quiet` is gone
#pragma once

#include <functional>
#include <vector>

#include "neurarium/core/array.hpp"

namespace neurarium {

struct NamedView;

/// A unit's outgoing synapses lie in a weight along its presynaptic axis: 0 of [pre, post], 1 of [post, pre, …].
struct Synapses {
  std::string parameter;
  std::size_t presynaptic_axis = 0;
};

class Silenced {
 public:
  using Choice = std::function<bool(std::size_t unit, double weight)>;
  /// Silences the synapses of `parameter`, a floating weight of two or more axes, that `which` chooses by presynaptic unit and W, the
  /// weight as it is multiplied with, signs and all (nn/sign_constraint.hpp); whatever its rule, W = 0 then. The parameter must stay where
  /// it is, and nobody may learn, as long as this lives.
  Silenced(const NamedView& parameter, std::size_t presynaptic_axis, const Choice& which);
  ~Silenced();
  Silenced(const Silenced&) = delete;
  Silenced& operator=(const Silenced&) = delete;
  Silenced(Silenced&& other) noexcept;
  Silenced& operator=(Silenced&&) = delete;
  /// How many synapses are silent that were not 0 before.
  std::size_t synapses() const noexcept { return silenced_; }

 private:
  MutableArrayView values_;
  Array before_;
  std::size_t silenced_ = 0;
};

}  // namespace neurarium
