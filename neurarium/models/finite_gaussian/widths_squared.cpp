// Order 2, spherical and diagonal: squares are expanded, |x|² − 2 x·c + |c|², so that the work is products of matrices.
#include <algorithm>
#include <cmath>

#include "neurarium/kernels/gemm.hpp"
#include "neurarium/models/finite_gaussian/widths_kinds.hpp"

namespace neurarium {

using kernels::gemm;
using kernels::Op;

namespace {

/// Rows and centres relative to the mean centre: distances stay, and |x|² − 2 x·c + |c|² keeps its digits wherever the data lie.
template <class T>
struct Centred {
  Tensor<T> x, centres;
  Centred(View<const T> rows, View<const T> all_centres) : x(rows.shape()), centres(all_centres.shape()) {
    const std::size_t units = all_centres.shape()[0], d = all_centres.shape()[1];
    for (std::size_t i = 0; i < d; ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < units; ++j) sum += static_cast<double>(all_centres(j, i));
      const T middle = static_cast<T>(sum / static_cast<double>(units));
      for (std::size_t j = 0; j < units; ++j) centres(j, i) = all_centres(j, i) - middle;
      for (std::size_t n = 0; n < rows.shape()[0]; ++n) x(n, i) = rows(n, i) - middle;
    }
  }
};

/// x², and 0 in rows that have no part in the sums of `dq`: there it may be infinite.
template <class T>
Tensor<T> squares_for(View<const T> x, View<const T> dq) {
  Tensor<T> squares(x.shape());
  for (std::size_t n = 0; n < x.shape()[0]; ++n) {
    if (std::ranges::none_of(dq[n].flat(), [](T slope) { return slope != 0; })) continue;
    for (std::size_t i = 0; i < x.shape()[1]; ++i) squares(n, i) = x(n, i) * x(n, i);
  }
  return squares;
}

/// Where expanding went wrong (∞ − ∞), the exponent by its definition, in double.
template <class T, class InverseSquare>
void mend(View<const T> x, View<const T> centres, View<T> q, const InverseSquare& inverse_square) {
  const std::size_t units = centres.shape()[0], d = centres.shape()[1];
  for (std::size_t n = 0; n < x.shape()[0]; ++n)
    for (std::size_t j = 0; j < units; ++j) {
      if (q(n, j) >= 0) continue;
      if (q(n, j) < 0) {  // rounding, at the centre
        q(n, j) = 0;
        continue;
      }
      double sum = 0;
      for (std::size_t i = 0; i < d; ++i) {
        const double away = static_cast<double>(x(n, i)) - static_cast<double>(centres(j, i));
        sum += away * away * inverse_square(j, i);
      }
      q(n, j) = static_cast<T>(sum);
    }
}

}  // namespace

// ── Spherical ──

template <class T>
double SphericalWidths<T>::inverse_square(std::size_t unit) const {
  const double s = static_cast<double>(log_width_.value(unit));
  return std::exp(-2 * s) / static_cast<double>(inputs_) + 0 * s;  // NaN if s is infinite: that is no width
}

template <class T>
void SphericalWidths<T>::exponents(View<const T> given, View<const T> given_centres, View<T> q) const {
  const Centred<T> centred(given, given_centres);
  const View<const T> x = centred.x.view(), centres = centred.centres.view();
  const std::size_t n = x.shape()[0], units = centres.shape()[0];
  const auto squares = [](View<const T> row) {
    double sum = 0;
    for (const T v : row.flat()) sum += static_cast<double>(v) * static_cast<double>(v);
    return sum;
  };
  gemm<T>(-2, x, Op::none, centres, Op::transpose, 0, q);
  std::vector<T> scale(units), constant(units);
  for (std::size_t j = 0; j < units; ++j) {
    scale[j] = static_cast<T>(inverse_square(j));
    constant[j] = static_cast<T>(squares(centres[j]));
  }
  for (std::size_t i = 0; i < n; ++i) {
    const T norm = static_cast<T>(squares(x[i]));
    for (std::size_t j = 0; j < units; ++j) q(i, j) = (norm + q(i, j) + constant[j]) * scale[j];
  }
  mend(x, centres, q, [&](std::size_t j, std::size_t) { return inverse_square(j); });
}

// With r = 2 ∂E/∂q / σ²: ∂E/∂x = Σ_j r (x − c), ∂E/∂c = −Σ_n r (x − c), ∂E/∂log σ = −2 Σ_n q ∂E/∂q.
template <class T>
void SphericalWidths<T>::backward(View<const T> given, View<const T> given_centres, View<const T> q, View<const T> dq,
                                  View<T> dcentres, View<T> dparameter, View<T> dx) const {
  const Centred<T> centred(given, given_centres);
  const View<const T> x = centred.x.view(), centres = centred.centres.view();
  const std::size_t n = x.shape()[0], units = centres.shape()[0];
  Tensor<T> r(Shape{n, units});
  std::vector<T> row_sums(n, 0), column_sums(units, 0), scale(units);
  std::vector<double> width_sums(units, 0);
  for (std::size_t j = 0; j < units; ++j) scale[j] = static_cast<T>(2 * inverse_square(j));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < units; ++j) {
      r(i, j) = dq(i, j) == 0 ? T{0} : dq(i, j) * scale[j];
      row_sums[i] += r(i, j);
      column_sums[j] += r(i, j);
      if (dq(i, j) != 0) width_sums[j] -= 2 * static_cast<double>(dq(i, j)) * static_cast<double>(q(i, j));
    }
  if (dparameter.size() > 0) {
    gemm<T>(-1, r.view(), Op::transpose, x, Op::none, 1, dcentres);
    for (std::size_t j = 0; j < units; ++j) {
      for (std::size_t k = 0; k < inputs_; ++k) dcentres(j, k) += column_sums[j] * centres(j, k);
      dparameter(j) += static_cast<T>(width_sums[j]);
    }
  }
  if (dx.size() == 0) return;
  gemm<T>(-1, r.view(), Op::none, centres, Op::none, 1, dx);
  for (std::size_t i = 0; i < n; ++i)
    if (row_sums[i] != 0)
      for (std::size_t k = 0; k < inputs_; ++k) dx(i, k) += row_sums[i] * x(i, k);
}

