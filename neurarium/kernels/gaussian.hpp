// The passes of finite Gaussian units over their numbers (models/finite_gaussian), each of which reads and writes memory once.
// Run-time dispatch through Highway; `reference` holds the plain loops that they are tested against. No fused products, and
// sums along rows are made in as many parts as a vector has lanes, so their last digits depend on the instruction set.
#pragma once

#include <cstddef>

namespace neurarium::kernels {

/// The passes; arrays may not overlap unless one is named as both.
template <class T>
struct GaussianPasses {
  /// away = x − middle; per row, sums = Σ away². x, away [rows, columns].
  void (*move_rows)(const T* x, const T* middle, std::size_t rows, std::size_t columns, T* away, T* sums);
  /// away = x − middle, squares = away².
  void (*move_and_square)(const T* x, const T* middle, std::size_t rows, std::size_t columns, T* away, T* squares);
  /// Per column, sums = Σ x.
  void (*sum_columns)(const T* x, std::size_t rows, std::size_t columns, T* sums);
  /// a = exp(−2 s) / d (NaN where s is infinite: that is no width), weighted = a c; per row, sums = Σ a c².
  void (*weigh)(const T* s, const T* c, T d, std::size_t rows, std::size_t columns, T* a, T* weighted, T* sums);
  /// q = max(0, (q + of_row + of_column) scale), with scale one number per column. NaN stays; returns whether there is none.
  bool (*finish_exponents)(const T* of_row, const T* of_column, const T* scale, std::size_t rows, std::size_t columns,
                           T* q);
  /// Where g is 0: line = 0 and q = 0. Both may be infinite there, and must not count.
  void (*clear_far)(const T* g, std::size_t n, T* line, T* q);
  /// y = f g s; returns where the first of the largest g is.
  std::size_t (*answer)(const T* f, const T* g, T s, std::size_t n, T* y);
  /// dline = dy g s, dq = −dy f g s; returns Σ dy f g.
  T (*slopes)(const T* dy, const T* f, const T* g, T s, std::size_t n, T* dline, T* dq);
  /// r = dq · scale, one number per column; per row, sums = Σ r.
  void (*scale_slopes)(const T* dq, const T* scale, std::size_t rows, std::size_t columns, T* r, T* sums);
  /// out = x · factor, one number per row; 0 where the factor is 0, also if x is infinite.
  void (*scale_rows)(const T* x, const T* factor, std::size_t rows, std::size_t columns, T* out);
  /// y += x · factor, one number per row.
  void (*add_scaled_rows)(const T* x, const T* factor, std::size_t rows, std::size_t columns, T* y);
  /// reach = 2 reach x, and 0 where reach is 0.
  void (*double_product)(const T* x, std::size_t n, T* reach);
  /// dc −= 2 a (first − c s), ds −= 2 a (second − 2 c first + c² s), with s one number per row.
  void (*diagonal_slopes)(const T* a, const T* c, const T* first, const T* second, const T* s, std::size_t rows,
                          std::size_t columns, T* dc, T* ds);
  /// y += factor / a.
  void (*add_inverse)(const T* a, T factor, std::size_t n, T* y);
  /// Σ 1 / a.
  double (*sum_of_inverses)(const T* a, std::size_t n);
};

template <class T>
const GaussianPasses<T>& gaussian_passes();
template <>
const GaussianPasses<float>& gaussian_passes<float>();
template <>
const GaussianPasses<double>& gaussian_passes<double>();

namespace reference {
template <class T>
const GaussianPasses<T>& gaussian_passes();
template <>
const GaussianPasses<float>& gaussian_passes<float>();
template <>
const GaussianPasses<double>& gaussian_passes<double>();
}  // namespace reference

}  // namespace neurarium::kernels
