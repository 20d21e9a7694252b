// Chain: named layers one after the other. It puts the numbers into the layout that each layer wants, and takes care that a
// layer which couples the samples of a batch sees all its shards at once. `sequential` is a chain with a loss; `residual`
// holds one.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

/// What the layers of a chain are called: by their setting `name`, or else by type and number among those of their type without one.
std::vector<std::string> names_of_layers(const std::vector<Component>& parts);

template <class T>
class Chain {
 public:
  struct Stage {
    std::string name;  ///< as its parameters are named: "dense1", "residual2.conv2d1"
    std::unique_ptr<Layer<T>> layer;
    Shape out;  ///< of one entry
    std::vector<Parameter<T>*> parameters, buffers;
  };

  /// Builds the layers of `parts` for entries of shape `input`. Unnamed ones are called by type and number; `prefix` stands
  /// before all names; `where` says in messages where the list is, "model.layers".
  Chain(const std::vector<Component>& parts, const Registry& registry, const Shape& input, const std::string& prefix,
        const std::string& where, std::uint64_t seed);

  const std::vector<Stage>& stages() const noexcept { return stages_; }
  const Shape& input() const noexcept { return input_; }
  const Shape& output() const noexcept { return stages_.back().out; }
  bool couples_samples() const noexcept { return couples_; }
  /// Σ of the layers' penalties in the pass on `tape` (nn/layer.hpp).
  double penalty(const Tape& tape) const;
  bool says_support() const;
  bool has_surrogate_gradient() const;

  /// Runs the shards of one batch; a single shard is a batch of one. The last activity goes to `out`, in whatever layout the
  /// last layer leaves. Throws NumericError, naming the layer, when a number stops being finite.
  void forward(std::span<const ForwardShard<T>> shards, const EachShard& each) const;
  /// Likewise back; a shard's out_gradient lies as its `out` did, and its in_gradient as its `in`. `gradient`: one view per
  /// parameter of all stages, in order, or none where nobody asks for them.
  void backward(std::span<const BackwardShard<T>> shards, const EachShard& each) const;
  void keep_statistics(const Tape& tape);
  /// The activity that stage i left in the pass on `tape`; not of the last stage, which is the caller's.
  const Activity<T>& activity(const Tape& tape, std::size_t stage) const;
  /// What that pass left on the tape of stage i.
  const Tape& tape_of(const Tape& tape, std::size_t stage) const { return tape.cache<Pass>().tapes[stage]; }

 private:
  // What a pass leaves: the activities after each stage but the last, inputs in another layout where a layer wanted that,
  // and a tape for each stage.
  struct Pass {
    const Activity<T>* in = nullptr;
    std::vector<Activity<T>> activities, converted;
    std::vector<bool> is_converted;
    std::vector<Tape> tapes;
    mutable std::vector<Activity<T>> cotangents, raw;  // ∂E/∂input of each stage, in the two layouts
    mutable Activity<T> multiplied_out;
  };
  const Activity<T>& input_of(Pass& pass, std::size_t stage) const;
  void require_neighbours_fit(const std::string& where) const;
  static void pass_support_on(const Stage& stage, const Activity<T>& from, Activity<T>& to);
  static void require_finite(const Stage& stage, const Activity<T>& out, const Context& context);
  /// Calls run(first, end) for stages that can run shard by shard, and run_together(stage) for those that couple samples.
  template <class Run, class RunTogether>
  void each_stretch(bool backwards, const Run& run, const RunTogether& run_together) const;

  Shape input_;
  std::vector<Stage> stages_;
  std::vector<std::size_t> first_parameter_;
  bool couples_ = false;
};

/// One shard, on this thread.
void run_here(std::size_t shards, const std::function<void(std::size_t)>& task);

}  // namespace neurarium
