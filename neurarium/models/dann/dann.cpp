#include "neurarium/models/dann/dann.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/gemm.hpp"

namespace neurarium {

using kernels::gemm;
using kernels::Op;

Schema DannParams::fields() {
  using P = DannParams;
  return Schema::of<P>({
      field("name", &P::name, "Name of the layer in parameters and messages; default dann1, dann2, …"),
      field("units", &P::units, "Number of excitatory units, which the next layer sees.").at_least(1),
      field("inhibitory", &P::inhibitory, "Number of interneurons; 0: a tenth of the units, at least 1.").at_least(0),
      field("activation", &P::activation, "Activation function f.").one_of(activation_function_names()),
      field("updates", &P::updates, "Gradients as they are, or those of interneurons divided by what they move.")
          .one_of({"plain", "corrected"}),
      field("initial_sd", &P::initial_sd, "Standard deviation s of the first W_EX and W_IX; 0: √(2π/(d (2π − 1))).")
          .at_least(0),
      field("epsilon", &P::epsilon, "ε, which is added to γ.").positive(),
  });
}

template <class T>
void Dann<T>::Positive::keep(Parameter<T>& parameter) {
  signs = Tensor<T>(parameter.value.shape());
  std::ranges::fill(signs.flat(), T{1});
  SynapseMap map;
  if (signs.shape().axes() == 2) map = SynapseMap::of(signs.shape(), 1, 1, true);
  else map.per_block = signs.size(), map.per_synapse = true;
  constraint = {SignRule::clamp, map, ArrayView(std::as_const(signs).view()), {}};
  parameter.signs = &constraint;
}

template <class T>
Shape Dann<T>::build(const Shape& input, const std::string& name, std::uint64_t seed) {
  inputs_ = input.elements(), units_ = static_cast<std::size_t>(params_.units);
  if (inputs_ == 0) throw ShapeError(name, "at least one input", to_string(input));
  inhibitory_ = params_.inhibitory > 0 ? static_cast<std::size_t>(params_.inhibitory)
                                       : std::max<std::size_t>(1, (units_ + 5) / 10);
  const double pi = std::numbers::pi, d = static_cast<double>(inputs_);
  const double sd = params_.initial_sd > 0 ? params_.initial_sd : std::sqrt(2 * pi / (d * (2 * pi - 1)));
  const auto exponential = [&](std::size_t rows, const char* what) {
    std::vector<double> drawn(rows * inputs_);
    fill_uniform(Stream(seed, name + what), {}, 0, 1, drawn);
    Tensor<T> weights(Shape{rows, inputs_});
    std::ranges::transform(drawn, weights.flat().begin(),
                           [&](double u) { return static_cast<T>(-sd * std::log1p(-u)); });
    return weights;
  };
  const auto filled = [](const Shape& shape, double value) {
    Tensor<T> numbers(shape);
    std::ranges::fill(numbers.flat(), static_cast<T>(value));
    return numbers;
  };
  excite_.value = exponential(units_, ".weight_ex");
  if (inhibitory_ > 1) {
    drive_.value = exponential(inhibitory_, ".weight_ix");
  } else {
    drive_.value = Tensor<T>(Shape{1, inputs_});
    for (std::size_t j = 0; j < inputs_; ++j) {
      double sum = 0;
      for (std::size_t e = 0; e < units_; ++e) sum += static_cast<double>(excite_.value(e, j));
      drive_.value.flat()[j] = static_cast<T>(sum / static_cast<double>(units_));
    }
  }
  inhibit_.value = filled({units_, inhibitory_}, 1 / static_cast<double>(inhibitory_));
  alpha_.value = filled({inhibitory_}, std::log(std::sqrt((2 * pi - 1) / d)));
  gain_.value = filled({units_}, 1);
  bias_.value = Tensor<T>(Shape{units_});
  Parameter<T>* const positive[] = {&excite_, &drive_, &inhibit_, &gain_};
  for (std::size_t i = 0; i < 4; ++i) kept_[i].keep(*positive[i]);
  return Shape{units_};
}

template <class T>
void Dann<T>::forward(const Activity<T>& in, Activity<T>& out, const Context&, Tape& tape) const {
  Cache& c = tape.cache<Cache>();
  const std::size_t n = in.samples();
  c.in = in.dense().reshaped({n, inputs_});
  c.divisive.resize(inhibit_.value.shape());
  for (std::size_t i = 0; i < inhibitory_; ++i) {
    const T strength = std::exp(alpha_.value(i));
    for (std::size_t e = 0; e < units_; ++e) c.divisive(e, i) = inhibit_.value(e, i) * strength;
  }
  c.h.resize(Shape{n, inhibitory_});
  gemm<T>(1, c.in, Op::none, drive_.value.view(), Op::transpose, 0, c.h.view());
  c.centred.resize(Shape{n, units_});
  gemm<T>(1, c.in, Op::none, excite_.value.view(), Op::transpose, 0, c.centred.view());
  gemm<T>(-1, c.h.view(), Op::none, inhibit_.value.view(), Op::transpose, 1, c.centred.view());
  c.gamma.resize(Shape{n, units_});
  std::ranges::fill(c.gamma.flat(), static_cast<T>(params_.epsilon));
  gemm<T>(1, c.h.view(), Op::none, c.divisive.view(), Op::transpose, 1, c.gamma.view());
  const View<T> y = out.make_dense({n, units_});
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t e = 0; e < units_; ++e) {
      c.centred(k, e) /= c.gamma(k, e);
      y(k, e) = gain_.value(e) * c.centred(k, e) + bias_.value(e);
    }
  if (needs_input(activation_)) {
    c.a.resize(y.shape());
    std::ranges::copy(y.flat(), c.a.flat().begin());
  }
  activate(activation_, y, y);
  c.out = y;
}

