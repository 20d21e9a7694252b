// Layer: a differentiable map between activities. Forward and backward stand side by side in each layer; the
// same templated code runs in float and, under the gradient check, in double.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/activity.hpp"
#include "neurarium/nn/context.hpp"
#include "neurarium/nn/tape.hpp"

namespace neurarium {

struct SignConstraint;

/// A weight that gradients move, or a buffer: state that something else moves.
template <class T>
struct Parameter {
  std::string name;  ///< as PyTorch names it: "weight", "bias"
  Tensor<T> value;
  const SignConstraint* signs = nullptr;  ///< which signs it must have, if any (nn/sign_constraint.hpp)
};

/// Calls task(i) once for every shard i of a batch, on whatever threads there are, and returns when all are done.
using EachShard = std::function<void(std::size_t shards, const std::function<void(std::size_t)>& task)>;

/// One shard's part in a pass of a whole batch.
template <class T>
struct ForwardShard {
  const Activity<T>* in;
  Activity<T>* out;
  const Context* context;
  Tape* tape;
};
template <class T>
struct BackwardShard {
  const Activity<T>* out_gradient;
  Activity<T>* in_gradient;  ///< or null
  const Tape* tape;
  std::span<const View<T>> gradient;  ///< one per parameter; empty: nobody asks for them
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
  /// State that no gradient moves, and that belongs to the model: running statistics.
  virtual std::vector<Parameter<T>*> buffers() { return {}; }

  /// How the numbers of a pass of so many samples must come; nothing: in any way. `out` may leave in either; gradients lie
  /// as the activities did that they belong to.
  virtual std::optional<Layout> layout(std::size_t samples) const {
    (void)samples;
    return Layout::sample_major;
  }

  /// Whether spikes may come as they are, too; else they come as counts.
  virtual bool takes_spikes() const { return false; }

  /// Whether its way back is quicker where the spikes that it is shown can be read by unit, too (SpikesView::by_unit).
  virtual bool reads_turned_spikes() const { return false; }

  /// Whether a gradient at its spikes may come as a product (Layout::product); else it comes multiplied out.
  virtual bool takes_products() const { return false; }

  /// Whether it is shown spike times (Layout::times), which come from a layer that gives them; and whether its answers are such.
  virtual bool takes_times() const { return false; }
  virtual bool gives_times() const { return false; }

  /// Whether its gradient is that of another function than forward: a surrogate stands in for the derivative of spikes.
  virtual bool has_surrogate_gradient() const { return false; }

  /// Whether forward says what support the samples have now (nn/activity.hpp); else it is passed on as it was.
  virtual bool says_support() const { return false; }
  /// What is added to the loss of each sample of the pass on `tape`, one of training, for the parameters' sake; backward adds
  /// its gradient.
  virtual double penalty(const Tape& tape) const { return (void)tape, 0; }

  /// out = f(in). May keep views of `in` and `out` on the tape: the caller keeps both until backward.
  virtual void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const = 0;

  /// Given ∂E/∂out, adds ∂E/∂parameters to `gradient` (one per parameter, in order), unless that is empty: then nobody asks
  /// for them, and what only they need is left out. Unless `in_gradient` is null, writes ∂E/∂in to it, with the same bits in
  /// either case. A layer that looks at the support adds ∂E/∂support to what it finds there.
  virtual void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                        std::span<const View<T>> gradient) const = 0;

  /// Whether a sample's answer in training depends on the others of its batch (batch statistics). Such a layer is run by the
  /// two functions below, which see all shards of the batch at once; what they sum over shards they sum in shard order.
  virtual bool couples_samples() const { return false; }
  virtual void forward_batch(std::span<const ForwardShard<T>> shards, const EachShard& each) const {
    each(shards.size(),
         [&](std::size_t i) { forward(*shards[i].in, *shards[i].out, *shards[i].context, *shards[i].tape); });
  }
  virtual void backward_batch(std::span<const BackwardShard<T>> shards, const EachShard& each) const {
    each(shards.size(), [&](std::size_t i) {
      backward(*shards[i].out_gradient, shards[i].in_gradient, *shards[i].tape, shards[i].gradient);
    });
  }
  /// After a step of training: moves the buffers by what the batch's first shard has on its tape.
  virtual void keep_statistics(const Tape& tape) { (void)tape; }
};

}  // namespace neurarium
