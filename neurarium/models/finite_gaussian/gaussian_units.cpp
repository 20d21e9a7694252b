#include "neurarium/models/finite_gaussian/gaussian_units.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/normal.hpp"
#include "neurarium/kernels/gemm.hpp"
#include "neurarium/nn/initial_values.hpp"

namespace neurarium {

using kernels::gemm;
using kernels::Op;

template <class T>
GaussianUnits<T>::GaussianUnits(const GaussianUnitsParams& params, std::shared_ptr<const Initialiser> initialiser)
    : params_(params), initialiser_(std::move(initialiser)), activation_(activation_function(params.activation)) {}

template <class T>
void GaussianUnits<T>::build(std::size_t units, std::size_t inputs, const std::string& name, std::uint64_t seed) {
  if (tied() && params_.bias_values.given())
    throw SpecError(name + ": bias values are given, but bias is \"tied\" to the centres",
                    "leave them out, or set bias = \"free\"");
  weight_.value = initial_weights<T>(params_.weights, Shape{units, inputs}, name, *initialiser_, inputs, units, seed);
  bias_.value = initial_bias<T>(params_.bias_values, Shape{units}, name, true);
  if (params_.centres.given()) {
    centre_.value = given_values<T>(params_.centres, Shape{units, inputs}, name + ".centres");
  } else {
    std::vector<double> drawn(units * inputs);
    fill_normal(Stream(seed, name + ".centre"), {}, 0, params_.centre_sd, drawn);
    centre_.value = Tensor<T>(Shape{units, inputs});
    std::ranges::transform(drawn, centre_.value.flat().begin(), [](double c) { return static_cast<T>(c); });
  }
  widths_ = make_widths<T>(params_.shape, params_.order, units, inputs, params_.width);
  if (params_.widths.given())
    widths_->parameter().value = given_values<T>(params_.widths, widths_->parameter().value.shape(), name + ".widths");
}

template <class T>
std::vector<Parameter<T>*> GaussianUnits<T>::parameters() {
  if (tied()) return {&weight_, &centre_, &widths_->parameter()};
  return {&weight_, &bias_, &centre_, &widths_->parameter()};
}

template <class T>
Tensor<T> GaussianUnits<T>::tied_bias() const {
  Tensor<T> bias(bias_.value.shape());
  for (std::size_t j = 0; j < bias.size(); ++j) {
    double sum = 0;
    for (std::size_t i = 0; i < weight_.value.shape()[1]; ++i)
      sum += static_cast<double>(weight_.value(j, i)) * static_cast<double>(centre_.value(j, i));
    bias(j) = static_cast<T>(-sum);
  }
  return bias;
}

template <class T>
void GaussianUnits<T>::forward(View<const T> x, std::size_t samples, const std::vector<T>& support, bool training,
                               Cache& cache, View<T> y, std::vector<T>& support_now) const {
  const std::size_t rows = x.shape()[0], units = weight_.value.shape()[0];
  const std::size_t per_sample = samples == 0 ? 0 : rows / samples;
  const Shape shape{rows, units};
  cache.x = x, cache.samples = samples, cache.training = training;
  for (Tensor<T>* part : {&cache.f, &cache.q, &cache.g}) part->resize(shape);

  const Tensor<T> tied_now = tied() ? tied_bias() : Tensor<T>();
  const Tensor<T>& bias = tied() ? tied_now : bias_.value;
  for (std::size_t r = 0; r < rows; ++r) std::ranges::copy(bias.flat(), cache.f.view()[r].flat().begin());
  gemm<T>(1, x, Op::none, weight_.value.view(), Op::transpose, 1, cache.f.view());
  widths_->exponents(x, centre_.value.view(), cache.q.view());
  const auto line = cache.f.flat(), q = cache.q.flat(), g = cache.g.flat();
  for (std::size_t i = 0; i < g.size(); ++i) {
    g[i] = std::exp(-q[i]);
    if (g[i] == 0) line[i] = 0;  // it may be infinite there, and must not count
  }
  if (needs_input(activation_)) cache.line = cache.f;
  activate(activation_, cache.f.view(), cache.f.view());

  cache.gate.assign(samples, T{1});
  if (params_.gate && !support.empty()) cache.gate = support;
  cache.strongest.resize(samples);
  support_now.resize(samples);
  for (std::size_t n = 0; n < samples; ++n) {
    const std::size_t first = n * per_sample * units, count = per_sample * units;
    std::size_t best = first;
    for (std::size_t i = first; i < first + count; ++i) {
      y.flat()[i] = g[i] == 0 ? T{0} : line[i] * g[i] * cache.gate[n];
      if (g[i] > g[best]) best = i;
    }
    cache.strongest[n] = best;
    support_now[n] = g[best] * cache.gate[n];
  }
}

template <class T>
void GaussianUnits<T>::backward(View<const T> dy, const std::vector<T>& support_now_gradient, const Cache& cache,
                                std::span<const View<T>> gradient, View<T> dx, std::vector<T>& support_gradient) const {
  const std::size_t units = weight_.value.shape()[0], inputs = weight_.value.shape()[1];
  const std::size_t per_sample = cache.samples == 0 ? 0 : cache.x.shape()[0] / cache.samples;
  Tensor<T> dl(cache.g.shape()), dq(cache.g.shape());
  std::vector<T> dgate(cache.samples, 0);
  for (std::size_t n = 0; n < cache.samples; ++n)
    for (std::size_t i = n * per_sample * units; i < (n + 1) * per_sample * units; ++i) {
      const T g = cache.g.flat()[i], delta = dy.flat()[i];
      T slope = delta * cache.f.flat()[i];  // ∂E/∂G
      if (!support_now_gradient.empty() && i == cache.strongest[n]) slope += support_now_gradient[n];
      dgate[n] += g * slope;
      dq.flat()[i] = g == 0 ? T{0} : -g * cache.gate[n] * slope;
      dl.flat()[i] = g == 0 ? T{0} : delta * g * cache.gate[n];
    }
  multiply_by_derivative(activation_, cache.line.view(), cache.f.view(), dl.view());

  if (params_.gate) {
    support_gradient.resize(cache.samples, 0);
    for (std::size_t n = 0; n < cache.samples; ++n) support_gradient[n] += dgate[n];
  }
  if (dx.size() > 0) gemm<T>(1, dl.view(), Op::none, weight_.value.view(), Op::none, 1, dx);
  const View<T> nothing(nullptr, Shape{0});
  const View<T> dcentre = gradient.empty() ? nothing : gradient[tied() ? 1 : 2];
  const View<T> dwidth = gradient.empty() ? nothing : gradient[tied() ? 2 : 3];
  widths_->backward(cache.x, centre_.value.view(), cache.q.view(), dq.view(), dcentre, dwidth, dx);
  if (gradient.empty()) return;

  const View<T> dweight = gradient[0];
  std::vector<T> dbias(units, 0);
  for (std::size_t i = 0; i < dl.size(); ++i) dbias[i % units] += dl.flat()[i];
  gemm<T>(1, dl.view(), Op::transpose, cache.x, Op::none, 1, dweight);
  if (tied()) {
    for (std::size_t j = 0; j < units; ++j)
      for (std::size_t i = 0; i < inputs; ++i) {
        dweight(j, i) -= dbias[j] * centre_.value(j, i);
        dcentre(j, i) -= dbias[j] * weight_.value(j, i);
      }
  } else {
    for (std::size_t j = 0; j < units; ++j) gradient[1](j) += dbias[j];
  }
  if (cache.training && params_.pressure > 0)
    widths_->add_mean_square_gradient(params_.pressure * static_cast<double>(cache.samples), dwidth);
}

template <class T>
double GaussianUnits<T>::penalty() const {
  return params_.pressure > 0 ? params_.pressure * widths_->mean_square() : 0;
}

template class GaussianUnits<float>;
template class GaussianUnits<double>;

}  // namespace neurarium
