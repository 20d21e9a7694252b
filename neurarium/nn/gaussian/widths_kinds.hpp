// The kinds of widths, behind make_widths (widths.hpp).
#pragma once

#include <cmath>

#include "neurarium/nn/gaussian/widths.hpp"

namespace neurarium {

/// Widths that are kept as log(σ / √d), in whatever shape.
template <class T>
class LogWidths : public Widths<T> {
 public:
  LogWidths(const Shape& shape, double width) : log_width_{"log_width", Tensor<T>(shape)} {
    log_width_.value.fill(static_cast<T>(std::log(width)));
  }
  Parameter<T>& parameter() override { return log_width_; }
  double mean_square(const WidthsMemory<T>&) const override {
    double sum = 0;
    for (const T s : log_width_.value.flat()) sum += std::exp(2 * static_cast<double>(s));
    return sum / static_cast<double>(log_width_.value.size());
  }
  void add_mean_square_gradient(double scale, const WidthsMemory<T>&, View<T> dparameter) const override {
    const auto s = log_width_.value.flat();
    for (std::size_t j = 0; j < s.size(); ++j)
      dparameter.flat()[j] +=
          static_cast<T>(scale * 2 * std::exp(2 * static_cast<double>(s[j])) / static_cast<double>(s.size()));
  }

 protected:
  Parameter<T> log_width_;
};

// What order 2 costs, for n rows, u units and d inputs, with G = n u d multiply-adds:
//   products of matrices   spherical G forward; back G for the centres and G for x
//                          diagonal 2 G forward; back 2 G for centres and widths and 2 G for x
//   beside them            n d numbers read and written forward (rows relative to the mean centre; diagonal: squares, too) and
//                          once more for dx; u d numbers: centres moved, and corrected on the way back (diagonal: 1/σ² and c/σ²
//                          made of the widths, and both gradients corrected)
// and G more forward, for the weights and for x for the line itself. With n = u = 128 and d = 784 a pass over u d numbers takes
// some hundredths of a product: all passes are vectorised, and none is made twice.

/// Order 2, one width per unit.
template <class T>
class SphericalWidths : public LogWidths<T> {
 public:
  SphericalWidths(std::size_t units, std::size_t inputs, double width)
      : LogWidths<T>({units}, width), inputs_(inputs) {}
  void exponents(View<const T> x, View<const T> centres, WidthsMemory<T>& memory, View<T> q) const override;
  void backward(View<const T> x, View<const T> centres, View<const T> q, View<const T> dq, WidthsMemory<T>& memory,
                View<T> dcentres, View<T> dparameter, View<T> dx) const override;

 private:
  using LogWidths<T>::log_width_;
  double inverse_square(std::size_t unit) const;
  std::size_t inputs_;
};

/// Order 2, one width per unit and input.
template <class T>
class DiagonalWidths : public LogWidths<T> {
 public:
  DiagonalWidths(std::size_t units, std::size_t inputs, double width) : LogWidths<T>({units, inputs}, width) {}
  void exponents(View<const T> x, View<const T> centres, WidthsMemory<T>& memory, View<T> q) const override;
  void backward(View<const T> x, View<const T> centres, View<const T> q, View<const T> dq, WidthsMemory<T>& memory,
                View<T> dcentres, View<T> dparameter, View<T> dx) const override;

  double mean_square(const WidthsMemory<T>& memory) const override;
  void add_mean_square_gradient(double scale, const WidthsMemory<T>& memory, View<T> dparameter) const override;

 private:
  using LogWidths<T>::log_width_;
};

/// Any order, spherical or diagonal, summand by summand.
template <class T>
class OrderedWidths : public LogWidths<T> {
 public:
  OrderedWidths(bool diagonal, double order, std::size_t units, std::size_t inputs, double width);
  void exponents(View<const T> x, View<const T> centres, WidthsMemory<T>& memory, View<T> q) const override;
  void backward(View<const T> x, View<const T> centres, View<const T> q, View<const T> dq, WidthsMemory<T>& memory,
                View<T> dcentres, View<T> dparameter, View<T> dx) const override;

 private:
  using LogWidths<T>::log_width_;
  T inverse(std::size_t unit, std::size_t input) const;  ///< 1/σ
  bool diagonal_;
  T order_;
  std::size_t inputs_;
};

/// A Cholesky factor of the precision for each unit: ellipsoids that lie askew. Order as given; d² numbers per unit.
template <class T>
class FullWidths : public Widths<T> {
 public:
  FullWidths(double order, std::size_t units, std::size_t inputs, double width);
  Parameter<T>& parameter() override { return factor_; }
  void exponents(View<const T> x, View<const T> centres, WidthsMemory<T>& memory, View<T> q) const override;
  void backward(View<const T> x, View<const T> centres, View<const T> q, View<const T> dq, WidthsMemory<T>& memory,
                View<T> dcentres, View<T> dparameter, View<T> dx) const override;
  double mean_square(const WidthsMemory<T>&) const override;
  void add_mean_square_gradient(double scale, const WidthsMemory<T>&, View<T> dparameter) const override;

 private:
  void turned(View<const T> x, View<const T> centres, std::size_t n, std::size_t unit, std::span<T> z) const;
  T order_;
  Parameter<T> factor_;
};

}  // namespace neurarium
