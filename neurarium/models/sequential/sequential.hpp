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
#include "neurarium/nn/layer.hpp"
#include "neurarium/nn/loss.hpp"
#include "neurarium/nn/model.hpp"

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
class Sequential : public Trainable, public Differentiable {
 public:
  using Params = SequentialParams;
  Sequential(const Params& params, const Registry& registry);

  DType scalar() const override { return dtype_of<T>(); }
  Shape input_shape() const override { return input_; }
  std::vector<NamedView> parameters() override;
  NamedArrays outputs(ArrayView x, const Context& context) const override;

  Evaluation evaluate(const Batch& batch, const Context& context, Tape& tape) const override;
  Evaluation evaluate_with_gradient(const Batch& batch, const Context& context, Tape& tape,
                                    Gradient& gradient) const override;

  Array logits(ArrayView x, const Context& context, Tape& tape) const override;
  Array pull_back(ArrayView cotangent, const Tape& tape) const override;

 private:
  struct Stage {
    std::string name;
    std::unique_ptr<Layer<T>> layer;
    std::vector<Parameter<T>*> parameters;
  };
  // The activities between the stages, a tape for each, and gradients with the layers' own element type.
  struct Pass {
    std::vector<Activity<T>> activities;
    mutable std::vector<Tape> tapes;
    mutable std::vector<Activity<T>> cotangents;
    mutable std::vector<std::vector<Tensor<T>>> gradients;
    Tensor<T> loss_gradient;
  };
  const Activity<T>& forward(ArrayView x, double divisor, const Context& context, Tape& tape) const;
  void backward(const Pass& pass, bool to_input) const;

  Shape input_;
  std::vector<Stage> stages_;
  std::unique_ptr<Loss<T>> loss_;
};

}  // namespace neurarium
