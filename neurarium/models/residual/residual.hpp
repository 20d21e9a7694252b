// residual: layers beside a way around them, y = s(x) + f(x).
//   f: the layers of `layers`, one after the other.   s: those of `shortcut`; with none, s(x) = x.
//   ∂E/∂x = f'ᵀ ∂E/∂y + s'ᵀ ∂E/∂y
// f(x) and s(x) must have the same shape. Parameters are named as in torch.nn.Sequential with names: "conv2d1.weight",
// "shortcut.conv2d1.weight", behind the name of this layer.
// Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/chain.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct ResidualParams {
  std::string name;
  std::vector<Component> layers;
  std::vector<Component> shortcut;
  static Schema fields();
};

template <class T>
class Residual : public Layer<T> {
 public:
  using Params = ResidualParams;
  /// `registry` makes the layers in build(), and must live until then.
  Residual(const Params& params, const Registry& registry) : params_(params), registry_(&registry) {}

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<Parameter<T>*> parameters() override { return parameters_; }
  std::vector<Parameter<T>*> buffers() override { return buffers_; }
  std::optional<Layout> layout(std::size_t) const override { return std::nullopt; }
  bool couples_samples() const override;
  bool says_support() const override;
  bool has_surrogate_gradient() const override {
    return layers_->has_surrogate_gradient() || (shortcut_ && shortcut_->has_surrogate_gradient());
  }
  double penalty(const Tape& tape) const override;
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;
  void forward_batch(std::span<const ForwardShard<T>> shards, const EachShard& each) const override;
  void backward_batch(std::span<const BackwardShard<T>> shards, const EachShard& each) const override;
  void keep_statistics(const Tape& tape) override;

 private:
  /// What one of the two ways leaves: its tape, its end, and room for what has to lie the other way round.
  struct Way {
    mutable Tape tape;
    Activity<T> end;
    mutable Activity<T> turned, in_gradient;
  };
  struct Cache {
    const Activity<T>* in = nullptr;
    Way layers, shortcut;
  };
  void take_names(const Chain<T>& chain, const std::string& name);
  void send_back(const Chain<T>& chain, Way Cache::*which, std::span<const BackwardShard<T>> shards,
                 std::size_t first_parameter, const EachShard& each) const;

  Params params_;
  const Registry* registry_;
  std::unique_ptr<Chain<T>> layers_, shortcut_;
  std::vector<Parameter<T>*> parameters_, buffers_;
  std::size_t parameters_of_layers_ = 0;
};

}  // namespace neurarium
