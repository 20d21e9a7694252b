// Layer: a differentiable map between activities. Forward and backward stand side by side in each layer; the
// same templated code runs in float and, under the gradient check, in double.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/activity.hpp"
#include "neurarium/nn/context.hpp"
#include "neurarium/nn/tape.hpp"

namespace neurarium {

/// A weight that gradients move.
template <class T>
struct Parameter {
  std::string name;  ///< as PyTorch names it: "weight", "bias"
  Tensor<T> value;
};

template <class T>
class Layer {
 public:
  virtual ~Layer() = default;

  /// Sizes and initialises the parameters for entries of shape `input` (without the sample axis) and returns the
  /// shape of an output entry. Throws ShapeError, naming `name`, if the layer can't take such input. Random
  /// initial values are drawn from Stream(seed, name + ".weight" …), so they depend on nothing else.
  virtual Shape build(const Shape& input, const std::string& name, std::uint64_t seed) = 0;

  virtual std::vector<Parameter<T>*> parameters() { return {}; }

  /// out = f(in). May keep views of `in` and `out` on the tape: the caller keeps both until backward.
  virtual void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const = 0;

  /// Given ∂E/∂out, adds ∂E/∂parameters to `gradient` (one tensor per parameter, in order) and, unless `in_gradient`
  /// is null, writes ∂E/∂in to it.
  virtual void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                        std::span<Tensor<T>> gradient) const = 0;
};

}  // namespace neurarium
