#include "neurarium/nn/activation_function.hpp"

#include <cmath>
#include <numbers>
#include <type_traits>

#include "neurarium/core/errors.hpp"
#include "neurarium/kernels/elementary.hpp"
#include "neurarium/kernels/logistic.hpp"

namespace neurarium {
namespace {

constexpr double leak = 0.01;

template <class T>
T sigma(T a) {
  return T{1} / (T{1} + std::exp(-a));
}
template <class T>
T normal_distribution(T a) {  // Φ
  return T{0.5} * std::erfc(-a * static_cast<T>(std::numbers::sqrt2 / 2));
}
template <class T>
T normal_density(T a) {  // Φ'
  return std::exp(T{-0.5} * a * a) * static_cast<T>(std::numbers::inv_sqrtpi / std::numbers::sqrt2);
}

template <class T, class Function>
void each(View<const T> a, View<T> y, Function g) {
  const auto from = a.flat();
  const auto to = y.flat();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = g(from[i]);
}
template <class T, class Derivative>
void times(View<const T> at, View<T> delta, Derivative slope) {
  const auto x = at.flat();
  const auto d = delta.flat();
  for (std::size_t i = 0; i < d.size(); ++i) d[i] *= slope(x[i]);
}

}  // namespace

const std::vector<std::string>& activation_function_names() {
  static const std::vector<std::string> names = {"identity", "tanh", "logistic", "relu",    "leaky_relu",
                                                 "elu",      "gelu", "silu",     "softplus"};
  return names;
}

ActivationFunction activation_function(const std::string& name) {
  const auto& names = activation_function_names();
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<ActivationFunction>(i);
    list += (i ? ", " : "") + names[i];
  }
  throw SpecError("activation '" + name + "' is not known", "use one of " + list);
}

template <class T>
void activate(ActivationFunction g, std::type_identity_t<View<const T>> a, View<T> y) {
  switch (g) {
    case ActivationFunction::identity: return each<T>(a, y, [](T x) { return x; });
    case ActivationFunction::tanh: return kernels::hyperbolic_tangent<T>(a, y);
    case ActivationFunction::logistic: return kernels::logistic<T>(a, y);
    case ActivationFunction::relu: return each<T>(a, y, [](T x) { return x < T{0} ? T{0} : x; });
    case ActivationFunction::leaky_relu:
      return each<T>(a, y, [](T x) { return x < T{0} ? static_cast<T>(leak) * x : x; });
    case ActivationFunction::elu: return each<T>(a, y, [](T x) { return x < T{0} ? std::expm1(x) : x; });
    case ActivationFunction::gelu: return each<T>(a, y, [](T x) { return x * normal_distribution(x); });
    case ActivationFunction::silu: return each<T>(a, y, [](T x) { return x / (T{1} + std::exp(-x)); });
    case ActivationFunction::softplus:  // the larger part first: no overflow
      return each<T>(a, y, [](T x) { return (x < T{0} ? T{0} : x) + std::log1p(std::exp(-std::abs(x))); });
  }
}

template <class T>
void multiply_by_derivative(ActivationFunction g, std::type_identity_t<View<const T>> a,
                            std::type_identity_t<View<const T>> y, View<T> delta) {
  switch (g) {
    case ActivationFunction::identity: return;
    case ActivationFunction::tanh: return times<T>(y, delta, [](T out) { return T{1} - out * out; });
    case ActivationFunction::logistic: return times<T>(y, delta, [](T out) { return out * (T{1} - out); });
    case ActivationFunction::relu: {  // set, not multiplied: 0 stays 0 even where delta is infinite
      const auto out = y.flat();
      const auto d = delta.flat();
      for (std::size_t i = 0; i < d.size(); ++i) d[i] = out[i] > T{0} ? d[i] : T{0};
      return;
    }
    case ActivationFunction::leaky_relu:
      return times<T>(y, delta, [](T out) { return out > T{0} ? T{1} : static_cast<T>(leak); });
    case ActivationFunction::elu: return times<T>(y, delta, [](T out) { return out > T{0} ? T{1} : out + T{1}; });
    case ActivationFunction::gelu:
      return times<T>(a, delta, [](T in) { return normal_distribution(in) + in * normal_density(in); });
    case ActivationFunction::silu:
      return times<T>(a, delta, [](T in) {
        const T s = sigma(in);
        return s * (T{1} + in * (T{1} - s));
      });
    case ActivationFunction::softplus: return times<T>(y, delta, [](T out) { return -std::expm1(-out); });
  }
}

template void activate<float>(ActivationFunction, View<const float>, View<float>);
template void activate<double>(ActivationFunction, View<const double>, View<double>);
template void multiply_by_derivative<float>(ActivationFunction, View<const float>, View<const float>, View<float>);
template void multiply_by_derivative<double>(ActivationFunction, View<const double>, View<const double>, View<double>);

}  // namespace neurarium
