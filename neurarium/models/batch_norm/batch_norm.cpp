#include "neurarium/models/batch_norm/batch_norm.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/kernels/columns.hpp"
#include "neurarium/nn/chain.hpp"
#include "neurarium/nn/images.hpp"

namespace neurarium {

Schema BatchNormParams::fields() {
  using P = BatchNormParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in parameters and messages; default batch_norm1, batch_norm2, …"),
      field("epsilon", &P::epsilon, "ε, added to the variance.").positive(),
      field("momentum", &P::momentum, "How far a step moves the running statistics to the batch's.").between(0, 1),
  });
}

template <class T>
Shape BatchNorm<T>::build(const Shape& input, const std::string& name, std::uint64_t) {
  entry_ = input, name_ = name;
  if (lies_in_lines()) {
    const Shape image = image_shape(input, name);
    channels_ = image[0], positions_ = image[1] * image[2];
  } else {
    channels_ = input.elements();
  }
  if (input.elements() == 0) throw ShapeError(name, "at least one number", to_string(input));
  for (Parameter<T>* parameter : {&weight_, &bias_, &running_mean_, &running_var_})
    parameter->value = Tensor<T>(Shape{channels_});
  weight_.value.fill(T{1});
  running_var_.value.fill(T{1});
  return input;
}

// Numbers as matrices [rows, columns] whose columns are samples of one channel (lines) or channels.
template <class T>
View<const T> BatchNorm<T>::block(const Activity<T>& activity, std::size_t i) const {
  const std::size_t n = activity.samples();
  if (!lies_in_lines()) return activity.dense().reshaped({n, channels_});
  const std::size_t line = line_length<T>(n);
  return {activity.lines().data() + i * positions_ * line, {positions_, line}};
}

// A number per channel as one per column; 0 beyond the last sample.
template <class T>
std::span<const T> BatchNorm<T>::columns(const Numbers& of_channels, std::size_t block, std::size_t samples,
                                         std::vector<T>& out) const {
  if (lies_in_lines()) {
    out.assign(line_length<T>(samples), T{0});
    std::fill_n(out.begin(), samples, static_cast<T>(of_channels[block]));
  } else {
    out.resize(channels_);
    std::ranges::transform(of_channels, out.begin(), [](double x) { return static_cast<T>(x); });
  }
  return out;
}

template <class T>
void BatchNorm<T>::find_moments(const Activity<T>& in, Cache& cache) const {
  const std::size_t n = in.samples();
  cache.own.count = static_cast<double>(n * positions_);
  cache.own.mean.resize(channels_), cache.own.squares.resize(channels_);
  for (std::size_t i = 0; i < blocks(); ++i) {
    const View<const T> x = block(in, i);
    const std::size_t width = x.shape()[1];
    cache.shift.resize(width), cache.sums.resize(width), cache.products.resize(width);
    if (lies_in_lines()) std::ranges::fill(cache.shift, static_cast<double>(x.data()[0]));
    else std::transform(x.data(), x.data() + width, cache.shift.begin(), [](T v) { return static_cast<double>(v); });
    kernels::column_moments<T>(x, cache.shift, cache.sums, cache.products);
    const auto keep = [&](std::size_t channel, double shift, double sum, double squares) {
      cache.own.mean[channel] = shift + sum / cache.own.count;
      cache.own.squares[channel] = std::max(0.0, squares - sum * sum / cache.own.count);
    };
    if (lies_in_lines()) {
      double sum = 0, squares = 0;
      for (std::size_t k = 0; k < n; ++k) sum += cache.sums[k], squares += cache.products[k];
      keep(i, cache.shift[0], sum, squares);
    } else {
      for (std::size_t k = 0; k < width; ++k) keep(k, cache.shift[k], cache.sums[k], cache.products[k]);
    }
  }
}

