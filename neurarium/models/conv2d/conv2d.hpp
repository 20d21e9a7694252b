// conv2d: a two-dimensional convolution, Y = g(W ⋆ X + b).
//
// For entries X [channels, height, width] (or [height, width]: one channel) with W [filters, channels/groups, k, k], b [filters]:
//   a[f, i, j] = b[f] + Σ_c Σ_u Σ_v w[f, c, u, v] · x[c, i s + u d − p, j s + v d − p]      (x = 0 outside the image)
//   y = g(a)                  [filters, height', width'],  height' = ⌊(height + 2 p − d (k − 1) − 1) / s⌋ + 1
// with stride s, padding p, dilation d, and c over the channels of the filter's group. Backward, given ∂E/∂y:
//   δ = g'(a) ∂E/∂y,   ∂E/∂w[f, c, u, v] = Σ_n Σ_ij δ[f, i, j] x[c, i s + u d − p, j s + v d − p],   ∂E/∂b[f] = Σ_n Σ_ij δ[f, i, j],
//   ∂E/∂x[c, ·] = Σ_f Σ_uv of w[f, c, u, v] δ[f, i, j] over all i, j that met it.
// Shapes, names and meaning are those of torch.nn.Conv2d. Initial b is 0. With signs
// (one per channel), W is what nn/sign_constraint.hpp makes of the weight.
// Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 1998.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/kernels/convolution.hpp"
#include "neurarium/nn/activation_function.hpp"
#include "neurarium/nn/images.hpp"
#include "neurarium/nn/initialiser.hpp"
#include "neurarium/nn/layer.hpp"
#include "neurarium/nn/signed_weight.hpp"

namespace neurarium {

struct Conv2dParams {
  std::string name;
  std::int64_t filters = 16;
  std::int64_t kernel_size = 3;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
  std::int64_t dilation = 1;
  std::int64_t groups = 1;
  std::string activation = "identity";
  bool use_bias = true;
  Component initialiser{"glorot", Value::table()};
  ArraySource weights;
  ArraySource bias;
  DaleParams dale;
  static Schema fields();
};

template <class T>
class Conv2d : public Layer<T> {
 public:
  using Params = Conv2dParams;
  Conv2d(const Params& params, std::shared_ptr<const Initialiser> initialiser);

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<Parameter<T>*> parameters() override;
  std::vector<Parameter<T>*> buffers() override { return signs_.buffers(); }
  double penalty(const Tape& tape) const override { return tape.cache<Cache>().signs.penalty; }
  std::optional<Layout> layout(std::size_t samples) const override {
    return samples <= few_samples ? Layout::sample_major : Layout::sample_minor;
  }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    View<const T> in, out;  ///< images, with the samples behind or before
    Tensor<T> a;            ///< kept only where g' is not a function of y
    mutable Tensor<T> delta, scratch;
    typename SignedWeight<T>::Pass signs;
  };
  Params params_;
  std::shared_ptr<const Initialiser> initialiser_;
  ActivationFunction activation_;
  kernels::Convolution convolution_;
  Shape entry_;  ///< of the input, as it comes
  Parameter<T> weight_{"weight", {}}, bias_{"bias", {}};
  SignedWeight<T> signs_;
};

}  // namespace neurarium
