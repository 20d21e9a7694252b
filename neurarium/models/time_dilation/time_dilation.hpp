// time_dilation: in training, each sample goes faster or slower, as if it had been spoken so.
//
// Of spike times of [units], with a factor f drawn for each sample, uniform in [1 − largest, 1 + largest): t becomes f t. The sample lasts
// as long as before; spikes that would come at its end or later are left out. While evaluated, it does nothing.
// The draw is a pure function of seed, layer's name, epoch and sample (counter (epoch, sample, 0, 0)). Backward: ∂E/∂t = f ∂E/∂(f t).
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/spike_mover.hpp"

namespace neurarium {

struct TimeDilationParams {
  std::string name;
  double largest = 0.1;
  static Schema fields();
};

template <class T>
class TimeDilation : public SpikeMover<T> {
 public:
  using Params = TimeDilationParams;
  explicit TimeDilation(const Params& params) : params_(params) {}

 protected:
  double move(const typename SpikeMover<T>::Sample& sample, const Context& context, MovedSpikes<T>& out) const override;

 private:
  Params params_;
};

}  // namespace neurarium
