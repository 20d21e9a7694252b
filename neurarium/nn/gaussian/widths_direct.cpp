// Widths by their definition: other orders than 2, and full precision.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "neurarium/nn/gaussian/widths_kinds.hpp"

namespace neurarium {
namespace {

template <class T>
T power(T x, T order) {
  return order == 2 ? x * x : std::pow(std::abs(x), order);
}
/// ∂|x|^p/∂x; 0 at 0, also where p < 1 has no slope there.
template <class T>
T power_slope(T x, T order) {
  if (x == 0) return 0;
  if (order == 2) return 2 * x;
  return std::copysign(order * std::pow(std::abs(x), order - 1), x);
}

}  // namespace

// ── Any order, spherical or diagonal ──

template <class T>
OrderedWidths<T>::OrderedWidths(bool diagonal, double order, std::size_t units, std::size_t inputs, double width)
    : LogWidths<T>(diagonal ? Shape{units, inputs} : Shape{units}, width),
      diagonal_(diagonal),
      order_(static_cast<T>(order)),
      inputs_(inputs) {}

template <class T>
T OrderedWidths<T>::inverse(std::size_t unit, std::size_t input) const {
  return std::exp(-log_width_.value.flat()[diagonal_ ? unit * inputs_ + input : unit]) /
         std::sqrt(static_cast<T>(inputs_));
}

template <class T>
void OrderedWidths<T>::exponents(View<const T> x, View<const T> centres, WidthsMemory<T>&, View<T> q) const {
  for (std::size_t j = 0; j < centres.shape()[0]; ++j) {
    std::vector<T> inverse_widths(inputs_);
    for (std::size_t i = 0; i < inputs_; ++i) inverse_widths[i] = inverse(j, i);
    for (std::size_t n = 0; n < x.shape()[0]; ++n) {
      T sum = 0;
      for (std::size_t i = 0; i < inputs_; ++i) sum += power((x(n, i) - centres(j, i)) * inverse_widths[i], order_);
      q(n, j) = sum;
    }
  }
}

template <class T>
void OrderedWidths<T>::backward(View<const T> x, View<const T> centres, View<const T>, View<const T> dq,
                                WidthsMemory<T>&, View<T> dcentres, View<T> dparameter, View<T> dx) const {
  const bool wanted = dparameter.size() > 0;
  std::ranges::fill(dx.flat(), T{0});
  for (std::size_t j = 0; j < centres.shape()[0]; ++j) {
    std::vector<T> inverse_widths(inputs_);
    for (std::size_t i = 0; i < inputs_; ++i) inverse_widths[i] = inverse(j, i);
    for (std::size_t n = 0; n < x.shape()[0]; ++n) {
      if (dq(n, j) == 0) continue;  // far away: ∞ · 0
      for (std::size_t i = 0; i < inputs_; ++i) {
        const T z = (x(n, i) - centres(j, i)) * inverse_widths[i];
        const T slope = dq(n, j) * power_slope(z, order_);
        if (wanted) {
          dcentres(j, i) -= slope * inverse_widths[i];
          dparameter.flat()[diagonal_ ? j * inputs_ + i : j] -= slope * z;
        }
        if (dx.size() > 0) dx(n, i) += slope * inverse_widths[i];
      }
    }
  }
}

// ── Full ──

template <class T>
FullWidths<T>::FullWidths(double order, std::size_t units, std::size_t inputs, double width)
    : order_(static_cast<T>(order)), factor_{"factor", Tensor<T>(Shape{units, inputs, inputs})} {
  for (std::size_t j = 0; j < units; ++j)
    for (std::size_t i = 0; i < inputs; ++i) factor_.value(j, i, i) = static_cast<T>(1 / width);
}

/// z = Lᵀ (x_n − c_j) / √d
template <class T>
void FullWidths<T>::turned(View<const T> x, View<const T> centres, std::size_t n, std::size_t j, std::span<T> z) const {
  const std::size_t d = z.size();
  const T scale = 1 / std::sqrt(static_cast<T>(d));
  std::ranges::fill(z, T{0});
  for (std::size_t i = 0; i < d; ++i) {
    const T away = (x(n, i) - centres(j, i)) * scale;
    for (std::size_t k = 0; k <= i; ++k) z[k] += factor_.value(j, i, k) * away;
  }
}

template <class T>
void FullWidths<T>::exponents(View<const T> x, View<const T> centres, WidthsMemory<T>&, View<T> q) const {
  std::vector<T> z(centres.shape()[1]);
  for (std::size_t n = 0; n < x.shape()[0]; ++n)
    for (std::size_t j = 0; j < centres.shape()[0]; ++j) {
      turned(x, centres, n, j, z);
      T sum = 0;
      for (const T v : z) sum += power(v, order_);
      // ∞ − ∞ within a z: far away, unless the row itself is not a number.
      const bool lost = std::isnan(sum) && std::ranges::none_of(x[n].flat(), [](T v) { return std::isnan(v); }) &&
                        std::ranges::none_of(factor_.value.flat(), [](T v) { return !std::isfinite(v); });
      q(n, j) = lost ? std::numeric_limits<T>::infinity() : sum;
    }
}

template <class T>
void FullWidths<T>::backward(View<const T> x, View<const T> centres, View<const T>, View<const T> dq, WidthsMemory<T>&,
                             View<T> dcentres, View<T> dparameter, View<T> dx) const {
  const std::size_t d = centres.shape()[1];
  const bool wanted = dparameter.size() > 0;
  std::ranges::fill(dx.flat(), T{0});
  const T scale = 1 / std::sqrt(static_cast<T>(d));
  std::vector<T> z(d);
  for (std::size_t n = 0; n < x.shape()[0]; ++n)
    for (std::size_t j = 0; j < centres.shape()[0]; ++j) {
      if (dq(n, j) == 0) continue;
      turned(x, centres, n, j, z);
      for (T& v : z) v = dq(n, j) * power_slope(v, order_);  // ∂E/∂z
      for (std::size_t i = 0; i < d; ++i) {
        const T away = (x(n, i) - centres(j, i)) * scale;
        T sum = 0;
        for (std::size_t k = 0; k <= i; ++k) {
          if (wanted) dparameter(j, i, k) += z[k] * away;
          sum += factor_.value(j, i, k) * z[k];
        }
        if (wanted) dcentres(j, i) -= sum * scale;
        if (dx.size() > 0) dx(n, i) += sum * scale;
      }
    }
}

template <class T>
double FullWidths<T>::mean_square(const WidthsMemory<T>&) const {
  const Shape& shape = factor_.value.shape();
  double sum = 0;
  for (std::size_t j = 0; j < shape[0]; ++j)
    for (std::size_t i = 0; i < shape[1]; ++i) sum += std::pow(static_cast<double>(factor_.value(j, i, i)), -2);
  return sum / static_cast<double>(shape[0] * shape[1]);
}

template <class T>
void FullWidths<T>::add_mean_square_gradient(double scale, const WidthsMemory<T>&, View<T> dparameter) const {
  const Shape& shape = factor_.value.shape();
  const double count = static_cast<double>(shape[0] * shape[1]);
  for (std::size_t j = 0; j < shape[0]; ++j)
    for (std::size_t i = 0; i < shape[1]; ++i)
      dparameter(j, i, i) -=
          static_cast<T>(2 * scale * std::pow(static_cast<double>(factor_.value(j, i, i)), -3) / count);
}

template class OrderedWidths<float>;
template class OrderedWidths<double>;
template class FullWidths<float>;
template class FullWidths<double>;

template <class T>
std::unique_ptr<Widths<T>> make_widths(const std::string& shape, double order, std::size_t units, std::size_t inputs,
                                       double width) {
  if (shape == "full") return std::make_unique<FullWidths<T>>(order, units, inputs, width);
  const bool diagonal = shape == "diagonal";
  if (order != 2) return std::make_unique<OrderedWidths<T>>(diagonal, order, units, inputs, width);
  if (diagonal) return std::make_unique<DiagonalWidths<T>>(units, inputs, width);
  return std::make_unique<SphericalWidths<T>>(units, inputs, width);
}

template std::unique_ptr<Widths<float>> make_widths<float>(const std::string&, double, std::size_t, std::size_t,
                                                           double);
template std::unique_ptr<Widths<double>> make_widths<double>(const std::string&, double, std::size_t, std::size_t,
                                                             double);

}  // namespace neurarium
