#include "softsign_dense/softsign_dense.hpp"

#include <cmath>

#include <neurarium/kernels/gemm.hpp>

using namespace neurarium;
using kernels::gemm;
using kernels::Op;

Schema SoftsignDenseParams::fields() {
  return Schema::of<SoftsignDenseParams>({
      field("name", &SoftsignDenseParams::name, "Name of the layer in parameters and messages."),
      field("units", &SoftsignDenseParams::units, "Number of output units.").at_least(1),
      component("initialiser", &SoftsignDenseParams::initialiser, "initialiser", "Initial weights."),
  });
}

template <class T>
Shape SoftsignDense<T>::build(const Shape& input, const std::string& name, std::uint64_t seed) {
  const auto units = static_cast<std::size_t>(params_.units);
  const std::size_t inputs = input.elements();
  if (inputs == 0) throw ShapeError(name, "at least one input", to_string(input));
  Tensor<double> initial(Shape{units, inputs});
  initialiser_->fill(initial.flat(), inputs, units, Stream(seed, name + ".weight"));
  weight_.value = to_tensor<T>(initial.view());
  bias_.value = Tensor<T>(Shape{units});
  return Shape{units};
}

template <class T>
void SoftsignDense<T>::forward(const Activity<T>& in, Activity<T>& out, const Context&, Tape& tape) const {
  const std::size_t n = in.samples(), units = weight_.value.shape()[0];
  const View<const T> x = in.dense().reshaped({n, weight_.value.shape()[1]});
  const View<T> y = out.make_dense({n, units});
  for (std::size_t i = 0; i < n; ++i) std::ranges::copy(bias_.value.flat(), y[i].flat().begin());
  gemm<T>(1, x, Op::none, weight_.value.view(), Op::transpose, 1, y);
  for (T& a : y.flat()) a /= T{1} + std::abs(a);
  Cache& cache = tape.cache<Cache>();
  cache.in = x;
  cache.out = y;
}

template <class T>
void SoftsignDense<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                                std::span<const View<T>> gradient) const {
  const Cache& cache = tape.cache<Cache>();
  Tensor<T>& delta = cache.delta;
  delta.resize(cache.out.shape());
  const auto y = cache.out.flat(), dy = out_gradient.dense().flat();
  for (std::size_t i = 0; i < y.size(); ++i) {
    const T slope = T{1} - std::abs(y[i]);
    delta.flat()[i] = slope * slope * dy[i];
  }
  if (!gradient.empty()) {  // else nobody asks for the parameters' part
    gemm<T>(1, delta.view(), Op::transpose, cache.in, Op::none, 1, gradient[0]);
    for (std::size_t i = 0; i < delta.shape()[0]; ++i)
      for (std::size_t j = 0; j < delta.shape()[1]; ++j) gradient[1](j) += delta(i, j);
  }
  if (in_gradient)
    gemm<T>(1, delta.view(), Op::none, weight_.value.view(), Op::none, 0, in_gradient->make_dense(cache.in.shape()));
}

template class SoftsignDense<float>;
template class SoftsignDense<double>;

void register_softsign_dense(Registry& registry) {
  const auto make = []<class T>(const SoftsignDenseParams& params, const Registry& parts) {
    return std::make_unique<SoftsignDense<T>>(params, parts.make<Initialiser>("initialiser", params.initialiser));
  };
  registry.add<SoftsignDenseParams>("layer", "softsign_dense", "Fully connected layer that saturates slowly.")
      .makes<Layer<float>>([=](const auto& p, const Registry& r) { return make.template operator()<float>(p, r); })
      .makes<Layer<double>>([=](const auto& p, const Registry& r) { return make.template operator()<double>(p, r); });
}
