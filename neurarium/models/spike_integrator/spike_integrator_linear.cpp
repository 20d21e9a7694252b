// Readouts that are linear in W: answer = Φ W.
#include <algorithm>
#include <cmath>

#include "neurarium/kernels/gemm.hpp"
#include "neurarium/models/spike_integrator/spike_integrator.hpp"

namespace neurarium {

using kernels::gemm;
using kernels::Op;

template <class T>
double SpikeIntegrator<T>::weight_rate(double duration) const {
  return params_.readout != "weighted" ? 0 : 1 / (params_.tau_weight > 0 ? params_.tau_weight : duration);
}

template <class T>
double SpikeIntegrator<T>::scale_of(double t, double duration) const {
  constexpr double in_milliseconds = 1e3;
  return params_.readout == "sum" ? in_milliseconds : std::exp(-weight_rate(duration) * t) / duration;
}

template <class T>
InputCourse SpikeIntegrator<T>::course_of_input(const Cache& cache) const {
  return {cache.tau, params_.tau_weight > 0 ? params_.tau_weight : params_.tau_membrane, cache.in->duration()};
}

// With u = T − t: V(u), or e^(−κt) Φ(u) for the integrals, whose d/dt is −κ(…) − e^(−κt) Φ'(u). 1 − t/T is (u − s)/T of what lies s after t.
template <class T>
Response SpikeIntegrator<T>::answer_to(double t, const Cache& cache) const {
  const double duration = cache.duration, u = duration - t;
  if (!(u > 0)) return {0, 0};
  if (params_.readout == "last") {
    const Response v = potential(cache.tau, u);
    return {v.value, -v.slope};
  }
  if (params_.readout == "linear_weighted") {
    const Response psi = ramp(cache.tau, u);
    return {psi.value / (duration * duration), -psi.slope / (duration * duration)};
  }
  if (params_.readout == "sigmoid_weighted") {
    const Response y = cache.sigmoid.answer_to(t);
    return {y.value / duration, y.slope / duration};
  }
  const double kappa = weight_rate(duration), scale = scale_of(t, duration);
  const Response phi = integral(cache.tau, kappa, u);
  return {scale * phi.value, -scale * (kappa * phi.value + phi.slope)};
}

template <class T>
OfTimeConstants SpikeIntegrator<T>::answer_by_tau(double t, const Cache& cache) const {
  const double duration = cache.duration, u = duration - t;
  if (!(u > 0)) return {0, 0};
  const auto times = [](double factor, const OfTimeConstants& of) {
    return OfTimeConstants{factor * of.of_log_membrane, factor * of.of_log_synapse};
  };
  if (params_.readout == "last") return potential_by_tau(cache.tau, u);
  if (params_.readout == "linear_weighted") return times(1 / (duration * duration), ramp_by_tau(cache.tau, u));
  if (params_.readout == "sigmoid_weighted") return times(1 / duration, cache.sigmoid.by_tau(t));
  return times(scale_of(t, duration), integral_by_tau(cache.tau, weight_rate(duration), u));
}

namespace {
/// How many spikes of a sample come before its end.
template <class T>
std::size_t in_time(const SpikeTimes<T>& spikes, std::size_t sample) {
  const auto times = spikes.times(sample);
  return static_cast<std::size_t>(
      std::ranges::partition_point(times, [&](T t) { return static_cast<double>(t) < spikes.duration(); }) -
      times.begin());
}
}  // namespace

template <class T>
void SpikeIntegrator<T>::answers_to_sample(std::size_t sample, Cache& cache) const {
  const SpikeTimes<T>& in = *cache.in;
  const auto times = in.times(sample).first(in_time(in, sample));
  if (weighs_by_input()) {
    cache.times.assign(times.begin(), times.end());
    course_of_input(cache).answers(cache.times, cache.answers);
    const double scale = 1 / (in.duration() * static_cast<double>(inputs_));
    for (Response& answer : cache.answers) answer = {scale * answer.value, scale * answer.slope};
    return;
  }
  cache.answers.resize(times.size());
  for (std::size_t k = 0; k < times.size(); ++k)  // spikes that come from a grid often share their time
    cache.answers[k] =
        k > 0 && times[k] == times[k - 1] ? cache.answers[k - 1] : answer_to(static_cast<double>(times[k]), cache);
}

template <class T>
void SpikeIntegrator<T>::forward_linear(Activity<T>& out, Cache& cache, bool backward_follows) const {
  const SpikeTimes<T>& in = *cache.in;
  const std::size_t n = in.samples();
  cache.sums.resize(Shape{n, inputs_});
  std::ranges::fill(cache.sums.flat(), T{0});
  cache.slope.assign(backward_follows ? in.events() : 0, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const auto units = in.units_of(i);
    answers_to_sample(i, cache);
    for (std::size_t k = 0; k < cache.answers.size(); ++k) {
      cache.sums(i, units[k]) += static_cast<T>(params_.gain * cache.answers[k].value);
      if (backward_follows) cache.slope[in.first(i) + k] = params_.gain * cache.answers[k].slope;
    }
  }
  gemm<T>(1, cache.sums.view(), Op::none, cache.signs.weight, Op::none, 0, out.make_dense(Shape{n, units_}));
}

template <class T>
void SpikeIntegrator<T>::backward_linear(View<const T> out_gradient, const Cache& cache, Slopes& slopes) const {
  const SpikeTimes<T>& in = *cache.in;
  if (slopes.of_parameters) gemm<T>(1, cache.sums.view(), Op::transpose, out_gradient, Op::none, 1, slopes.of_weight);
  const bool learns_time = params_.learn_time_constants && slopes.of_parameters;
  if (slopes.of_times.empty() && !learns_time) return;
  cache.of_sums.resize(Shape{in.samples(), inputs_});
  gemm<T>(1, out_gradient, Op::none, cache.signs.weight, Op::transpose, 0, cache.of_sums.view());
  for (std::size_t i = 0; i < in.samples(); ++i) {
    const auto times = in.times(i);
    const auto units = in.units_of(i);
    for (std::size_t k = 0; k < times.size(); ++k) {
      const double of_sum = static_cast<double>(cache.of_sums(i, units[k]));
      if (!slopes.of_times.empty())
        slopes.of_times[in.first(i) + k] = static_cast<T>(of_sum * cache.slope[in.first(i) + k]);
      if (!learns_time || weighs_by_input()) continue;
      const OfTimeConstants f = answer_by_tau(static_cast<double>(times[k]), cache);
      slopes.of_log_membrane += params_.gain * of_sum * f.of_log_membrane;
      slopes.of_log_synapse += params_.gain * of_sum * f.of_log_synapse;
    }
    if (weighs_by_input()) backward_of_input(i, cache, learns_time, slopes);
  }
}

template <class T>
void SpikeIntegrator<T>::backward_of_input(std::size_t sample, const Cache& cache, bool learns_time,
                                           Slopes& slopes) const {
  const SpikeTimes<T>& in = *cache.in;
  const auto times = in.times(sample).first(in_time(in, sample));
  const auto units = in.units_of(sample);
  const double scale = params_.gain / (in.duration() * static_cast<double>(inputs_));
  cache.times.assign(times.begin(), times.end());
  cache.weights.resize(times.size());
  for (std::size_t k = 0; k < times.size(); ++k)
    cache.weights[k] = scale * static_cast<double>(cache.of_sums(sample, units[k]));
  const InputCourse course = course_of_input(cache);
  if (!slopes.of_times.empty()) {
    course.by_weight(cache.times, cache.weights, cache.by_weight);
    for (std::size_t k = 0; k < times.size(); ++k)
      slopes.of_times[in.first(sample) + k] += static_cast<T>(cache.by_weight[k]);
  }
  if (!learns_time) return;
  const OfTimeConstants of = course.by_tau(cache.times, cache.weights);
  slopes.of_log_membrane += of.of_log_membrane, slopes.of_log_synapse += of.of_log_synapse;
}

template void SpikeIntegrator<float>::forward_linear(Activity<float>&, Cache&, bool) const;
template void SpikeIntegrator<double>::forward_linear(Activity<double>&, Cache&, bool) const;
template void SpikeIntegrator<float>::backward_linear(View<const float>, const Cache&, Slopes&) const;
template void SpikeIntegrator<double>::backward_linear(View<const double>, const Cache&, Slopes&) const;

}  // namespace neurarium
