// latency_encoder: numbers become times: each unit fires once, and when it does says how large its number is.
//
// Of x [features], numbers in [0, 1] (entries of any shape are taken as flat rows), it makes spikes of as many units, at
//   t = earliest + (latest − earliest) (1 − x)    order = "larger_first": what is strong is seen early
//   t = earliest + (latest − earliest) x          order = "larger_later": the Yin-Yang task's order
// in seconds, in samples that last `duration`. Units with x ≤ silent_below do not fire. With bias_time, one more unit, the last, fires
// at that time in every sample, so that later layers know when it began.
//
// Backward: ∂E/∂x = ∂E/∂t · dt/dx, dt/dx = ∓ (latest − earliest), exact for units that fire; 0 for those that don't (no small change
// of x makes them fire). Numbers that rounding has moved out of [0, 1], by 1e-6 at most, count as 0 and 1.
// Source: Kriener, Göltz, Petrovici, "The Yin-Yang dataset", NICE 2022; Göltz et al., Nature Machine Intelligence 3, 2021.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct LatencyEncoderParams {
  std::string name;
  double earliest = 0;
  double latest = 30e-3;
  double duration = 60e-3;
  std::string order = "larger_first";
  double silent_below = -1;
  double bias_time = -1;
  static Schema fields();
};

template <class T>
class LatencyEncoder : public Layer<T> {
 public:
  using Params = LatencyEncoderParams;
  /// SpecError unless earliest ≤ latest ≤ duration and bias_time ≤ duration.
  explicit LatencyEncoder(const Params& params);

  /// ShapeError for no features, or more than spikes can name (core/spike_times.hpp).
  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  bool gives_times() const override { return true; }
  /// NumericError for a number that is not finite, DataError for one outside [0, 1]; both name the layer and the place.
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    const SpikeTimes<T>* spikes = nullptr;  ///< what went out; the caller keeps them
    Shape input;                            ///< [sample, entry…]
  };
  bool has_bias() const { return params_.bias_time >= 0; }
  void require_in_range(View<const T> x, const Context& context) const;

  Params params_;
  double slope_;  ///< dt/dx
  std::string name_;
  std::size_t features_ = 0;
};

}  // namespace neurarium
