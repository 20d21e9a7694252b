// The passes of finite Gaussian units by plain loops, which say what gaussian.cpp has to do.
#include <algorithm>
#include <cmath>

#include "neurarium/kernels/gaussian.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
struct Plain {
  static void move_rows(const T* x, const T* middle, std::size_t rows, std::size_t columns, T* away, T* sums) {
    for (std::size_t row = 0; row < rows; ++row) {
      sums[row] = 0;
      for (std::size_t i = 0; i < columns; ++i) {
        const T v = away[row * columns + i] = x[row * columns + i] - middle[i];
        sums[row] += v * v;
      }
    }
  }
  static void move_and_square(const T* x, const T* middle, std::size_t rows, std::size_t columns, T* away, T* squares) {
    for (std::size_t i = 0; i < rows * columns; ++i) {
      away[i] = x[i] - middle[i % columns];
      squares[i] = away[i] * away[i];
    }
  }
  static void sum_columns(const T* x, std::size_t rows, std::size_t columns, T* sums) {
    std::fill_n(sums, columns, T{0});
    for (std::size_t i = 0; i < rows * columns; ++i) sums[i % columns] += x[i];
  }
  static void weigh(const T* s, const T* c, T d, std::size_t rows, std::size_t columns, T* a, T* weighted, T* sums) {
    std::fill_n(sums, rows, T{0});
    for (std::size_t i = 0; i < rows * columns; ++i) {
      a[i] = std::exp(-2 * s[i]) / d + 0 * s[i];
      weighted[i] = a[i] * c[i];
      sums[i / columns] += weighted[i] * c[i];
    }
  }
  static bool finish_exponents(const T* of_row, const T* of_column, const T* scale, std::size_t rows,
                               std::size_t columns, T* q) {
    bool finite = true;
    for (std::size_t i = 0; i < rows * columns; ++i) {
      q[i] = (q[i] + of_row[i / columns] + of_column[i % columns]) * scale[i % columns];
      if (q[i] < 0) q[i] = 0;
      finite &= std::isfinite(q[i]);
    }
    return finite;
  }
  static void clear_far(const T* g, std::size_t n, T* line, T* q) {
    for (std::size_t i = 0; i < n; ++i)
      if (g[i] == 0) line[i] = q[i] = 0;
  }
  static std::size_t answer(const T* f, const T* g, T s, std::size_t n, T* y) {
    for (std::size_t i = 0; i < n; ++i) y[i] = f[i] * g[i] * s;
    return static_cast<std::size_t>(std::max_element(g, g + n) - g);
  }
  static T slopes(const T* dy, const T* f, const T* g, T s, std::size_t n, T* dline, T* dq) {
    T sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      dline[i] = dy[i] * g[i] * s;
      dq[i] = -dy[i] * g[i] * f[i] * s;
      sum += dy[i] * g[i] * f[i];
    }
    return sum;
  }
  static void scale_slopes(const T* dq, const T* scale, std::size_t rows, std::size_t columns, T* r, T* sums) {
    std::fill_n(sums, rows, T{0});
    for (std::size_t i = 0; i < rows * columns; ++i) sums[i / columns] += r[i] = dq[i] * scale[i % columns];
  }
  static void scale_rows(const T* x, const T* factor, std::size_t rows, std::size_t columns, T* out) {
    for (std::size_t i = 0; i < rows * columns; ++i) out[i] = factor[i / columns] == 0 ? 0 : x[i] * factor[i / columns];
  }
  static void add_scaled_rows(const T* x, const T* factor, std::size_t rows, std::size_t columns, T* y) {
    for (std::size_t i = 0; i < rows * columns; ++i) y[i] += x[i] * factor[i / columns];
  }
  static void double_product(const T* x, std::size_t n, T* reach) {
    for (std::size_t i = 0; i < n; ++i) reach[i] = reach[i] == 0 ? 0 : 2 * reach[i] * x[i];
  }
  static void diagonal_slopes(const T* a, const T* c, const T* first, const T* second, const T* s, std::size_t rows,
                              std::size_t columns, T* dc, T* ds) {
    for (std::size_t i = 0; i < rows * columns; ++i) {
      const T sum = c[i] * s[i / columns];
      dc[i] -= 2 * a[i] * (first[i] - sum);
      ds[i] -= 2 * a[i] * (second[i] - 2 * c[i] * first[i] + c[i] * sum);
    }
  }
  static void add_inverse(const T* a, T factor, std::size_t n, T* y) {
    for (std::size_t i = 0; i < n; ++i) y[i] += factor / a[i];
  }
  static double sum_of_inverses(const T* a, std::size_t n) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += 1 / static_cast<double>(a[i]);
    return sum;
  }
};

template <class T>
constexpr GaussianPasses<T> plain_passes = {
    Plain<T>::move_rows,        Plain<T>::move_and_square, Plain<T>::sum_columns,     Plain<T>::weigh,
    Plain<T>::finish_exponents, Plain<T>::clear_far,       Plain<T>::answer,          Plain<T>::slopes,
    Plain<T>::scale_slopes,     Plain<T>::scale_rows,      Plain<T>::add_scaled_rows, Plain<T>::double_product,
    Plain<T>::diagonal_slopes,  Plain<T>::add_inverse,     Plain<T>::sum_of_inverses,
};

}  // namespace

template <>
const GaussianPasses<float>& reference::gaussian_passes<float>() {
  return plain_passes<float>;
}
template <>
const GaussianPasses<double>& reference::gaussian_passes<double>() {
  return plain_passes<double>;
}

}  // namespace neurarium::kernels