template <class T>
void BatchNorm<T>::add(const Moments& part, Moments& total) const {
  if (total.count == 0) return void(total = part);
  const double all = total.count + part.count;
  for (std::size_t c = 0; c < channels_; ++c) {
    const double away = part.mean[c] - total.mean[c];
    total.mean[c] += away * (part.count / all);
    total.squares[c] += part.squares[c] + away * away * (total.count * part.count / all);
  }
  total.count = all;
}

template <class T>
void BatchNorm<T>::normalise(const Activity<T>& in, Activity<T>& out, Cache& cache) const {
  const View<T> y = out.make_like(in);
  Numbers scale(channels_), offset(channels_);
  for (std::size_t c = 0; c < channels_; ++c) {
    scale[c] = static_cast<double>(weight_.value(c)) * cache.inverse_deviation[c];
    offset[c] = static_cast<double>(bias_.value(c));
  }
  for (std::size_t i = 0; i < blocks(); ++i) {
    const View<const T> x = block(in, i);
    kernels::scale_columns<T>(x, columns(cache.mean, i, in.samples(), cache.column_shift),
                              columns(scale, i, in.samples(), cache.column_scale),
                              columns(offset, i, in.samples(), cache.column_offset),
                              View<T>(y.data() + (x.data() - in.numbers().data()), x.shape()));
  }
}

template <class T>
void BatchNorm<T>::forward_batch(std::span<const ForwardShard<T>> shards, const EachShard& each) const {
  const bool of_batch = shards.front().context->mode == Mode::train;
  std::vector<Cache*> caches;
  for (const ForwardShard<T>& shard : shards) {
    Cache& cache = *caches.emplace_back(&shard.tape->template cache<Cache>());
    cache.in = shard.in, cache.of_batch = of_batch;
  }
  Numbers mean(channels_), inverse_deviation(channels_);
  Moments& batch = caches.front()->batch;
  if (of_batch) {
    each(shards.size(), [&](std::size_t i) { find_moments(*shards[i].in, *caches[i]); });
    batch.count = 0;
    for (const Cache* cache : caches) add(cache->own, batch);
    if (batch.count < 2)
      throw SpecError(name_ + ": a batch of one value per channel has no variance to train with",
                      "take larger batches, or a batch_size that leaves no last batch of one sample");
  }
  for (std::size_t c = 0; c < channels_; ++c) {
    mean[c] = of_batch ? batch.mean[c] : static_cast<double>(running_mean_.value(c));
    const double variance = of_batch ? batch.squares[c] / batch.count : static_cast<double>(running_var_.value(c));
    inverse_deviation[c] = 1 / std::sqrt(variance + params_.epsilon);
  }
  each(shards.size(), [&](std::size_t i) {
    caches[i]->mean = mean, caches[i]->inverse_deviation = inverse_deviation;
    normalise(*shards[i].in, *shards[i].out, *caches[i]);
  });
}

// Σ δ and Σ δ (x − μ) per channel, and what they are to the parameters.
template <class T>
void BatchNorm<T>::sum_up(const Activity<T>& out_gradient, const Cache& cache,
                          std::span<const View<T>> gradient) const {
  const std::size_t n = out_gradient.samples();
  cache.sum_delta.assign(channels_, 0), cache.sum_products.assign(channels_, 0);
  for (std::size_t i = 0; i < blocks(); ++i) {
    const View<const T> x = block(*cache.in, i);
    const std::size_t width = x.shape()[1];
    cache.sums.resize(width), cache.products.resize(width);
    if (lies_in_lines()) cache.shift.assign(width, cache.mean[i]);
    else cache.shift = cache.mean;
    kernels::column_products<T>(block(out_gradient, i), x, cache.shift, cache.sums, cache.products);
    if (lies_in_lines()) {
      for (std::size_t k = 0; k < n; ++k)
        cache.sum_delta[i] += cache.sums[k], cache.sum_products[i] += cache.products[k];
    } else {
      cache.sum_delta = cache.sums, cache.sum_products = cache.products;
    }
  }
  for (std::size_t c = 0; c < channels_ && !gradient.empty(); ++c) {
    gradient[0](c) += static_cast<T>(cache.sum_products[c] * cache.inverse_deviation[c]);
    gradient[1](c) += static_cast<T>(cache.sum_delta[c]);
  }
}

