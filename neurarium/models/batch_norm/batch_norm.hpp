// batch_norm: each channel with mean 0 and variance 1 over the batch, then a line of its own, y = w x̂ + b.
//
// Over the m values of a channel c in the batch (all samples, for images [channels, height, width] or [height, width] also all
// positions; entries [units] have each unit as a channel):
//   μ = 1/m Σ x,   σ² = 1/m Σ (x − μ)²,   x̂ = (x − μ) / √(σ² + ε),   y = w x̂ + b                                  (training)
// Backward, with δ = ∂E/∂y:  ∂E/∂w = Σ δ x̂,  ∂E/∂b = Σ δ,  ∂E/∂x = w / √(σ² + ε) · (δ − 1/m Σ δ − x̂ · 1/m Σ δ x̂).
// After each step of training the running statistics follow, ρ ← (1 − momentum) ρ + momentum · (μ, or m/(m−1) σ²); outside of
// training they stand for μ and σ², and samples do not see each other.
// The batch is that of the step, however it is cut into shards: each shard's mean and squares are found in double, and put
// together in shard order (Chan, Golub, LeVeque 1983). Within a shard sums are taken relative to its first value K, which
// keeps them sound: (K − μ)² ≤ m σ².
// Names, shapes and meaning are those of torch.nn.BatchNorm2d and BatchNorm1d. Source: Ioffe, Szegedy, ICML 2015.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct BatchNormParams {
  std::string name;
  double epsilon = 1e-5;
  double momentum = 0.1;
  static Schema fields();
};

template <class T>
class BatchNorm : public Layer<T> {
 public:
  using Params = BatchNormParams;
  explicit BatchNorm(const Params& params) : params_(params) {}

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<Parameter<T>*> parameters() override { return {&weight_, &bias_}; }
  std::vector<Parameter<T>*> buffers() override { return {&running_mean_, &running_var_}; }
  std::optional<Layout> layout(std::size_t) const override {
    return lies_in_lines() ? Layout::sample_minor : Layout::sample_major;
  }
  bool couples_samples() const override { return true; }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;
  void forward_batch(std::span<const ForwardShard<T>> shards, const EachShard& each) const override;
  void backward_batch(std::span<const BackwardShard<T>> shards, const EachShard& each) const override;
  void keep_statistics(const Tape& tape) override;

 private:
  using Numbers = std::vector<double>;
  /// Mean and Σ (x − mean)² of `count` values per channel.
  struct Moments {
    double count = 0;
    Numbers mean, squares;
  };
  struct Cache {
    const Activity<T>* in = nullptr;
    bool of_batch = false;  ///< whether μ and σ² are the batch's
    Moments own, batch;
    Numbers mean, inverse_deviation;
    mutable Numbers sum_delta, sum_products;  ///< Σ δ, Σ δ (x − μ) of this shard
    mutable Numbers shift, sums, products;    ///< per column
    mutable std::vector<T> column_shift, column_scale, column_offset, column_slope;
  };
  bool lies_in_lines() const noexcept { return entry_.axes() > 1; }
  std::size_t blocks() const noexcept { return lies_in_lines() ? channels_ : 1; }
  View<const T> block(const Activity<T>& activity, std::size_t i) const;
  std::span<const T> columns(const Numbers& of_channels, std::size_t block, std::size_t samples,
                             std::vector<T>& out) const;
  void find_moments(const Activity<T>& in, Cache& cache) const;
  void add(const Moments& part, Moments& total) const;
  void normalise(const Activity<T>& in, Activity<T>& out, Cache& cache) const;
  void sum_up(const Activity<T>& out_gradient, const Cache& cache, std::span<const View<T>> gradient) const;
  void write_in_gradient(const Activity<T>& out_gradient, Activity<T>& in_gradient, const Cache& cache,
                         const Numbers& mean_delta, const Numbers& slope) const;

  Params params_;
  std::string name_;
  Shape entry_;
  std::size_t channels_ = 0, positions_ = 1;
  Parameter<T> weight_{"weight", {}}, bias_{"bias", {}}, running_mean_{"running_mean", {}},
      running_var_{"running_var", {}};
};

}  // namespace neurarium
