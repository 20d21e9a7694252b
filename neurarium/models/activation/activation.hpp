// activation: an activation function as a layer of its own, Y = g(X), for places where no dense or conv2d stands before it:
// behind batch_norm, behind residual. Entries of any shape keep it.
//   y = g(x)        ∂E/∂x = g'(x) ∂E/∂y        (the functions: nn/activation_function.hpp)
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/activation_function.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct ActivationParams {
  std::string name;
  std::string function = "relu";
  static Schema fields();
};

template <class T>
class Activation : public Layer<T> {
 public:
  using Params = ActivationParams;
  explicit Activation(const Params& params) : function_(activation_function(params.function)) {}

  Shape build(const Shape& input, const std::string&, std::uint64_t) override { return input; }
  std::optional<Layout> layout(std::size_t) const override { return std::nullopt; }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    View<const T> in, out;
  };
  ActivationFunction function_;
};

}  // namespace neurarium
