// channel_shift: in training, all spikes of a sample move to other units, as if it had been spoken a little higher or lower.
//
// Of spike times of [units], with a whole number s drawn for each sample, uniform in −largest … largest:
//   a spike of unit u becomes one of unit u + s, at the same time; what falls off either end is left out
// While evaluated, it does nothing. The draw is a pure function of seed, layer's name, epoch and sample (counter (epoch, sample, 0, 0)).
// Source: Nowotny, Turner, Knight, Neuromorphic Computing and Engineering 5, 2025 (±40 of the 700 channels of SHD).
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/spike_mover.hpp"

namespace neurarium {

struct ChannelShiftParams {
  std::string name;
  std::int64_t largest = 40;
  static Schema fields();
};

template <class T>
class ChannelShift : public SpikeMover<T> {
 public:
  using Params = ChannelShiftParams;
  explicit ChannelShift(const Params& params) : params_(params) {}

 protected:
  double move(const typename SpikeMover<T>::Sample& sample, const Context& context, MovedSpikes<T>& out) const override;

 private:
  Params params_;
};

}  // namespace neurarium
