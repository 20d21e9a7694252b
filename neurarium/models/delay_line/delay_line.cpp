#include "neurarium/models/delay_line/delay_line.hpp"

namespace neurarium {

Schema DelayLineParams::fields() {
  using P = DelayLineParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in messages; default delay_line1, delay_line2, …"),
      field("copies", &P::copies, "How often each unit comes, the undelayed one among them.").between(1, 65536),
      field("spacing", &P::spacing, "How much later each copy comes than the one before.").unit("s").positive(),
  });
}

template <class T>
double DelayLine<T>::move(const typename SpikeMover<T>::Sample& sample, const Context&, MovedSpikes<T>& out) const {
  for (std::size_t k = 0; k < sample.times.size(); ++k)
    for (std::size_t c = 0; c < static_cast<std::size_t>(params_.copies); ++c) {
      const double time = static_cast<double>(sample.times[k]) + static_cast<double>(c) * params_.spacing;
      if (c > 0 && time >= sample.duration) break;
      out.add(static_cast<T>(time), c * this->units_ + sample.units[k], k);
    }
  return 1;
}

template class DelayLine<float>;
template class DelayLine<double>;

void register_delay_line(Registry& registry) {
  using P = DelayLineParams;
  registry.add<P>("layer", "delay_line", "Copies of all units that fire later and later.")
      .makes<Layer<float>>([](const P& p) { return std::make_unique<DelayLine<float>>(p); })
      .makes<Layer<double>>([](const P& p) { return std::make_unique<DelayLine<double>>(p); });
}

}  // namespace neurarium
