#include "neurarium/nn/spike_mover.hpp"

#include <algorithm>

namespace neurarium {

template <class T>
void MovedSpikes<T>::end_sample(SpikeTimes<T>& out, std::vector<std::uint32_t>& sources) {
  std::ranges::sort(spikes_);
  for (const Spike& spike : spikes_) {
    out.add(spike.time, spike.unit);
    sources.push_back(spike.source);
  }
  out.end_sample();
  spikes_.clear();
}

template <class T>
Shape SpikeMover<T>::build(const Shape& input, const std::string& name, std::uint64_t) {
  if (input.axes() != 1 || input[0] == 0) throw ShapeError(name, "spike times of [units]", to_string(input));
  name_ = name, units_ = input[0];
  const std::size_t units = units_of_output();
  if (units > SpikeTimes<T>::most_units)
    throw ShapeError(name, "at most " + std::to_string(SpikeTimes<T>::most_units) + " units", std::to_string(units));
  return Shape{units};
}

template <class T>
double SpikeMover<T>::keep(const Sample& sample, MovedSpikes<T>& out) {
  for (std::size_t k = 0; k < sample.times.size(); ++k) out.add(sample.times[k], sample.units[k], k);
  return 1;
}

template <class T>
void SpikeMover<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  Cache& cache = tape.cache<Cache>();
  const SpikeTimes<T>& spikes = in.times();
  SpikeTimes<T>& moved = out.make_times(spikes.samples(), units_of_output(), spikes.duration());
  cache.in = &spikes, cache.out = &moved;
  cache.sources.clear(), cache.slopes.clear();
  for (std::size_t i = 0; i < spikes.samples(); ++i) {
    const auto id = static_cast<std::uint32_t>(context.sample_ids.empty() ? i : context.sample_ids[i]);
    cache.slopes.push_back(move({spikes.times(i), spikes.units_of(i), spikes.duration(), id}, context, cache.moved));
    cache.moved.end_sample(moved, cache.sources);
  }
}

template <class T>
void SpikeMover<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                             std::span<const View<T>>) const {
  if (!in_gradient) return;
  const Cache& cache = tape.cache<Cache>();
  const std::span<T> to = in_gradient->make_per_event(*cache.in);
  std::ranges::fill(to, T{0});
  const std::span<const T> given = out_gradient.per_event();
  for (std::size_t i = 0; i < cache.in->samples(); ++i)
    for (std::size_t e = cache.out->first(i); e < cache.out->first(i + 1); ++e)
      to[cache.in->first(i) + cache.sources[e]] += static_cast<T>(cache.slopes[i]) * given[e];
}

template class MovedSpikes<float>;
template class MovedSpikes<double>;
template class SpikeMover<float>;
template class SpikeMover<double>;

}  // namespace neurarium
