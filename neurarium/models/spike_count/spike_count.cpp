#include "neurarium/models/spike_count/spike_count.hpp"

#include <algorithm>

namespace neurarium {

Schema SpikeCountParams::fields() {
  using P = SpikeCountParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in messages; default spike_count1, spike_count2, …"),
      field("scale", &P::scale, "Spikes, or spikes per second.").one_of({"count", "rate"}),
      field("dt", &P::dt, "Length of a step: for rates.").unit("s").positive(),
      field("factor", &P::factor, "What each count or rate is multiplied by.").positive(),
  });
}

template <class T>
Shape SpikeCount<T>::build(const Shape& input, const std::string& name, std::uint64_t) {
  if (input.axes() != 2 || input[0] == 0 || input[1] == 0)
    throw ShapeError(name, "entries of [steps, units]", to_string(input));
  steps_ = input[0], units_ = input[1];
  const double seconds = static_cast<double>(steps_) * params_.dt;
  factor_ = static_cast<T>(params_.scale == "rate" ? params_.factor / seconds : params_.factor);
  return Shape{units_};
}

template <class T>
void SpikeCount<T>::forward(const Activity<T>& in, Activity<T>& out, const Context&, Tape& tape) const {
  tape.cache<Cache>().of_spikes = in.layout() == Layout::spikes;
  const View<T> counts = out.make_dense(Shape{in.samples(), units_});
  std::ranges::fill(counts.flat(), T{0});
  for (std::size_t i = 0; i < in.samples(); ++i)
    for (std::size_t t = 0; t < steps_; ++t)
      if (in.layout() == Layout::spikes)
        for (const StepSpikes::Unit unit : in.spikes().at(i, t)) counts(i, unit) += 1;
      else
        for (std::size_t j = 0; j < units_; ++j) counts(i, j) += in.dense()(i, t, j);
  for (T& count : counts.flat()) count *= factor_;
}

template <class T>
void SpikeCount<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                             std::span<const View<T>>) const {
  if (!in_gradient) return;
  const View<const T> given = out_gradient.dense();
  if (tape.cache<Cache>().of_spikes) {  // the same at every step
    std::ranges::copy(given.flat(), in_gradient->make_product(given.shape()[0], steps_, units_).flat().begin());
    in_gradient->factors().assign(steps_, factor_);
    return;
  }
  const View<T> to = in_gradient->make_dense(Shape{given.shape()[0], steps_, units_});
  for (std::size_t i = 0; i < given.shape()[0]; ++i)
    for (std::size_t t = 0; t < steps_; ++t)
      for (std::size_t j = 0; j < units_; ++j) to(i, t, j) = factor_ * given(i, j);
}

template class SpikeCount<float>;
template class SpikeCount<double>;

void register_spike_count(Registry& registry) {
  using P = SpikeCountParams;
  registry.add<P>("layer", "spike_count", "How often each unit fired: a readout of spikes.")
      .makes<Layer<float>>([](const P& p) { return std::make_unique<SpikeCount<float>>(p); })
      .makes<Layer<double>>([](const P& p) { return std::make_unique<SpikeCount<double>>(p); });
}

}  // namespace neurarium
