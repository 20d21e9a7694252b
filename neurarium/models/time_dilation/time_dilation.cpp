#include "neurarium/models/time_dilation/time_dilation.hpp"

namespace neurarium {

Schema TimeDilationParams::fields() {
  using P = TimeDilationParams;
  return Schema::of<P>({
      field("name", &P::name,
            "Name of the layer in messages and for its random draws; default time_dilation1, time_dilation2, …"),
      field("largest", &P::largest, "The largest share by which a sample is made longer or shorter.")
          .at_least(0)
          .below(1),
  });
}

template <class T>
double TimeDilation<T>::move(const typename SpikeMover<T>::Sample& sample, const Context& context,
                             MovedSpikes<T>& out) const {
  if (context.mode != Mode::train) return this->keep(sample, out);
  const double draw = uniform(Stream(context.seed, this->name_), {context.epoch, sample.id, 0, 0});
  const double factor = 1 + params_.largest * (2 * draw - 1);
  for (std::size_t k = 0; k < sample.times.size(); ++k)
    if (const double time = factor * static_cast<double>(sample.times[k]); time < sample.duration)
      out.add(static_cast<T>(time), sample.units[k], k);
  return factor;
}

template class TimeDilation<float>;
template class TimeDilation<double>;

void register_time_dilation(Registry& registry) {
  using P = TimeDilationParams;
  registry.add<P>("layer", "time_dilation", "In training, makes each sample's spikes come faster or slower.")
      .makes<Layer<float>>([](const P& p) { return std::make_unique<TimeDilation<float>>(p); })
      .makes<Layer<double>>([](const P& p) { return std::make_unique<TimeDilation<double>>(p); });
}

}  // namespace neurarium
