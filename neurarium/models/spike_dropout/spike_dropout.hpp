// spike_dropout: in training, spikes are left out at random.
//
// Of spike times of [units] each spike is left out with probability `rate`, by itself; the others stay as they are (spikes have no
// strength that could make up for it). While evaluated, all stay. Whether spike k of a sample goes is decided by number k mod 4 of the
// Philox block with counter (epoch, sample, 0, ⌊k / 4⌋) and the key (seed, name): a pure function, whatever the threads and shards.
// Backward: spikes that were left out have no gradient.
// Source: Nowotny, Turner, Knight, Neuromorphic Computing and Engineering 5, 2025; after Srivastava et al., JMLR 15, 2014.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/spike_mover.hpp"

namespace neurarium {

struct SpikeDropoutParams {
  std::string name;
  double rate = 0.1;
  static Schema fields();
};

template <class T>
class SpikeDropout : public SpikeMover<T> {
 public:
  using Params = SpikeDropoutParams;
  explicit SpikeDropout(const Params& params) : params_(params) {}

 protected:
  double move(const typename SpikeMover<T>::Sample& sample, const Context& context, MovedSpikes<T>& out) const override;

 private:
  Params params_;
};

}  // namespace neurarium
