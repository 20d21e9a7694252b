// average_pool: the mean of each window, channel by channel.
//
// For entries X [channels, height, width] (or [height, width]), windows of `size`² values that are `stride` apart:
//   y[c, i, j] = 1/size² Σ_u Σ_v x[c, i s + u − p, j s + v − p]       height' = ⌊(height + 2 p − size) / s⌋ + 1
// Places of the padding p count as zeros. Backward: each value of the window gets ∂E/∂y / size².
// As torch.nn.AvgPool2d with its defaults. Source: LeCun, Bottou, Bengio, Haffner, Proc. IEEE 1998 (its subsampling).
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/pooling_layer.hpp"

namespace neurarium {

struct AveragePoolParams {
  std::string name;
  std::int64_t size = 2;
  std::int64_t stride = 0;
  std::int64_t padding = 0;
  static Schema fields();
};

template <class T>
class AveragePool : public PoolingLayer<T, AveragePoolParams> {
 public:
  using PoolingLayer<T, AveragePoolParams>::PoolingLayer;
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;
};

}  // namespace neurarium
