#include "neurarium/models/spike_dropout/spike_dropout.hpp"

#include <cmath>

namespace neurarium {

Schema SpikeDropoutParams::fields() {
  using P = SpikeDropoutParams;
  return Schema::of<P>({
      field("name", &P::name,
            "Name of the layer in messages and for its random draws; default spike_dropout1, spike_dropout2, …"),
      field("rate", &P::rate, "Probability with which a spike is left out in training.").at_least(0).below(1),
  });
}

template <class T>
double SpikeDropout<T>::move(const typename SpikeMover<T>::Sample& sample, const Context& context,
                             MovedSpikes<T>& out) const {
  if (context.mode != Mode::train) return this->keep(sample, out);
  const Stream stream(context.seed, this->name_);
  const auto threshold = static_cast<std::uint32_t>(std::floor(params_.rate * 0x1p32));
  std::array<std::uint32_t, 4> draws{};
  for (std::size_t k = 0; k < sample.times.size(); ++k) {
    if (k % 4 == 0) draws = philox(stream, {context.epoch, sample.id, 0, static_cast<std::uint32_t>(k / 4)});
    if (draws[k % 4] >= threshold) out.add(sample.times[k], sample.units[k], k);
  }
  return 1;
}

template class SpikeDropout<float>;
template class SpikeDropout<double>;

void register_spike_dropout(Registry& registry) {
  using P = SpikeDropoutParams;
  registry.add<P>("layer", "spike_dropout", "Leaves spikes out at random in training.")
      .makes<Layer<float>>([](const P& p) { return std::make_unique<SpikeDropout<float>>(p); })
      .makes<Layer<double>>([](const P& p) { return std::make_unique<SpikeDropout<double>>(p); });
}

}  // namespace neurarium
