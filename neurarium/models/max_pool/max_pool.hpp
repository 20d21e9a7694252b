// max_pool: the largest value of each window, channel by channel.
//
// For entries X [channels, height, width] (or [height, width]), windows of `size`² values that are `stride` apart:
//   y[c, i, j] = max over u, v of x[c, i s + u − p, j s + v − p]      height' = ⌊(height + 2 p − size) / s⌋ + 1
// Places of the padding p take no part. Backward: ∂E/∂y goes to the first of the largest values, row by row.
// As torch.nn.MaxPool2d. Source: Ranzato, Boureau, LeCun, NIPS 2007.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/pooling_layer.hpp"

namespace neurarium {

struct MaxPoolParams {
  std::string name;
  std::int64_t size = 2;
  std::int64_t stride = 0;
  std::int64_t padding = 0;
  static Schema fields();
};

template <class T>
class MaxPool : public PoolingLayer<T, MaxPoolParams> {
 public:
  using PoolingLayer<T, MaxPoolParams>::PoolingLayer;
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    View<const T> in, out;
  };
};

}  // namespace neurarium
