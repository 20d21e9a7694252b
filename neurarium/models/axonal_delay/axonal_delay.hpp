// axonal_delay: each unit's spikes arrive later, by a time of its own that can be learned.
//
// Samples are spikes (or numbers) x [steps, units]; so are the answers y. With delays d_j in steps, r_j = round(d_j) (halves up):
//   y_t,j = x_{t − r_j},j                 what would leave after the last step is lost
// Backward, with g = ∂E/∂y, and g = 0 before the first and after the last step:
//   ∂E/∂x_t,j = g_{t + r_j},j             exact
//   ∂E/∂d_j   = Σ_t x_t,j (g_{t + r_j + 1},j − g_{t + r_j − 1},j) / 2
// that is, each spike asks how the loss changes if it comes a step later, or a step earlier.
//
// interpolate = true shares each spike out between the two steps around its time: with k = ⌊d_j⌋ and f = d_j − k,
//   y_t,j = (1 − f) x_{t − k},j + f x_{t − k − 1},j        ∂E/∂d_j = Σ_t x_t,j (g_{t + k + 1},j − g_{t + k},j)
// The answers are numbers then, and all gradients are exact.
//
// Delays stay in [0, maximum]: the parameter `delay` [units], counted in steps, is reflected at these two bounds (d = |p| for p
// between −maximum and maximum), so that no delay gets stuck there. A delay moves by steps; whatever a learning rate of Adam is,
// that many steps it moves at a time.
// Sources: Shrestha, Orchard, "SLAYER: spike layer error reassignment in time", NeurIPS 2018; Sun, Zhu, Botteldooren, "Axonal delay as a
// short-term memory for feed forward deep spiking neural networks", ICASSP 2022 (the finite difference in time).
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct AxonalDelayParams {
  std::string name;
  double dt = 1e-3;
  double maximum = 10e-3;
  std::string initial = "uniform";
  double delay = 0;
  ArraySource delays;
  bool learn_delays = true;
  bool interpolate = false;
  static Schema fields();
};

template <class T>
class AxonalDelay : public Layer<T> {
 public:
  using Params = AxonalDelayParams;
  explicit AxonalDelay(const Params& params) : params_(params) {}

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<Parameter<T>*> parameters() override { return chosen(params_.learn_delays); }
  std::vector<Parameter<T>*> buffers() override { return chosen(!params_.learn_delays); }
  bool takes_spikes() const override { return true; }
  bool has_surrogate_gradient() const override { return params_.learn_delays && !params_.interpolate; }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache;
  std::vector<Parameter<T>*> chosen(bool wanted) {
    return wanted ? std::vector<Parameter<T>*>{&delay_} : std::vector<Parameter<T>*>{};
  }
  void look_at_delays(Cache& cache, const Context& context) const;
  void move_events(const SpikesView& spikes, std::size_t sample, Cache& cache, StepSpikes& out) const;
  void move_numbers(View<const T> numbers, const Cache& cache, View<T> out) const;
  void add_delay_gradient(std::size_t sample, const Cache& cache) const;

  Params params_;
  std::string name_;
  std::size_t steps_ = 0, units_ = 0;
  Parameter<T> delay_{"delay", {}};
};

}  // namespace neurarium