template <class T>
void BatchNorm<T>::write_in_gradient(const Activity<T>& out_gradient, Activity<T>& in_gradient, const Cache& cache,
                                     const Numbers& mean_delta, const Numbers& slope) const {
  const std::size_t n = out_gradient.samples();
  const View<T> dx = in_gradient.make_like(*cache.in);
  Numbers scale(channels_);
  for (std::size_t c = 0; c < channels_; ++c)
    scale[c] = static_cast<double>(weight_.value(c)) * cache.inverse_deviation[c];
  for (std::size_t i = 0; i < blocks(); ++i) {
    const View<const T> x = block(*cache.in, i);
    kernels::remove_from_columns<T>(block(out_gradient, i), x, columns(mean_delta, i, n, cache.column_offset),
                                    columns(cache.mean, i, n, cache.column_shift),
                                    columns(slope, i, n, cache.column_slope), columns(scale, i, n, cache.column_scale),
                                    View<T>(dx.data() + (x.data() - cache.in->numbers().data()), x.shape()));
  }
}

template <class T>
void BatchNorm<T>::backward_batch(std::span<const BackwardShard<T>> shards, const EachShard& each) const {
  std::vector<const Cache*> caches;
  for (const BackwardShard<T>& shard : shards) caches.push_back(&std::as_const(*shard.tape).template cache<Cache>());
  const Cache& first = *caches.front();
  Numbers mean_delta(channels_), slope(channels_);
  if (first.of_batch || !shards.front().gradient.empty())
    each(shards.size(), [&](std::size_t i) { sum_up(*shards[i].out_gradient, *caches[i], shards[i].gradient); });
  if (first.of_batch)
    for (std::size_t c = 0; c < channels_; ++c) {
      for (const Cache* cache : caches) mean_delta[c] += cache->sum_delta[c], slope[c] += cache->sum_products[c];
      mean_delta[c] /= first.batch.count;
      slope[c] *= first.inverse_deviation[c] * first.inverse_deviation[c] / first.batch.count;
    }
  each(shards.size(), [&](std::size_t i) {
    if (shards[i].in_gradient)
      write_in_gradient(*shards[i].out_gradient, *shards[i].in_gradient, *caches[i], mean_delta, slope);
  });
}

template <class T>
void BatchNorm<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  const ForwardShard<T> shard{&in, &out, &context, &tape};
  forward_batch({&shard, 1}, run_here);
}

template <class T>
void BatchNorm<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                            std::span<const View<T>> gradient) const {
  const BackwardShard<T> shard{&out_gradient, in_gradient, &tape, gradient};
  backward_batch({&shard, 1}, run_here);
}

template <class T>
void BatchNorm<T>::keep_statistics(const Tape& tape) {
  const Cache& cache = tape.cache<Cache>();
  if (!cache.of_batch) return;
  const Moments& batch = cache.batch;
  const auto follow = [&](T& running, double value) {
    running = static_cast<T>((1 - params_.momentum) * static_cast<double>(running) + params_.momentum * value);
  };
  for (std::size_t c = 0; c < channels_; ++c) {
    follow(running_mean_.value(c), batch.mean[c]);
    follow(running_var_.value(c), batch.squares[c] / (batch.count - 1));
  }
}

template class BatchNorm<float>;
template class BatchNorm<double>;

void register_batch_norm(Registry& registry) {
  registry.add<BatchNormParams>("layer", "batch_norm", "Each channel with mean 0 and variance 1 over the batch.")
      .makes<Layer<float>>([](const BatchNormParams& p) { return std::make_unique<BatchNorm<float>>(p); })
      .makes<Layer<double>>([](const BatchNormParams& p) { return std::make_unique<BatchNorm<double>>(p); });
}

}  // namespace neurarium
