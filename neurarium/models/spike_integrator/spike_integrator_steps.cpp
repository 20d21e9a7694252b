// Spikes on a grid: what a spike of each step does is known before any comes, so time is summed first and W multiplied once.
#include <algorithm>

#include "neurarium/kernels/events.hpp"
#include "neurarium/kernels/gemm.hpp"
#include "neurarium/models/spike_integrator/spike_integrator.hpp"

namespace neurarium {

using kernels::gemm;
using kernels::Op;

template <class T>
void SpikeIntegrator<T>::forward_grid(const Activity<T>& in, Activity<T>& out, Cache& cache) const {
  const std::size_t n = cache.samples;
  cache.on_grid = &in;
  cache.per_step.resize(grid_steps_);
  for (std::size_t s = 0; s < grid_steps_; ++s)
    cache.per_step[s] =
        static_cast<T>(params_.gain * answer_to(params_.start + static_cast<double>(s) * params_.dt, cache).value);
  cache.sums.resize(Shape{n, inputs_});
  std::ranges::fill(cache.sums.flat(), T{0});
  for (std::size_t i = 0; i < n; ++i) {
    T* sums = cache.sums.data() + i * inputs_;
    if (in.layout() == Layout::spikes) {
      kernels::add_per_event({in.spikes().rows(i), in.spikes().all(), grid_steps_}, cache.per_step.data(), sums);
      continue;
    }
    const T* row = in.dense().data() + i * grid_steps_ * inputs_;
    for (std::size_t s = 0; s < grid_steps_; ++s, row += inputs_)
      for (std::size_t j = 0; j < inputs_; ++j) sums[j] += cache.per_step[s] * row[j];
  }
  gemm<T>(1, cache.sums.view(), Op::none, cache.signs.weight, Op::none, 0, out.make_dense(Shape{n, units_}));
}

// ∂E/∂x_s = gain · F(s) · (∂E/∂answer Wᵀ): at spikes it stays a product.
template <class T>
void SpikeIntegrator<T>::backward_grid(View<const T> out_gradient, Activity<T>* in_gradient, const Cache& cache,
                                       Slopes& slopes) const {
  const Activity<T>& in = *cache.on_grid;
  const std::size_t n = cache.samples;
  const bool are_spikes = in.layout() == Layout::spikes;
  if (slopes.of_parameters) gemm<T>(1, cache.sums.view(), Op::transpose, out_gradient, Op::none, 1, slopes.of_weight);
  const bool learns_time = params_.learn_time_constants && slopes.of_parameters;
  if (!in_gradient && !learns_time) return;
  cache.of_sums.resize(Shape{n, inputs_});
  gemm<T>(1, out_gradient, Op::none, cache.signs.weight, Op::transpose, 0, cache.of_sums.view());
  for (std::size_t s = 0; s < grid_steps_ && learns_time; ++s) {
    double sum = 0;  // Σ of what one per-step factor is multiplied by
    for (std::size_t i = 0; i < n; ++i) {
      if (are_spikes) {
        for (const StepSpikes::Unit unit : in.spikes().at(i, s)) sum += static_cast<double>(cache.of_sums(i, unit));
      } else {
        const T* row = in.dense().data() + (i * grid_steps_ + s) * inputs_;
        for (std::size_t j = 0; j < inputs_; ++j) sum += static_cast<double>(row[j] * cache.of_sums(i, j));
      }
    }
    const OfTimeConstants f = answer_by_tau(params_.start + static_cast<double>(s) * params_.dt, cache);
    slopes.of_log_membrane += params_.gain * sum * f.of_log_membrane;
    slopes.of_log_synapse += params_.gain * sum * f.of_log_synapse;
  }
  if (!in_gradient) return;
  if (are_spikes) {
    std::ranges::copy(cache.of_sums.flat(), in_gradient->make_product(n, grid_steps_, inputs_).flat().begin());
    in_gradient->factors() = cache.per_step;
    return;
  }
  T* to = in_gradient->make_dense(Shape{n, grid_steps_, inputs_}).data();
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t s = 0; s < grid_steps_; ++s, to += inputs_)
      for (std::size_t j = 0; j < inputs_; ++j) to[j] = cache.per_step[s] * cache.of_sums(i, j);
}

template void SpikeIntegrator<float>::forward_grid(const Activity<float>&, Activity<float>&, Cache&) const;
template void SpikeIntegrator<double>::forward_grid(const Activity<double>&, Activity<double>&, Cache&) const;
template void SpikeIntegrator<float>::backward_grid(View<const float>, Activity<float>*, const Cache&, Slopes&) const;
template void SpikeIntegrator<double>::backward_grid(View<const double>, Activity<double>*, const Cache&,
                                                     Slopes&) const;

}  // namespace neurarium
