#include "neurarium/models/dropout/dropout.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/kernels/philox.hpp"

namespace neurarium {

Schema DropoutParams::fields() {
  using P = DropoutParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in messages and for its random draws; default dropout1, dropout2, …"),
      field("rate", &P::rate, "Probability p with which a number is left out in training.").at_least(0).below(1),
  });
}

// Sample-major, one row of draws after the other; sample-minor, four lines at once: a block holds four elements of a sample.
template <class T>
void Dropout<T>::draw(const Activity<T>& in, const Context& context, Cache& cache) const {
  const std::size_t samples = in.samples(), elements = in.shape().tail().elements();
  const bool lines = in.layout() == Layout::sample_minor;
  const std::size_t width = lines ? line_length<T>(samples) : elements;
  cache.factors.resize(in.numbers().shape());
  cache.samples.assign(lines ? width : samples, 0);
  for (std::size_t i = 0; i < samples; ++i)
    cache.samples[i] = static_cast<std::uint32_t>(context.sample_ids.empty() ? i : context.sample_ids[i]);
  cache.draws.resize(lines ? 4 * width : width);
  const Stream stream(context.seed, name_);
  const auto threshold = static_cast<std::uint32_t>(std::min(std::floor(rate_ * 0x1p32), 0x1p32 - 1));
  const T scale = static_cast<T>(1 / (1 - rate_));
  const auto decide = [&](std::size_t row, const std::uint32_t* draws) {
    T* factors = cache.factors.data() + row * width;
    for (std::size_t i = 0; i < width; ++i) factors[i] = draws[i] < threshold ? T{0} : scale;
  };
  if (lines) {
    for (std::size_t e = 0; e < elements; e += 4) {
      kernels::philox_samples(stream, {context.epoch, 0, 0, static_cast<std::uint32_t>(e / 4)}, cache.samples,
                              cache.draws);
      for (std::size_t k = 0; k < 4 && e + k < elements; ++k) decide(e + k, cache.draws.data() + k * width);
    }
  } else {
    for (std::size_t n = 0; n < samples; ++n) {
      kernels::philox_elements(stream, {context.epoch, cache.samples[n], 0, 0}, cache.draws);
      decide(n, cache.draws.data());
    }
  }
}

template <class T>
void Dropout<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  Cache& cache = tape.cache<Cache>();
  const auto x = in.numbers().flat();
  const auto y = out.make_like(in).flat();
  cache.acts = context.mode == Mode::train && rate_ > 0;
  if (!cache.acts) return void(std::ranges::copy(x, y.begin()));
  draw(in, context, cache);
  const auto factors = cache.factors.flat();
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = x[i] * factors[i];
}

template <class T>
void Dropout<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                          std::span<const View<T>>) const {
  if (!in_gradient) return;
  const Cache& cache = tape.cache<Cache>();
  const auto dy = out_gradient.numbers().flat();
  const auto dx = in_gradient->make_like(out_gradient).flat();
  if (!cache.acts) return void(std::ranges::copy(dy, dx.begin()));
  const auto factors = cache.factors.flat();
  for (std::size_t i = 0; i < dx.size(); ++i) dx[i] = dy[i] * factors[i];
}

template class Dropout<float>;
template class Dropout<double>;

void register_dropout(Registry& registry) {
  registry.add<DropoutParams>("layer", "dropout", "Leaves numbers out at random in training.")
      .makes<Layer<float>>([](const DropoutParams& p) { return std::make_unique<Dropout<float>>(p); })
      .makes<Layer<double>>([](const DropoutParams& p) { return std::make_unique<Dropout<double>>(p); });
}

}  // namespace neurarium
