// poisson_encoder: numbers become spikes: the larger a number, the more often its unit fires.
//
// Of x [features], numbers in [0, 1] (entries of any shape are taken as flat rows), it makes spikes s [steps, features]:
//   P = min(1, max(0, x · gain · maximal_rate · dt)),   s_t = 1 with probability P, else 0,   t = 0 … steps − 1
// each draw for itself: a Poisson process on a grid of time, of rate x · gain · maximal_rate (in Hz) as long as P is small.
//
// The draw for feature e in step t is number e mod 4 of the Philox block with counter (epoch, sample, t, ⌊e / 4⌋) and the key
// (seed of the run, name of the layer); it fires where the draw is below P 2³². So threads, shards and the order of a batch can't
// matter, and a sample meets other spikes in each epoch of training. While evaluated, all samples meet the same draws, with counter
// (0, 0, t, ⌊e / 4⌋) and the key (seed, name.evaluation): the network is then a function of the sample alone, whatever stands beside
// it and however often it is asked, and another seed is another draw of that function. Attacks that average gradients over draws
// (nn/attack.hpp) take other seeds.
//
// Backward, straight through: a spike counts as if it were its probability,
//   ∂E/∂x := Σ_t ∂E/∂s_t · ∂P/∂x,   ∂P/∂x = gain · maximal_rate · dt where 0 ≤ P ≤ 1 before it is cut, else 0
// the ends included: a black pixel (x = 0) can only grow, and has the slope of that side; else attacks could not see it.
// soft_spikes = true gives the probabilities themselves, [steps, features] numbers, of which this is the exact gradient.
// Source: Bengio, Léonard, Courville, arXiv 1308.3432 (straight-through estimator); Eshraghian et al., Proc. IEEE 2023 (rate coding).
#pragma once

#include <algorithm>

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct PoissonEncoderParams {
  std::string name;
  std::int64_t steps = 25;
  double dt = 1e-3;
  double maximal_rate = 200;
  double gain = 1;
  bool soft_spikes = false;
  static Schema fields();
};

template <class T>
class PoissonEncoder : public Layer<T> {
 public:
  using Params = PoissonEncoderParams;
  explicit PoissonEncoder(const Params& params)
      : params_(params), slope_(params.gain * params.maximal_rate * params.dt) {}

  /// ShapeError for no features, or more than spikes can name (core/spikes.hpp).
  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  bool has_surrogate_gradient() const override { return !params_.soft_spikes; }
  /// NumericError, naming the layer, if a number is not finite.
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    View<const T> in;  ///< [n, features]
    std::vector<std::uint32_t> draws;
    std::vector<std::uint64_t> thresholds;
    std::vector<StepSpikes::Unit> active, fired;
  };
  void draw_spikes(std::size_t sample, const Context& context, Cache& cache, StepSpikes& out) const;
  double probability(T x) const { return std::clamp(slope_ * static_cast<double>(x), 0.0, 1.0); }

  Params params_;
  double slope_;
  std::string name_;
  std::size_t steps_ = 0, features_ = 0;
};

}  // namespace neurarium
