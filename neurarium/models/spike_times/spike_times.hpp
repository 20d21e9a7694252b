// spike_times: spikes on a grid of time become spikes at times, for layers that know no grid.
//
// Of spikes (or counts of them) [steps, units] it makes spike times of [units]: what fires in step s fires at s · dt, in samples that
// last steps · dt seconds. A unit that fires n times in a step fires n times at that moment.
//
// There is no derivative: on a grid a spike cannot move a little. So nothing in front of this layer can learn through it, and an attack
// can't see through it: whoever asks for the gradient at its input is told so.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct SpikeTimesParams {
  std::string name;
  double dt = 1e-3;
  static Schema fields();
};

template <class T>
class SpikeTimesLayer : public Layer<T> {
 public:
  using Params = SpikeTimesParams;
  explicit SpikeTimesLayer(const Params& params) : params_(params) {}

  Shape build(const Shape& input, const std::string& name, std::uint64_t) override;
  bool takes_spikes() const override { return true; }
  bool gives_times() const override { return true; }
  /// DataError if it is shown numbers that are no counts.
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  /// SpecError if somebody asks for the gradient at its input.
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    Activity<T> counted;
  };
  Params params_;
  std::string name_;
  std::size_t steps_ = 0, units_ = 0;
};

}  // namespace neurarium
