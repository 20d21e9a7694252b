// delay_line: each unit comes several times, later and later, so that weights behind it can look back in time.
//
// Of spike times of [units] it makes spike times of [copies · units]: a spike of unit u at t becomes one of unit c · units + u at
// t + c · spacing, for c = 0 … copies − 1. Copies at the sample's end or later are left out. In training and while evaluated alike.
// Backward: a spike's gradient is the sum of those of its copies.
// Source: Nowotny, Turner, Knight, Neuromorphic Computing and Engineering 5, 2025 (ten copies, 30 ms apart).
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/spike_mover.hpp"

namespace neurarium {

struct DelayLineParams {
  std::string name;
  std::int64_t copies = 10;
  double spacing = 30e-3;
  static Schema fields();
};

template <class T>
class DelayLine : public SpikeMover<T> {
 public:
  using Params = DelayLineParams;
  explicit DelayLine(const Params& params) : params_(params) {}

 protected:
  std::size_t units_of_output() const override { return static_cast<std::size_t>(params_.copies) * this->units_; }
  double move(const typename SpikeMover<T>::Sample& sample, const Context& context, MovedSpikes<T>& out) const override;

 private:
  Params params_;
};

}  // namespace neurarium