template <class T>
void Dann<T>::backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                       std::span<const View<T>> gradient) const {
  const Cache& c = tape.cache<Cache>();
  const std::size_t n = c.out.shape()[0];
  for (Tensor<T>* numbers : {&c.delta, &c.down, &c.shunt}) numbers->resize(c.out.shape());
  std::ranges::copy(out_gradient.dense().flat(), c.delta.flat().begin());
  multiply_by_derivative(activation_, c.a.view(), c.out, c.delta.view());
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t e = 0; e < units_; ++e) {
      c.down(k, e) = c.delta(k, e) * gain_.value(e) / c.gamma(k, e);
      c.shunt(k, e) = -c.down(k, e) * c.centred(k, e);
    }
  c.at_h.resize(c.h.shape());
  gemm<T>(-1, c.down.view(), Op::none, inhibit_.value.view(), Op::none, 0, c.at_h.view());
  gemm<T>(1, c.shunt.view(), Op::none, c.divisive.view(), Op::none, 1, c.at_h.view());
  if (!gradient.empty()) add_gradients(c, gradient);
  if (!in_gradient) return;
  const View<T> to = in_gradient->make_dense(c.in.shape());
  gemm<T>(1, c.down.view(), Op::none, excite_.value.view(), Op::none, 0, to);
  gemm<T>(1, c.at_h.view(), Op::none, drive_.value.view(), Op::none, 1, to);
}

template <class T>
void Dann<T>::add_gradients(const Cache& c, std::span<const View<T>> gradient) const {
  const double many = is_corrected() ? std::sqrt(static_cast<double>(units_)) : 1;
  const double wide = is_corrected() ? static_cast<double>(inputs_) : 1;
  gemm<T>(1, c.down.view(), Op::transpose, c.in, Op::none, 1, gradient[0]);
  gemm<T>(static_cast<T>(1 / many), c.at_h.view(), Op::transpose, c.in, Op::none, 1, gradient[1]);
  gemm<T>(static_cast<T>(-1 / wide), c.down.view(), Op::transpose, c.h.view(), Op::none, 1, gradient[2]);
  c.through.resize(inhibit_.value.shape());
  gemm<T>(1, c.shunt.view(), Op::transpose, c.h.view(), Op::none, 0, c.through.view());
  for (std::size_t i = 0; i < inhibitory_; ++i) {
    const T strength = std::exp(alpha_.value(i));
    T sum = 0;
    for (std::size_t e = 0; e < units_; ++e) {
      gradient[2](e, i) += static_cast<T>(1 / wide) * strength * c.through(e, i);
      sum += c.divisive(e, i) * c.through(e, i);
    }
    gradient[3](i) += static_cast<T>(1 / (wide * many)) * sum;
  }
  for (std::size_t k = 0; k < c.delta.shape()[0]; ++k)
    for (std::size_t e = 0; e < units_; ++e) {
      gradient[4](e) += c.delta(k, e) * c.centred(k, e);
      gradient[5](e) += c.delta(k, e);
    }
}

template class Dann<float>;
template class Dann<double>;

void register_dann(Registry& registry) {
  registry.add<DannParams>("layer", "dann", "Excitatory units with interneurons that subtract and divide (Dale's law).")
      .makes<Layer<float>>([](const DannParams& p) { return std::make_unique<Dann<float>>(p); })
      .makes<Layer<double>>([](const DannParams& p) { return std::make_unique<Dann<double>>(p); });
}

}  // namespace neurarium
