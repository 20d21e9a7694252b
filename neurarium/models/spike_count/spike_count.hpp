// spike_count: how often each unit fired; the readout of a network whose last layer spikes.
// Samples are spikes (or numbers) x [steps, units]; the answer is, by `scale`,
//   count   c = Σ_t x_t              [units]
//   rate    c / (steps · dt)         [units], in Hz
// Backward: ∂E/∂x_t = ∂E/∂c at every step. Counts are large beside usual logits, rates more so: `factor` scales them.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct SpikeCountParams {
  std::string name;
  std::string scale = "count";
  double dt = 1e-3;
  double factor = 1;
  static Schema fields();
};

template <class T>
class SpikeCount : public Layer<T> {
 public:
  using Params = SpikeCountParams;
  explicit SpikeCount(const Params& params) : params_(params) {}

  Shape build(const Shape& input, const std::string& name, std::uint64_t) override;
  bool takes_spikes() const override { return true; }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    bool of_spikes = false;
  };
  Params params_;
  std::size_t steps_ = 0, units_ = 0;
  T factor_ = 1;  ///< what a spike counts
};

}  // namespace neurarium
