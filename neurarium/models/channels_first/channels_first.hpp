// channels_first: pictures as data sets keep them, [height, width, channels], become [channels, height, width], which layers
// of images read. y[c, i, j] = x[i, j, c]; the gradient goes back the same way. Pictures [height, width] become
// [1, height, width].
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct ChannelsFirstParams {
  std::string name;
  static Schema fields();
};

template <class T>
class ChannelsFirst : public Layer<T> {
 public:
  using Params = ChannelsFirstParams;
  explicit ChannelsFirst(const Params&) {}

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  Shape entry_;
  std::size_t pixels_ = 0, channels_ = 0;
};

}  // namespace neurarium
