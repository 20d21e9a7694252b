// Order 2, spherical and diagonal: squares are expanded, |x|² − 2 x·c + |c|², so that the work is products of matrices.
#include <algorithm>
#include <cmath>
#include <utility>

#include "neurarium/kernels/columns.hpp"
#include "neurarium/kernels/gaussian.hpp"
#include "neurarium/kernels/gemm.hpp"
#include "neurarium/nn/gaussian/widths_kinds.hpp"

namespace neurarium {

using kernels::gemm;
using kernels::Op;

namespace {

using kernels::gaussian_passes;

/// The mean centre: relative to it distances stay, and |x|² − 2 x·c + |c|² keeps its digits wherever the data lie.
template <class T>
std::vector<T> mean_centre(View<const T> centres) {
  const std::size_t units = centres.shape()[0], d = centres.shape()[1];
  std::vector<T> mean(d);
  gaussian_passes<T>().sum_columns(centres.data(), units, d, mean.data());
  for (T& m : mean) m /= static_cast<T>(units);
  return mean;
}

/// Where expanding went wrong (∞ − ∞), the exponent by its definition, in double.
template <class T, class InverseSquare>
void mend(View<const T> x, View<const T> centres, View<T> q, const InverseSquare& inverse_square) {
  const std::size_t units = centres.shape()[0], d = centres.shape()[1];
  for (std::size_t n = 0; n < x.shape()[0]; ++n)
    for (std::size_t j = 0; j < units; ++j) {
      if (q(n, j) >= 0) continue;
      double sum = 0;
      for (std::size_t i = 0; i < d; ++i) {
        const double away = static_cast<double>(x(n, i)) - static_cast<double>(centres(j, i));
        sum += away * away * inverse_square(j, i);
      }
      q(n, j) = static_cast<T>(sum);
    }
}

/// Σ of the columns of dq, and of q · dq.
template <class T>
void add_up(View<const T> q, View<const T> dq, WidthsMemory<T>& memory) {
  memory.sums.resize(dq.shape()[1]), memory.products.resize(dq.shape()[1]);
  const std::vector<double> no_shift(dq.shape()[1], 0);
  kernels::column_products<T>(dq, q, no_shift, memory.sums, memory.products);
}

}  // namespace

// ── Spherical ──

template <class T>
double SphericalWidths<T>::inverse_square(std::size_t unit) const {
  const double s = static_cast<double>(log_width_.value(unit));
  return std::exp(-2 * s) / static_cast<double>(inputs_) + 0 * s;  // NaN if s is infinite: that is no width
}

// q = (|x|² − 2 x·c + |c|²) / σ²
template <class T>
void SphericalWidths<T>::exponents(View<const T> x, View<const T> centres, WidthsMemory<T>& m, View<T> q) const {
  const std::size_t n = x.shape()[0], units = centres.shape()[0];
  const std::vector<T> middle = mean_centre(centres);
  m.x.resize(x.shape()), m.centres.resize(centres.shape());
  m.row_terms.resize(n), m.column_terms.resize(units), m.scale.resize(units);
  const auto& passes = gaussian_passes<T>();
  passes.move_rows(x.data(), middle.data(), n, inputs_, m.x.data(), m.row_terms.data());
  passes.move_rows(centres.data(), middle.data(), units, inputs_, m.centres.data(), m.column_terms.data());
  for (std::size_t j = 0; j < units; ++j) m.scale[j] = static_cast<T>(inverse_square(j));
  gemm<T>(-2, m.x.view(), Op::none, m.centres.view(), Op::transpose, 0, q);
  if (!passes.finish_exponents(m.row_terms.data(), m.column_terms.data(), m.scale.data(), n, units, q.data()))
    mend<T>(m.x.view(), m.centres.view(), q, [&](std::size_t j, std::size_t) { return inverse_square(j); });
}

// With r = 2 ∂E/∂q / σ²: ∂E/∂x = Σ_j r (x − c), ∂E/∂c = −Σ_n r (x − c), ∂E/∂log σ = −2 Σ_n q ∂E/∂q.
template <class T>
void SphericalWidths<T>::backward(View<const T> x, View<const T> centres, View<const T> q, View<const T> dq,
                                  WidthsMemory<T>& m, View<T> dcentres, View<T> dparameter, View<T> dx) const {
  const std::size_t n = x.shape()[0], units = centres.shape()[0];
  const auto& passes = gaussian_passes<T>();
  std::vector<T> scale(units), row_sums(n);
  for (std::size_t j = 0; j < units; ++j) scale[j] = 2 * m.scale[j];
  m.r.resize(dq.shape());
  passes.scale_slopes(dq.data(), scale.data(), n, units, m.r.data(), row_sums.data());
  if (dparameter.size() > 0) {
    add_up(q, dq, m);
    gemm<T>(-1, m.r.view(), Op::transpose, m.x.view(), Op::none, 1, dcentres);
    for (std::size_t j = 0; j < units; ++j) {
      dparameter(j) -= static_cast<T>(2 * m.products[j]);
      scale[j] *= static_cast<T>(m.sums[j]);  // Σ_n r
    }
    passes.add_scaled_rows(m.centres.data(), scale.data(), units, inputs_, dcentres.data());
  }
  if (dx.size() == 0) return;
  passes.scale_rows(m.x.data(), row_sums.data(), n, inputs_, dx.data());
  gemm<T>(-1, m.r.view(), Op::none, m.centres.view(), Op::none, 1, dx);
}

// ── Diagonal ──

// q = Σ a x² − 2 Σ (a c) x + Σ a c², a = 1/σ²
template <class T>
void DiagonalWidths<T>::exponents(View<const T> x, View<const T> centres, WidthsMemory<T>& m, View<T> q) const {
  const std::size_t n = x.shape()[0], units = centres.shape()[0], d = centres.shape()[1];
  const std::vector<T> middle = mean_centre(centres);
  for (Tensor<T>* part : {&m.x, &m.squares}) part->resize(x.shape());
  for (Tensor<T>* part : {&m.centres, &m.a, &m.weighted}) part->resize(centres.shape());
  m.row_terms.assign(n, 0), m.column_terms.resize(units), m.scale.assign(units, 1);
  const auto& passes = gaussian_passes<T>();
  passes.move_and_square(x.data(), middle.data(), n, d, m.x.data(), m.squares.data());
  passes.move_rows(centres.data(), middle.data(), units, d, m.centres.data(), m.column_terms.data());
  passes.weigh(log_width_.value.data(), m.centres.data(), static_cast<T>(d), units, d, m.a.data(), m.weighted.data(),
               m.column_terms.data());
  gemm<T>(1, m.squares.view(), Op::none, m.a.view(), Op::transpose, 0, q);
  gemm<T>(-2, m.x.view(), Op::none, m.weighted.view(), Op::transpose, 1, q);
  if (passes.finish_exponents(m.row_terms.data(), m.column_terms.data(), m.scale.data(), n, units, q.data())) return;
  mend<T>(m.x.view(), m.centres.view(), q,
          [&](std::size_t j, std::size_t i) { return static_cast<double>(std::as_const(m.a)(j, i)); });
  for (std::size_t i = 0; i < n; ++i) {  // their slopes are 0, and infinite squares times 0 must not be NaN
    const auto row = m.squares.view()[i].flat();
    if (std::ranges::any_of(row, [](T square) { return !std::isfinite(square); })) std::ranges::fill(row, T{0});
  }
}

// With S_k = Σ_n ∂E/∂q x^k: ∂E/∂c = −2 a (S_1 − c S_0), ∂E/∂log σ = −2 a (S_2 − 2 c S_1 + c² S_0).
template <class T>
void DiagonalWidths<T>::backward(View<const T> x, View<const T> centres, View<const T> q, View<const T> dq,
                                 WidthsMemory<T>& m, View<T> dcentres, View<T> dparameter, View<T> dx) const {
  const std::size_t units = centres.shape()[0], d = centres.shape()[1];
  const auto& passes = gaussian_passes<T>();
  if (dparameter.size() > 0) {
    m.first.resize(centres.shape()), m.second.resize(centres.shape());
    add_up(q, dq, m);
    const std::vector<T> sums(m.sums.begin(), m.sums.end());
    gemm<T>(1, dq, Op::transpose, m.x.view(), Op::none, 0, m.first.view());
    gemm<T>(1, dq, Op::transpose, m.squares.view(), Op::none, 0, m.second.view());
    passes.diagonal_slopes(m.a.data(), m.centres.data(), m.first.data(), m.second.data(), sums.data(), units, d,
                           dcentres.data(), dparameter.data());
  }
  if (dx.size() == 0) return;
  gemm<T>(1, dq, Op::none, m.a.view(), Op::none, 0, dx);  // ∂E/∂x = 2 Σ_j ∂E/∂q (a x − a c)
  passes.double_product(m.x.data(), x.size(), dx.data());
  gemm<T>(-2, dq, Op::none, m.weighted.view(), Op::none, 1, dx);
}

// σ²/d = 1 / (a d), and its slope at log σ is twice that.
template <class T>
double DiagonalWidths<T>::mean_square(const WidthsMemory<T>& m) const {
  const double d = static_cast<double>(m.a.shape()[1]);
  return gaussian_passes<T>().sum_of_inverses(m.a.data(), m.a.size()) / (d * static_cast<double>(m.a.size()));
}
template <class T>
void DiagonalWidths<T>::add_mean_square_gradient(double scale, const WidthsMemory<T>& m, View<T> dparameter) const {
  const double d = static_cast<double>(m.a.shape()[1]), factor = 2 * scale / (d * static_cast<double>(m.a.size()));
  gaussian_passes<T>().add_inverse(m.a.data(), static_cast<T>(factor), m.a.size(), dparameter.data());
}

template class SphericalWidths<float>;
template class SphericalWidths<double>;
template class DiagonalWidths<float>;
template class DiagonalWidths<double>;

}  // namespace neurarium
