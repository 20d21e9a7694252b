// sequential: layers one after the other, and a loss at the end. A network is data:
//
//   [model]
//   type = "sequential"
//   [[model.layers]]
//   type = "dense"
//   units = 2
//   activation = "logistic"
//
// Parameters are named <layer>.<parameter>, e.g. dense1.weight. It is Trainable and Differentiable; one tape per
// caller, so shards of a batch run side by side. Inputs of any element type are taken as x / divisor.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/chain.hpp"
#include "neurarium/nn/choices.hpp"
#include "neurarium/nn/loss.hpp"
#include "neurarium/nn/spike_events.hpp"
#include "neurarium/nn/traces.hpp"

namespace neurarium {

struct SequentialParams {
  std::vector<Component> layers;
  Component loss{"squared_error", Value::table()};
  std::vector<std::int64_t> inputs;
  std::string scalar = "float32";
  std::uint64_t seed = 0;
  static Schema fields();
};

template <class T>
class Sequential : public Trainable, public Differentiable, public Layered, public TracedModel, public SpikeTimed {
 public:
  using Params = SequentialParams;
  Sequential(const Params& params, const Registry& registry);

  DType scalar() const override { return dtype_of<T>(); }
  Shape input_shape() const override { return input_; }
  std::vector<NamedView> parameters() override;
  std::vector<NamedView> buffers() override;
  Choices choices() const override;
  NamedArrays activities(const Samples& samples, const Context& context) const override;
  NamedArrays traces(const Samples& samples, const Context& context) const override;
  /// "outputs": what the last layer says; where layers say support (nn/activity.hpp), "support" [sample]: what is left of it
  /// at the end.
  NamedArrays outputs(const Samples& samples, const Context& context) const override;

  GradientKind gradient_kind() const override {
    if (chain_->has_surrogate_gradient()) return GradientKind::surrogate;
    return crosses_thresholds() ? GradientKind::event : GradientKind::exact;
  }
  bool outputs_are_logits() const override { return loss_->reads_logits(); }
  bool reads_turned_spikes() const override { return chain_->stages().front().layer->reads_turned_spikes(); }
  Evaluation evaluate(const Batch& batch, const Context& context, Tape& tape) const override;
  Evaluation evaluate_with_gradient(const Batch& batch, const Context& context, Tape& tape,
                                    Gradient& gradient) const override;
  SpikeEvents spike_events(const Tape& tape) const override;
  void require_answers(ArrayView y, const std::string& source) const override;
  bool couples_samples() const override { return chain_->couples_samples(); }
  void evaluate_together(std::span<ShardOfBatch> shards, WorkerPool& pool) const override;
  void keep_statistics(const Tape& tape) override;

  ArrayView logits(ArrayView x, const Context& context, Tape& tape) const override;
  ArrayView pull_back(ArrayView cotangent, const Tape& tape) const override;

 private:
  // The samples as numbers of this network, what its last layer says of them in both layouts, and the way back.
  struct Pass {
    Activity<T> in, out, out_dense;
    mutable Activity<T> out_gradient, out_dense_gradient, in_gradient;  // ∂E/∂out, laid out as `out`, and ∂E/∂in
    mutable Tape chain;
    Tensor<T> loss_slope;
  };
  bool crosses_thresholds() const;
  Pass& prepare(const Batch& batch, Tape& tape) const;
  const Activity<T>& output_of(Pass& pass) const;
  const Activity<T>& forward(const Batch& batch, const Context& context, Tape& tape) const;
  void take_out_gradient(ArrayView slope, const Pass& pass) const;
  Evaluation with_penalty(Evaluation result, const Context& context, const Pass& pass) const;
  Evaluation backward_from_loss(const Batch& batch, Pass& pass) const;

  Shape input_;
  std::unique_ptr<Chain<T>> chain_;
  std::unique_ptr<Loss<T>> loss_;
};

}  // namespace neurarium