// ── Diagonal ──

/// 1/σ².
template <class T>
Tensor<T> DiagonalWidths<T>::inverse_squares() const {
  const Tensor<T>& s = log_width_.value;
  Tensor<T> a(s.shape());
  const T d = static_cast<T>(s.shape()[1]);
  for (std::size_t i = 0; i < s.size(); ++i) a.flat()[i] = std::exp(-2 * s.flat()[i]) / d + 0 * s.flat()[i];
  return a;
}

template <class T>
void DiagonalWidths<T>::exponents(View<const T> given, View<const T> given_centres, View<T> q) const {
  const Centred<T> centred(given, given_centres);
  const View<const T> x = centred.x.view(), centres = centred.centres.view();
  const std::size_t units = centres.shape()[0], d = centres.shape()[1];
  const Tensor<T> a = inverse_squares();
  Tensor<T> weighted(a.shape()), squares(x.shape());
  std::vector<T> constant(units);
  for (std::size_t j = 0; j < units; ++j) {
    double sum = 0;
    for (std::size_t i = 0; i < d; ++i) {
      weighted(j, i) = a(j, i) * centres(j, i);
      sum += static_cast<double>(weighted(j, i)) * static_cast<double>(centres(j, i));
    }
    constant[j] = static_cast<T>(sum);
  }
  for (std::size_t i = 0; i < x.size(); ++i) squares.flat()[i] = x.flat()[i] * x.flat()[i];
  gemm<T>(1, squares.view(), Op::none, a.view(), Op::transpose, 0, q);
  gemm<T>(-2, x, Op::none, weighted.view(), Op::transpose, 1, q);
  for (std::size_t n = 0; n < x.shape()[0]; ++n)
    for (std::size_t j = 0; j < units; ++j) q(n, j) += constant[j];
  mend(x, centres, q, [&](std::size_t j, std::size_t i) { return static_cast<double>(a(j, i)); });
}

// With S_k = Σ_n ∂E/∂q x^k: ∂E/∂c = −2 a (S_1 − c S_0), ∂E/∂log σ = −2 a (S_2 − 2 c S_1 + c² S_0).
template <class T>
void DiagonalWidths<T>::backward(View<const T> given, View<const T> given_centres, View<const T>, View<const T> dq,
                                 View<T> dcentres, View<T> dparameter, View<T> dx) const {
  const Centred<T> centred(given, given_centres);
  const View<const T> x = centred.x.view(), centres = centred.centres.view();
  const std::size_t n = x.shape()[0], units = centres.shape()[0], d = centres.shape()[1];
  const Tensor<T> a = inverse_squares();
  if (dparameter.size() > 0) {
    const Tensor<T> squares = squares_for(x, dq);
    Tensor<T> first(a.shape()), second(a.shape());
    std::vector<T> sums(units, 0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < units; ++j) sums[j] += dq(i, j);
    gemm<T>(1, dq, Op::transpose, x, Op::none, 0, first.view());
    gemm<T>(1, dq, Op::transpose, squares.view(), Op::none, 0, second.view());
    for (std::size_t j = 0; j < units; ++j)
      for (std::size_t i = 0; i < d; ++i) {
        const T c = centres(j, i);
        dcentres(j, i) -= 2 * a(j, i) * (first(j, i) - c * sums[j]);
        dparameter(j, i) -= 2 * a(j, i) * (second(j, i) - 2 * c * first(j, i) + c * c * sums[j]);
      }
  }
  if (dx.size() == 0) return;
  Tensor<T> weighted(a.shape());  // 2 Σ_j ∂E/∂q (a x − a c)
  for (std::size_t j = 0; j < units; ++j)
    for (std::size_t i = 0; i < d; ++i) weighted(j, i) = a(j, i) * centres(j, i);
  Tensor<T> reach(x.shape());
  gemm<T>(1, dq, Op::none, a.view(), Op::none, 0, reach.view());
  for (std::size_t i = 0; i < x.size(); ++i)
    if (reach.flat()[i] != 0) dx.flat()[i] += 2 * reach.flat()[i] * x.flat()[i];
  gemm<T>(-2, dq, Op::none, weighted.view(), Op::none, 1, dx);
}

template class SphericalWidths<float>;
template class SphericalWidths<double>;
template class DiagonalWidths<float>;
template class DiagonalWidths<double>;

}  // namespace neurarium
