#include "neurarium/models/channel_shift/channel_shift.hpp"

#include <cmath>

namespace neurarium {

Schema ChannelShiftParams::fields() {
  using P = ChannelShiftParams;
  return Schema::of<P>({
      field("name", &P::name,
            "Name of the layer in messages and for its random draws; default channel_shift1, channel_shift2, …"),
      field("largest", &P::largest, "How many units a sample may be shifted by, up or down.").between(0, 65535),
  });
}

template <class T>
double ChannelShift<T>::move(const typename SpikeMover<T>::Sample& sample, const Context& context,
                             MovedSpikes<T>& out) const {
  if (context.mode != Mode::train) return this->keep(sample, out);
  const double draw = uniform(Stream(context.seed, this->name_), {context.epoch, sample.id, 0, 0});
  const auto choices = static_cast<double>(2 * params_.largest + 1);
  const auto shift = static_cast<std::int64_t>(std::floor(draw * choices)) - params_.largest;
  for (std::size_t k = 0; k < sample.times.size(); ++k) {
    const std::int64_t unit = sample.units[k] + shift;
    if (unit >= 0 && unit < static_cast<std::int64_t>(this->units_))
      out.add(sample.times[k], static_cast<std::size_t>(unit), k);
  }
  return 1;
}

template class ChannelShift<float>;
template class ChannelShift<double>;

void register_channel_shift(Registry& registry) {
  using P = ChannelShiftParams;
  registry.add<P>("layer", "channel_shift", "In training, moves all spikes of a sample to neighbouring units.")
      .makes<Layer<float>>([](const P& p) { return std::make_unique<ChannelShift<float>>(p); })
      .makes<Layer<double>>([](const P& p) { return std::make_unique<ChannelShift<double>>(p); });
}

}  // namespace neurarium
