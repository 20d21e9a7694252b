#include "neurarium/models/latency_encoder/latency_encoder.hpp"

#include <algorithm>

#include "neurarium/core/array.hpp"
#include "neurarium/core/digits.hpp"
#include "neurarium/kernels/finite.hpp"

namespace neurarium {
namespace {

constexpr double rounding = 1e-6;  // a few roundings of float near 1

}  // namespace

Schema LatencyEncoderParams::fields() {
  using P = LatencyEncoderParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in messages; default latency_encoder1, latency_encoder2, …"),
      field("earliest", &P::earliest, "Time of the first possible spike.").unit("s").at_least(0),
      field("latest", &P::latest, "Time of the last possible spike.").unit("s").at_least(0),
      field("duration", &P::duration, "How long a sample lasts, for this layer and those behind it.")
          .unit("s")
          .positive(),
      field("order", &P::order, "Whether larger numbers fire first or later.").one_of({"larger_first", "larger_later"}),
      field("silent_below", &P::silent_below, "Units do not fire whose number is at most this; below 0: all fire."),
      field("bias_time", &P::bias_time, "When one more unit fires, in every sample; below 0: there is none.").unit("s"),
  });
}

template <class T>
LatencyEncoder<T>::LatencyEncoder(const Params& params)
    : params_(params), slope_((params.latest - params.earliest) * (params.order == "larger_first" ? -1 : 1)) {
  const auto seconds = [](double x) { return exact_digits(x) + " s"; };
  if (params.earliest > params.latest)
    throw SpecError("earliest: " + seconds(params.earliest) + " is later than latest = " + seconds(params.latest),
                    "exchange them; which numbers fire first is said by `order`");
  if (const double last = std::max(params.latest, params.bias_time); last > params.duration)
    throw SpecError((last > params.latest ? "bias_time: " : "latest: ") + seconds(last) +
                        " lies behind the end of a sample, duration = " + seconds(params.duration),
                    "set duration to that time at least, and some time constants more");
}

template <class T>
Shape LatencyEncoder<T>::build(const Shape& input, const std::string& name, std::uint64_t) {
  features_ = input.elements(), name_ = name;
  const std::size_t most = SpikeTimes<T>::most_units - (has_bias() ? 1 : 0);
  if (features_ == 0) throw ShapeError(name, "at least one feature", to_string(input));
  if (features_ > most) throw ShapeError(name, "at most " + std::to_string(most) + " features", to_string(input));
  return Shape{features_ + (has_bias() ? 1 : 0)};
}

template <class T>
void LatencyEncoder<T>::require_in_range(View<const T> x, const Context& context) const {
  if (!kernels::all_finite(x))
    throw NumericError(name_, context.mode == Mode::train ? context.step : NumericError::no_step,
                       first_non_finite(ArrayView(x)), "check the data for NaN");
  const auto bad = std::ranges::find_if(x.flat(), [](T number) {
    return static_cast<double>(number) < -rounding || static_cast<double>(number) > 1 + rounding;
  });
  if (bad == x.flat().end()) return;
  const auto at = static_cast<std::size_t>(bad - x.flat().begin());
  const std::size_t row = at / features_;
  const std::uint64_t sample = context.sample_ids.empty() ? row : context.sample_ids[row];
  throw DataError(
      name_,
      "number " + std::to_string(at % features_) + " of sample " + std::to_string(sample) + " is " +
          short_digits(static_cast<double>(*bad)) + ", and no time belongs to it",
      "give numbers from 0 to 1: scale the data, and leave out layers in front that leave this range; spikes on a grid "
      "are made times by spike_times");
}

template <class T>
void LatencyEncoder<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  const std::size_t n = in.samples();
  const View<const T> x = in.dense().reshaped({n, features_});
  require_in_range(x, context);
  SpikeTimes<T>& spikes = out.make_times(n, features_ + (has_bias() ? 1 : 0), params_.duration);
  const double at_zero = slope_ < 0 ? params_.latest : params_.earliest;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < features_; ++j) {
      const double number = std::clamp(static_cast<double>(x(i, j)), 0.0, 1.0);
      if (number <= params_.silent_below) continue;
      spikes.add(static_cast<T>(at_zero + slope_ * number), static_cast<typename SpikeTimes<T>::Unit>(j));
    }
    if (has_bias()) spikes.add(static_cast<T>(params_.bias_time), static_cast<typename SpikeTimes<T>::Unit>(features_));
    spikes.end_sample();
  }
  tape.cache<Cache>() = {&spikes, in.shape()};
}

template <class T>
void LatencyEncoder<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                                 std::span<const View<T>>) const {
  if (!in_gradient) return;
  const auto& [spikes, shape] = tape.cache<Cache>();
  const View<T> to = in_gradient->make_dense(shape).reshaped({shape[0], features_});
  std::ranges::fill(to.flat(), T{0});
  const std::span<const T> given = out_gradient.per_event();
  for (std::size_t i = 0; i < shape[0]; ++i) {
    const auto units = spikes->units_of(i);
    for (std::size_t k = 0; k < units.size(); ++k)
      if (units[k] < features_) to(i, units[k]) = static_cast<T>(slope_) * given[spikes->first(i) + k];
  }
}

template class LatencyEncoder<float>;
template class LatencyEncoder<double>;

void register_latency_encoder(Registry& registry) {
  using P = LatencyEncoderParams;
  registry.add<P>("layer", "latency_encoder", "Numbers become spike times: each unit fires once, sooner or later.")
      .makes<Layer<float>>([](const P& p) { return std::make_unique<LatencyEncoder<float>>(p); })
      .makes<Layer<double>>([](const P& p) { return std::make_unique<LatencyEncoder<double>>(p); });
}

}  // namespace neurarium
