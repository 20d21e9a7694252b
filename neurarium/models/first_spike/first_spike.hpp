// first_spike: what a network of spike times says at the end: the unit that fires first has won.
//
// Of spike times of [units] it makes numbers [units]
//   z = −t_first / temperature
// so that softmax of z prefers early units, and the largest number is the first unit. A unit that never fires counts as if it fired
// at the end of the sample; a spike beyond the end (how eventprop_lif's `silent_push` answers for a silent unit) is read as it is.
//
// Backward: ∂E/∂t = −∂E/∂z / temperature at each unit's first spike; its later spikes and silent units have none.
// Source: Göltz et al., Nature Machine Intelligence 3, 2021; Wunderlich and Pehle, Scientific Reports 11, 2021 (τ0 = 0.5 ms).
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct FirstSpikeParams {
  std::string name;
  double temperature = 0.5e-3;
  static Schema fields();
};

template <class T>
class FirstSpike : public Layer<T> {
 public:
  using Params = FirstSpikeParams;
  explicit FirstSpike(const Params& params) : params_(params) {}

  Shape build(const Shape& input, const std::string& name, std::uint64_t) override;
  bool takes_times() const override { return true; }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    const SpikeTimes<T>* in = nullptr;
    std::vector<std::size_t> first;  ///< of each sample and unit: which event of all; none: silent
  };
  static constexpr auto none = static_cast<std::size_t>(-1);
  Params params_;
  std::size_t units_ = 0;
};

}  // namespace neurarium
