#include "neurarium/models/dense/dense.hpp"

#include "neurarium/kernels/gemm.hpp"
#include "neurarium/nn/initial_values.hpp"

namespace neurarium {

using kernels::gemm;
using kernels::Op;

Schema DenseParams::fields() {
  return Schema::of<DenseParams>({
      field("name", &DenseParams::name, "Name of the layer in parameters and messages; default dense1, dense2, …"),
      field("units", &DenseParams::units, "Number of output units.").at_least(1),
      field("activation", &DenseParams::activation, "Activation function g.").one_of(activation_function_names()),
      field("use_bias", &DenseParams::use_bias, "Whether the layer has a bias b."),
      component("initialiser", &DenseParams::initialiser, "initialiser", "Initial weights, unless they are given."),
      field("weights", &DenseParams::weights, "Initial W [units, inputs]."),
      field("bias", &DenseParams::bias, "Initial b [units]; default 0."),
      field("dale", &DenseParams::dale, "Signs of the weights, by input (Dale's law)."),
  });
}

template <class T>
Dense<T>::Dense(const Params& params, std::shared_ptr<const Initialiser> initialiser)
    : params_(params), initialiser_(std::move(initialiser)), activation_(activation_function(params.activation)) {}

template <class T>
Shape Dense<T>::build(const Shape& input, const std::string& name, std::uint64_t seed) {
  const auto units = static_cast<std::size_t>(params_.units);
  const std::size_t inputs = input.elements();
  if (inputs == 0) throw ShapeError(name, "at least one input", to_string(input));
  weight_.value = initial_weights<T>(params_.weights, Shape{units, inputs}, name, *initialiser_, inputs, units, seed);
  signs_.build(params_.dale, weight_, 1, name, seed);
  bias_.value = initial_bias<T>(params_.bias, Shape{units}, name, params_.use_bias);
  return Shape{units};
}

template <class T>
std::vector<Parameter<T>*> Dense<T>::parameters() {
  std::vector<Parameter<T>*> all = {&weight_};
  if (params_.use_bias) all.push_back(&bias_);
  if (Parameter<T>* learned = signs_.learned()) all.push_back(learned);
  return all;
}

template <class T>
void Dense<T>::forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const {
  Cache& cache = tape.cache<Cache>();
  const View<const T> weight = signs_.effective(weight_, context, cache.signs);
  const std::size_t n = in.samples(), units = weight_.value.shape()[0];
  const View<const T> x = in.dense().reshaped({n, weight_.value.shape()[1]});
  const View<T> y = out.make_dense({n, units});
  for (std::size_t i = 0; i < n; ++i) std::ranges::copy(bias_.value.flat(), y[i].flat().begin());
  gemm<T>(1, x, Op::none, weight, Op::transpose, 1, y);
  if (needs_input(activation_)) {
    cache.a.resize(y.shape());
    std::ranges::copy(y.flat(), cache.a.flat().begin());
  }
  activate(activation_, y, y);
  cache.in = x;
  cache.out = y;
}

template <class T>
void Dense<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                        std::span<const View<T>> gradient) const {
  const Cache& cache = tape.cache<Cache>();
  Tensor<T>& delta = cache.delta;
  delta.resize(cache.out.shape());
  std::ranges::copy(out_gradient.dense().flat(), delta.flat().begin());
  multiply_by_derivative(activation_, cache.a.view(), cache.out, delta.view());
  if (!gradient.empty()) {
    gemm<T>(1, delta.view(), Op::transpose, cache.in, Op::none, 1, signs_.gradient_at_weight(cache.signs, gradient[0]));
    signs_.pull_back(weight_, cache.signs, delta.shape()[0], gradient[0], gradient.back());
    if (params_.use_bias)
      for (std::size_t i = 0; i < delta.shape()[0]; ++i)
        for (std::size_t j = 0; j < delta.shape()[1]; ++j) gradient[1](j) += delta(i, j);
  }
  if (in_gradient)
    gemm<T>(1, delta.view(), Op::none, cache.signs.weight, Op::none, 0, in_gradient->make_dense(cache.in.shape()));
}

template class Dense<float>;
template class Dense<double>;

void register_dense(Registry& registry) {
  const auto make = []<class T>(const DenseParams& params, const Registry& parts) {
    return std::make_unique<Dense<T>>(params,
                                      parts.make<Initialiser>("initialiser", params.initialiser, "initialiser"));
  };
  registry.add<DenseParams>("layer", "dense", "Fully connected layer, Y = g(X Wᵀ + b).")
      .makes<Layer<float>>([=](const DenseParams& p, const Registry& r) { return make.operator()<float>(p, r); })
      .makes<Layer<double>>([=](const DenseParams& p, const Registry& r) { return make.operator()<double>(p, r); });
}

}  // namespace neurarium
