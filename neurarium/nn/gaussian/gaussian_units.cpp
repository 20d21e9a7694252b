#include "neurarium/nn/gaussian/gaussian_units.hpp"

#include <algorithm>

#include "neurarium/core/normal.hpp"
#include "neurarium/kernels/elementary.hpp"
#include "neurarium/kernels/gaussian.hpp"
#include "neurarium/kernels/gemm.hpp"
#include "neurarium/nn/initial_values.hpp"

namespace neurarium {

using kernels::gemm;
using kernels::Op;

template <class T>
GaussianUnits<T>::GaussianUnits(const GaussianUnitsParams& params, std::shared_ptr<const Initialiser> initialiser)
    : params_(params), initialiser_(std::move(initialiser)), activation_(activation_function(params.activation)) {}

template <class T>
void GaussianUnits<T>::build(const Shape& weights, std::size_t fan_out, const std::string& name, std::uint64_t seed) {
  if (tied() && params_.bias_values.given())
    throw SpecError(name + ": bias values are given, but bias is \"tied\" to the centres",
                    "leave them out, or set bias = \"free\"");
  units_ = weights[0], inputs_ = weights.tail().elements();
  weight_.value = initial_weights<T>(params_.weights, weights, name, *initialiser_, inputs_, fan_out, seed);
  signs_.build(params_.dale, weight_, 1, name, seed);
  bias_.value = initial_bias<T>(params_.bias_values, Shape{units_}, name, true);
  if (params_.centres.given()) {
    centre_.value = given_values<T>(params_.centres, weights, name + ".centres");
  } else {
    std::vector<double> drawn(weights.elements());
    fill_normal(Stream(seed, name + ".centre"), {}, 0, params_.centre_sd, drawn);
    centre_.value = Tensor<T>(weights);
    std::ranges::transform(drawn, centre_.value.flat().begin(), [](double c) { return static_cast<T>(c); });
  }
  widths_ = make_widths<T>(params_.shape, params_.order, units_, inputs_, params_.width);
  Tensor<T>& widths = widths_->parameter().value;
  if (params_.shape == "diagonal") widths.resize(weights);
  if (params_.widths.given()) widths = given_values<T>(params_.widths, widths.shape(), name + ".widths");
}

template <class T>
std::vector<Parameter<T>*> GaussianUnits<T>::parameters() {
  std::vector<Parameter<T>*> all{&weight_};
  if (!tied()) all.push_back(&bias_);
  all.insert(all.end(), {&centre_, &widths_->parameter()});
  if (Parameter<T>* learned = signs_.learned()) all.push_back(learned);
  return all;
}

// Each row of `line` becomes b.
template <class T>
void GaussianUnits<T>::take_bias(View<const T> weight, Tensor<T>& line) const {
  const std::size_t rows = line.shape()[0];
  const View<const T> centre = as_matrix(centre_.value.view());
  if (rows == 0) return;
  const auto first = line.view()[0].flat();
  for (std::size_t j = 0; j < units_; ++j) {
    if (!tied()) {
      first[j] = bias_.value(j);
      continue;
    }
    double sum = 0;
    for (std::size_t i = 0; i < inputs_; ++i)
      sum += static_cast<double>(weight(j, i)) * static_cast<double>(centre(j, i));
    first[j] = static_cast<T>(-sum);
  }
  for (std::size_t r = 1; r < rows; ++r) std::ranges::copy(first, line.view()[r].flat().begin());
}

template <class T>
void GaussianUnits<T>::forward(View<const T> x, std::size_t samples, const std::vector<T>& support,
                               const Context& context, Cache& cache, View<T> y, std::vector<T>& support_now) const {
  const auto& passes = kernels::gaussian_passes<T>();
  const std::size_t rows = x.shape()[0], units = units_;
  const std::size_t per_sample = samples == 0 ? 0 : rows / samples * units;
  cache.x = x, cache.samples = samples;
  for (Tensor<T>* part : {&cache.f, &cache.q, &cache.g}) part->resize({rows, units});

  const View<const T> weight = as_matrix(signs_.effective(weight_, context, cache.signs));
  take_bias(weight, cache.f);
  gemm<T>(1, x, Op::none, weight, Op::transpose, 1, cache.f.view());
  widths_->exponents(x, as_matrix(centre_.value.view()), cache.widths, cache.q.view());
  kernels::exponential<T>(-1, cache.q.view(), cache.g.view());
  passes.clear_far(cache.g.data(), cache.g.size(), cache.f.data(), cache.q.data());
  if (needs_input(activation_)) cache.line = cache.f;
  activate(activation_, cache.f.view(), cache.f.view());

  cache.gate.assign(samples, T{1});
  if (params_.gate && !support.empty()) cache.gate = support;
  cache.strongest.resize(samples);
  support_now.resize(samples);
  for (std::size_t n = 0; n < samples; ++n) {
    const std::size_t first = n * per_sample;
    const T* g = cache.g.data() + first;
    const std::size_t best = passes.answer(cache.f.data() + first, g, cache.gate[n], per_sample, y.data() + first);
    cache.strongest[n] = first + best;
    support_now[n] = g[best] * cache.gate[n];
  }
  cache.mean_square_width =
      context.mode == Mode::train && params_.pressure > 0 ? widths_->mean_square(cache.widths) : 0;
}

template <class T>
void GaussianUnits<T>::backward(View<const T> dy, const std::vector<T>& support_now_gradient, const Cache& cache,
                                std::span<const View<T>> gradient, View<T> dx, std::vector<T>& support_gradient) const {
  const auto& passes = kernels::gaussian_passes<T>();
  const std::size_t units = units_, rows = cache.x.shape()[0];
  const std::size_t per_sample = cache.samples == 0 ? 0 : rows / cache.samples * units;
  const View<const T> weight = as_matrix(cache.signs.weight), centre = as_matrix(centre_.value.view());
  Tensor<T>&dline = cache.dline, &dq = cache.dq;
  dline.resize(cache.g.shape()), dq.resize(cache.g.shape());
  cache.dgate.resize(cache.samples);
  for (std::size_t n = 0; n < cache.samples; ++n) {
    const std::size_t first = n * per_sample, best = cache.strongest[n];
    const T s = cache.gate[n];
    cache.dgate[n] = passes.slopes(dy.data() + first, cache.f.data() + first, cache.g.data() + first, s, per_sample,
                                   dline.data() + first, dq.data() + first);
    if (support_now_gradient.empty()) continue;
    const T through = cache.g.flat()[best] * support_now_gradient[n];
    cache.dgate[n] += through;
    dq.flat()[best] -= through * s;
  }
  multiply_by_derivative(activation_, cache.line.view(), cache.f.view(), dline.view());
  if (params_.gate) {
    support_gradient.resize(cache.samples, 0);
    for (std::size_t n = 0; n < cache.samples; ++n) support_gradient[n] += cache.dgate[n];
  }

  const bool wanted = !gradient.empty();
  const View<T> nothing(nullptr, Shape{0});
  const auto as_rows = [&](const View<T>& of) { return of.reshaped({units_, inputs_}); };
  const View<T> dcentre = wanted ? as_rows(gradient[tied() ? 1 : 2]) : nothing;
  const View<T> dwidth = wanted ? gradient[tied() ? 2 : 3] : nothing;
  widths_->backward(cache.x, centre, cache.q.view(), dq.view(), cache.widths, dcentre, dwidth, dx);
  if (dx.size() > 0) gemm<T>(1, dline.view(), Op::none, weight, Op::none, 1, dx);
  if (!wanted) return;
  const View<T> dweight = as_rows(signs_.gradient_at_weight(cache.signs, gradient[0]));
  gemm<T>(1, dline.view(), Op::transpose, cache.x, Op::none, 1, dweight);
  std::vector<T> dbias(units, 0);
  for (std::size_t r = 0; r < rows; ++r) {
    const T* of_row = dline.data() + r * units;
    for (std::size_t j = 0; j < units; ++j) dbias[j] += of_row[j];
  }
  if (tied()) {
    for (T& d : dbias) d = -d;
    passes.add_scaled_rows(centre.data(), dbias.data(), units, inputs_, dweight.data());
    passes.add_scaled_rows(weight.data(), dbias.data(), units, inputs_, dcentre.data());
  } else {
    for (std::size_t j = 0; j < units; ++j) gradient[1](j) += dbias[j];
  }
  signs_.pull_back(weight_, cache.signs, cache.samples, gradient[0], gradient.back());
  if (cache.mean_square_width > 0)
    widths_->add_mean_square_gradient(params_.pressure * static_cast<double>(cache.samples), cache.widths, dwidth);
}

template class GaussianUnits<float>;
template class GaussianUnits<double>;

}  // namespace neurarium
