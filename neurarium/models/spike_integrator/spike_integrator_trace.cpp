#include <algorithm>
#include <cmath>

#include "neurarium/models/spike_integrator/spike_integrator.hpp"

namespace neurarium {

// From step to step, exactly: a spike inside a step acts for the rest of it.
template <class T>
void SpikeIntegrator<T>::forward_trace(Activity<T>& out, Cache& cache) const {
  const SpikeTimes<T>& in = *cache.in;
  const double b = 1 / cache.tau.synapse, rise = potential(cache.tau, params_.dt).value,
               decay = std::exp(-params_.dt / cache.tau.membrane), synapse_decay = std::exp(-params_.dt * b);
  const View<T> trace = out.make_dense(Shape{in.samples(), steps_, units_});
  const bool keeps = params_.learn_time_constants;
  cache.potential.resize(keeps ? trace.size() : 0), cache.current.resize(keeps ? trace.size() : 0);
  std::vector<double> v(units_), current(units_);
  for (std::size_t i = 0; i < in.samples(); ++i) {
    std::ranges::fill(v, 0.0), std::ranges::fill(current, 0.0);
    const auto times = in.times(i);
    std::size_t k = 0;
    for (std::size_t s = 0; s < steps_; ++s) {
      const double end = static_cast<double>(s + 1) * params_.dt;
      for (std::size_t j = 0; j < units_; ++j) {
        v[j] = v[j] * decay + current[j] * rise;
        current[j] *= synapse_decay;
      }
      for (; k < times.size() && static_cast<double>(times[k]) <= end && static_cast<double>(times[k]) < in.duration();
           ++k) {
        const double rest = end - static_cast<double>(times[k]), to_v = potential(cache.tau, rest).value,
                     to_current = std::exp(-rest * b);
        const T* row = cache.signs.weight.data() + in.units_of(i)[k] * units_;
        for (std::size_t j = 0; j < units_; ++j) {
          v[j] += to_v * static_cast<double>(row[j]);
          current[j] += to_current * static_cast<double>(row[j]);
        }
      }
      for (std::size_t j = 0; j < units_; ++j) trace(i, s, j) = static_cast<T>(params_.gain * v[j]);
      if (!keeps) continue;
      const auto at = static_cast<std::ptrdiff_t>((i * steps_ + s) * units_);
      std::ranges::copy(v, cache.potential.begin() + at);
      std::ranges::copy(current, cache.current.begin() + at);
    }
  }
}

// λ = ∂E/∂V and μ = ∂E/∂I at the end of a step, which all later steps have added to.
template <class T>
void SpikeIntegrator<T>::backward_trace(View<const T> out_gradient, const Cache& cache, Slopes& slopes) const {
  const SpikeTimes<T>& in = *cache.in;
  const double a = 1 / cache.tau.membrane, b = 1 / cache.tau.synapse, dt = params_.dt;
  const double rise = potential(cache.tau, dt).value, decay = std::exp(-dt * a), synapse_decay = std::exp(-dt * b);
  const OfTimeConstants rise_by_tau = potential_by_tau(cache.tau, dt);
  const bool learns_time = params_.learn_time_constants && slopes.of_parameters;
  std::ranges::fill(slopes.of_times, T{0});
  std::vector<double> lambda(units_), mu(units_);
  for (std::size_t i = 0; i < in.samples(); ++i) {
    std::ranges::fill(lambda, 0.0), std::ranges::fill(mu, 0.0);
    const auto times = in.times(i);
    const double last = static_cast<double>(steps_) * dt;
    std::size_t k = times.size();
    while (k > 0 && (static_cast<double>(times[k - 1]) > last || static_cast<double>(times[k - 1]) >= in.duration()))
      --k;
    for (std::size_t s = steps_; s-- > 0;) {
      const double begin = static_cast<double>(s) * dt, end = static_cast<double>(s + 1) * dt;
      for (std::size_t j = 0; j < units_; ++j) lambda[j] += params_.gain * static_cast<double>(out_gradient(i, s, j));
      for (; k > 0 && (s == 0 || static_cast<double>(times[k - 1]) > begin); --k) {
        const double rest = end - static_cast<double>(times[k - 1]), to_current = std::exp(-rest * b);
        const Response v = potential(cache.tau, rest);
        const std::size_t unit = in.units_of(i)[k - 1];
        const T* row = cache.signs.weight.data() + unit * units_;
        double by_lambda = 0, by_mu = 0;
        for (std::size_t j = 0; j < units_; ++j) {
          by_lambda += static_cast<double>(row[j]) * lambda[j];
          by_mu += static_cast<double>(row[j]) * mu[j];
        }
        if (!slopes.of_times.empty())
          slopes.of_times[in.first(i) + k - 1] = static_cast<T>(by_mu * b * to_current - by_lambda * v.slope);
        if (slopes.of_parameters) {
          T* of_row = slopes.of_weight.data() + unit * units_;
          for (std::size_t j = 0; j < units_; ++j)
            of_row[j] += static_cast<T>(lambda[j] * v.value + mu[j] * to_current);
        }
        if (!learns_time) continue;
        const OfTimeConstants by_tau = potential_by_tau(cache.tau, rest);
        slopes.of_log_membrane += by_lambda * by_tau.of_log_membrane;
        slopes.of_log_synapse += by_lambda * by_tau.of_log_synapse + by_mu * b * rest * to_current;
      }
      for (std::size_t j = 0; j < units_; ++j) {
        if (learns_time && s > 0) {
          const std::size_t at = (i * steps_ + s - 1) * units_ + j;
          const double v = cache.potential[at], current = cache.current[at];
          slopes.of_log_membrane += lambda[j] * (v * a * dt * decay + current * rise_by_tau.of_log_membrane);
          slopes.of_log_synapse += current * (lambda[j] * rise_by_tau.of_log_synapse + mu[j] * b * dt * synapse_decay);
        }
        mu[j] = mu[j] * synapse_decay + lambda[j] * rise;
        lambda[j] *= decay;
      }
    }
  }
}

template void SpikeIntegrator<float>::forward_trace(Activity<float>&, Cache&) const;
template void SpikeIntegrator<double>::forward_trace(Activity<double>&, Cache&) const;
template void SpikeIntegrator<float>::backward_trace(View<const float>, const Cache&, Slopes&) const;
template void SpikeIntegrator<double>::backward_trace(View<const double>, const Cache&, Slopes&) const;

}  // namespace neurarium
