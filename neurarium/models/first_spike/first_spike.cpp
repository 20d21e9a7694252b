#include "neurarium/models/first_spike/first_spike.hpp"

#include <algorithm>

namespace neurarium {

Schema FirstSpikeParams::fields() {
  using P = FirstSpikeParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in messages; default first_spike1, first_spike2, …"),
      field("temperature", &P::temperature, "The time that times are divided by: how far apart is clearly apart.")
          .unit("s")
          .positive(),
  });
}

template <class T>
Shape FirstSpike<T>::build(const Shape& input, const std::string& name, std::uint64_t) {
  if (input.axes() != 1 || input[0] == 0) throw ShapeError(name, "spike times of [units]", to_string(input));
  units_ = input[0];
  return input;
}

template <class T>
void FirstSpike<T>::forward(const Activity<T>& in, Activity<T>& out, const Context&, Tape& tape) const {
  Cache& cache = tape.cache<Cache>();
  const SpikeTimes<T>& spikes = in.times();
  const std::size_t n = spikes.samples();
  cache.in = &spikes;
  cache.first.assign(n * units_, none);
  const View<T> z = out.make_dense(Shape{n, units_});
  std::ranges::fill(z.flat(), static_cast<T>(-spikes.duration() / params_.temperature));
  for (std::size_t i = 0; i < n; ++i) {
    const auto units = spikes.units_of(i);
    for (std::size_t k = 0; k < units.size(); ++k) {
      std::size_t& first = cache.first[i * units_ + units[k]];
      if (first != none) continue;
      first = spikes.first(i) + k;
      z(i, units[k]) = static_cast<T>(-static_cast<double>(spikes.times(i)[k]) / params_.temperature);
    }
  }
}

template <class T>
void FirstSpike<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                             std::span<const View<T>>) const {
  if (!in_gradient) return;
  const Cache& cache = tape.cache<Cache>();
  const std::span<T> to = in_gradient->make_per_event(*cache.in);
  std::ranges::fill(to, T{0});
  const auto given = out_gradient.dense().flat();
  for (std::size_t j = 0; j < given.size(); ++j)
    if (cache.first[j] != none)
      to[cache.first[j]] = static_cast<T>(-static_cast<double>(given[j]) / params_.temperature);
}

template class FirstSpike<float>;
template class FirstSpike<double>;

void register_first_spike(Registry& registry) {
  using P = FirstSpikeParams;
  registry.add<P>("layer", "first_spike", "When each unit fired first: a readout of spike times.")
      .makes<Layer<float>>([](const P& p) { return std::make_unique<FirstSpike<float>>(p); })
      .makes<Layer<double>>([](const P& p) { return std::make_unique<FirstSpike<double>>(p); });
}

}  // namespace neurarium
