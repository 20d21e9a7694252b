// flatten: an entry of any shape as one row of numbers, [channels, height, width] → [channels · height · width], in the order
// of torch.nn.Flatten: the last axis is the quickest. `dense` does the same by itself; flatten says it in the list, and lets
// layers of flat entries (batch_norm per unit) follow images.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct FlattenParams {
  std::string name;
  static Schema fields();
};

template <class T>
class Flatten : public Layer<T> {
 public:
  using Params = FlattenParams;
  explicit Flatten(const Params&) {}

  Shape build(const Shape& input, const std::string&, std::uint64_t) override {
    entry_ = input;
    return {input.elements()};
  }
  std::optional<Layout> layout(std::size_t) const override { return std::nullopt; }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    Layout in;
  };
  Shape entry_;
};

}  // namespace neurarium
