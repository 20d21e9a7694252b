#include "neurarium/models/poisson_encoder/poisson_encoder.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/array.hpp"
#include "neurarium/kernels/finite.hpp"
#include "neurarium/kernels/philox.hpp"

namespace neurarium {

Schema PoissonEncoderParams::fields() {
  using P = PoissonEncoderParams;
  return Schema::of<P>({
      field("name", &P::name,
            "Name of the layer in messages and for its random draws; default poisson_encoder1, poisson_encoder2, …"),
      field("steps", &P::steps, "Steps of time that each sample lasts.").between(1, 1000000),
      field("dt", &P::dt, "Length of a step.").unit("s").positive(),
      field("maximal_rate", &P::maximal_rate, "Rate of a unit whose number is 1.").unit("Hz").positive(),
      field("gain", &P::gain, "What numbers are multiplied with before they become rates.").positive(),
      field("soft_spikes", &P::soft_spikes,
            "The probabilities in place of spikes: nothing is drawn, and gradients are exact."),
  });
}

template <class T>
Shape PoissonEncoder<T>::build(const Shape& input, const std::string& name, std::uint64_t) {
  features_ = input.elements(), steps_ = static_cast<std::size_t>(params_.steps), name_ = name;
  if (features_ == 0) throw ShapeError(name, "at least one feature", to_string(input));
  if (features_ > StepSpikes::most_units)
    throw ShapeError(name, "at most " + std::to_string(StepSpikes::most_units) + " features", to_string(input));
  return Shape{steps_, features_};
}

// Only units that may fire are looked at: most pixels of a digit are black.
template <class T>
void PoissonEncoder<T>::draw_spikes(std::size_t i, const Context& context, Cache& cache, StepSpikes& out) const {
  cache.thresholds.clear(), cache.active.clear();
  const auto x = cache.in[i].flat();
  for (std::size_t e = 0; e < features_; ++e) {
    const auto threshold = static_cast<std::uint64_t>(probability(x[e]) * 0x1p32);
    if (threshold == 0) continue;
    cache.thresholds.push_back(threshold);
    cache.active.push_back(static_cast<StepSpikes::Unit>(e));
  }
  cache.fired.resize(cache.active.size() + 1);  // one is written before it is known to count
  const bool learns = context.mode == Mode::train;
  const auto sample = static_cast<std::uint32_t>(context.sample_ids.empty() ? i : context.sample_ids[i]);
  for (std::size_t t = 0; t < steps_; ++t) {
    std::uint32_t* draws = cache.draws.data() + (learns ? 0 : t * features_);
    if (learns)
      kernels::philox_elements(Stream(context.seed, name_), {context.epoch, sample, static_cast<std::uint32_t>(t), 0},
                               {draws, features_});
    std::size_t count = 0;
    for (std::size_t k = 0; k < cache.active.size(); ++k) {
      cache.fired[count] = cache.active[k];
      count += draws[cache.active[k]] < cache.thresholds[k];
    }
    out.add_known_step(cache.fired.data(), count);
  }
}

template <class T>
void PoissonEncoder<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  Cache& cache = tape.cache<Cache>();
  const std::size_t n = in.samples();
  cache.in = in.dense().reshaped({n, features_});
  if (!kernels::all_finite(cache.in))
    throw NumericError(name_, context.mode == Mode::train ? context.step : NumericError::no_step,
                       first_non_finite(ArrayView(cache.in)), "check the data for NaN");
  if (params_.soft_spikes) {
    const View<T> soft = out.make_dense({n, steps_, features_});
    for (std::size_t i = 0; i < n; ++i) {
      const View<T> rows = soft[i];
      std::ranges::transform(cache.in[i].flat(), rows[0].flat().begin(),
                             [&](T x) { return static_cast<T>(probability(x)); });
      for (std::size_t t = 1; t < steps_; ++t) std::ranges::copy(rows[0].flat(), rows[t].flat().begin());
    }
    return;
  }
  cache.draws.resize(context.mode == Mode::train ? features_ : steps_ * features_);
  if (context.mode == Mode::eval)
    for (std::size_t t = 0; t < steps_; ++t)
      kernels::philox_elements(Stream(context.seed, name_ + ".evaluation"), {0, 0, static_cast<std::uint32_t>(t), 0},
                               {cache.draws.data() + t * features_, features_});
  StepSpikes& spikes = out.make_spikes(n, steps_, features_);
  for (std::size_t i = 0; i < n; ++i) draw_spikes(i, context, cache, spikes);
}

template <class T>
void PoissonEncoder<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                                 std::span<const View<T>>) const {
  if (!in_gradient) return;
  const View<const T> x = tape.cache<Cache>().in;
  const View<const T> given = out_gradient.dense();
  const View<T> to = in_gradient->make_dense(x.shape());
  for (std::size_t i = 0; i < x.shape()[0]; ++i) {
    const auto row = to[i].flat();
    std::ranges::fill(row, T{0});
    for (std::size_t t = 0; t < steps_; ++t) {
      const T* from = given.data() + (i * steps_ + t) * features_;
      for (std::size_t e = 0; e < features_; ++e) row[e] += from[e];
    }
    for (std::size_t e = 0; e < features_; ++e) {
      const double p = slope_ * static_cast<double>(x(i, e));
      row[e] *= p >= 0 && p <= 1 ? static_cast<T>(slope_) : T{0};
    }
  }
}

template class PoissonEncoder<float>;
template class PoissonEncoder<double>;

void register_poisson_encoder(Registry& registry) {
  registry
      .add<PoissonEncoderParams>("layer", "poisson_encoder", "Numbers become spikes: a larger number fires more often.")
      .makes<Layer<float>>([](const PoissonEncoderParams& p) { return std::make_unique<PoissonEncoder<float>>(p); })
      .makes<Layer<double>>([](const PoissonEncoderParams& p) { return std::make_unique<PoissonEncoder<double>>(p); });
}

}  // namespace neurarium
