#include "neurarium/models/spike_times/spike_times.hpp"

namespace neurarium {

Schema SpikeTimesParams::fields() {
  using P = SpikeTimesParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in messages; default spike_times1, spike_times2, …"),
      field("dt", &P::dt, "Length of a step.").unit("s").positive(),
  });
}

template <class T>
Shape SpikeTimesLayer<T>::build(const Shape& input, const std::string& name, std::uint64_t) {
  if (input.axes() != 2 || input[0] == 0 || input[1] == 0)
    throw ShapeError(name, "entries of [steps, units]", to_string(input),
                     "it is for spikes on a grid of time; numbers become times by latency_encoder");
  name_ = name, steps_ = input[0], units_ = input[1];
  return Shape{units_};
}

template <class T>
void SpikeTimesLayer<T>::forward(const Activity<T>& in, Activity<T>& out, const Context&, Tape& tape) const {
  Cache& cache = tape.cache<Cache>();
  if (in.layout() != Layout::spikes) convert(in, Layout::spikes, cache.counted);
  const SpikesView from = (in.layout() == Layout::spikes ? in : std::as_const(cache.counted)).spikes();
  SpikeTimes<T>& times = out.make_times(in.samples(), units_, static_cast<double>(steps_) * params_.dt);
  for (std::size_t i = 0; i < in.samples(); ++i) {
    for (std::size_t s = 0; s < steps_; ++s)
      for (const StepSpikes::Unit unit : from.at(i, s))
        times.add(static_cast<T>(static_cast<double>(s) * params_.dt), unit);
    times.end_sample();
  }
}

template <class T>
void SpikeTimesLayer<T>::backward(const Activity<T>&, Activity<T>* in_gradient, const Tape&,
                                  std::span<const View<T>>) const {
  if (in_gradient)
    throw SpecError(
        name_ + ": spikes on a grid of time have no derivative, so there is no gradient at its input",
        "put it first, before everything that learns; for attacks and layers that learn in front, encode numbers "
        "by latency_encoder");
}

template class SpikeTimesLayer<float>;
template class SpikeTimesLayer<double>;

void register_spike_times(Registry& registry) {
  using P = SpikeTimesParams;
  registry.add<P>("layer", "spike_times", "Spikes on a grid of time become spikes at times.")
      .makes<Layer<float>>([](const P& p) { return std::make_unique<SpikeTimesLayer<float>>(p); })
      .makes<Layer<double>>([](const P& p) { return std::make_unique<SpikeTimesLayer<double>>(p); });
}

}  // namespace neurarium
