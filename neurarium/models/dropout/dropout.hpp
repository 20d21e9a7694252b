// dropout: in training each number is left out with probability p, and the others are raised to keep the mean.
//   training:   y = x / (1 − p) with probability 1 − p, else 0        ∂E/∂x = ∂E/∂y / (1 − p) or 0, likewise
//   else:       y = x
// Whether element e of a sample is left out is a pure function of (seed of the run, name of the layer, epoch, index of the sample
// in its data set, e): number e mod 4 of the Philox block with counter (epoch, sample, 0, ⌊e / 4⌋) is below p 2³². So shards,
// threads and the layout of an activity can't matter, and the same sample meets another mask in each epoch.
// As torch.nn.Dropout. Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, JMLR 2014.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct DropoutParams {
  std::string name;
  double rate = 0.5;
  static Schema fields();
};

template <class T>
class Dropout : public Layer<T> {
 public:
  using Params = DropoutParams;
  explicit Dropout(const Params& params) : rate_(params.rate) {}

  Shape build(const Shape& input, const std::string& name, std::uint64_t) override {
    name_ = name;
    return input;
  }
  std::optional<Layout> layout(std::size_t) const override { return std::nullopt; }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    bool acts = false;
    Tensor<T> factors;  ///< 0 or 1/(1 − p), as the numbers lie
    std::vector<std::uint32_t> samples, draws;
  };
  void draw(const Activity<T>& in, const Context& context, Cache& cache) const;

  double rate_;
  std::string name_;
};

}  // namespace neurarium
