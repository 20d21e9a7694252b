#include "neurarium/kernels/gaussian.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/gaussian.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// after highway.h
#include "neurarium/kernels/exponential-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// f(tag, i) for all i in [0, n): many at once, and the last few one by one.
template <class T, class F>
HWY_INLINE void over(std::size_t n, const F& f) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) f(tag, i);
  for (; i < n; ++i) f(hn::CappedTag<T, 1>(), i);
}

/// Σ term(tag, i) over all i in [0, n), in two sums of as many parts as a vector has lanes.
template <class T, class Term>
HWY_INLINE T sum_over(std::size_t n, const Term& term) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  auto even = hn::Zero(tag), odd = hn::Zero(tag);
  std::size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    even = hn::Add(even, term(tag, i));
    odd = hn::Add(odd, term(tag, i + lanes));
  }
  T sum = hn::GetLane(hn::SumOfLanes(tag, hn::Add(even, odd)));
  for (; i < n; ++i) sum += hn::GetLane(term(hn::CappedTag<T, 1>(), i));
  return sum;
}

template <class T>
struct Passes {
  static void move_rows(const T* x, const T* middle, std::size_t rows, std::size_t columns, T* away, T* sums) {
    for (std::size_t row = 0; row < rows; ++row, x += columns, away += columns)
      sums[row] = sum_over<T>(columns, [=](auto tag, std::size_t i) HWY_ATTR {
        const auto v = hn::Sub(hn::LoadU(tag, x + i), hn::LoadU(tag, middle + i));
        hn::StoreU(v, tag, away + i);
        return hn::Mul(v, v);
      });
  }

  static void move_and_square(const T* x, const T* middle, std::size_t rows, std::size_t columns, T* away, T* squares) {
    for (std::size_t row = 0; row < rows; ++row, x += columns, away += columns, squares += columns)
      over<T>(columns, [=](auto tag, std::size_t i) HWY_ATTR {
        const auto v = hn::Sub(hn::LoadU(tag, x + i), hn::LoadU(tag, middle + i));
        hn::StoreU(v, tag, away + i);
        hn::StoreU(hn::Mul(v, v), tag, squares + i);
      });
  }

  static void sum_columns(const T* x, std::size_t rows, std::size_t columns, T* sums) {
    over<T>(columns, [=](auto tag, std::size_t i) HWY_ATTR {
      auto even = hn::Zero(tag), odd = hn::Zero(tag);  // two, so that one addition need not wait for the last
      std::size_t row = 0;
      for (; row + 2 <= rows; row += 2) {
        even = hn::Add(even, hn::LoadU(tag, x + row * columns + i));
        odd = hn::Add(odd, hn::LoadU(tag, x + (row + 1) * columns + i));
      }
      if (row < rows) even = hn::Add(even, hn::LoadU(tag, x + row * columns + i));
      hn::StoreU(hn::Add(even, odd), tag, sums + i);
    });
  }

  static void weigh(const T* s, const T* c, T d, std::size_t rows, std::size_t columns, T* a, T* weighted, T* sums) {
    for (std::size_t row = 0; row < rows; ++row, s += columns, c += columns, a += columns, weighted += columns)
      sums[row] = sum_over<T>(columns, [=](auto tag, std::size_t i) HWY_ATTR {
        const auto width = hn::LoadU(tag, s + i), centre = hn::LoadU(tag, c + i);
        const auto shrunk = hn::Mul(exponential(tag, hn::Mul(width, hn::Set(tag, T{-2}))), hn::Set(tag, 1 / d));
        const auto inverse = hn::Add(shrunk, hn::Mul(width, hn::Zero(tag)));
        const auto product = hn::Mul(inverse, centre);
        hn::StoreU(inverse, tag, a + i);
        hn::StoreU(product, tag, weighted + i);
        return hn::Mul(product, centre);
      });
  }

  static bool finish_exponents(const T* of_row, const T* of_column, const T* scale, std::size_t rows,
                               std::size_t columns, T* q) {
    T lost = 0;  // the sum of q · 0 is NaN if one q is NaN or infinite
    for (std::size_t row = 0; row < rows; ++row, q += columns)
      lost += sum_over<T>(columns, [=](auto tag, std::size_t i) HWY_ATTR {
        const auto zero = hn::Zero(tag);
        auto v = hn::Add(hn::Add(hn::LoadU(tag, q + i), hn::Set(tag, of_row[row])), hn::LoadU(tag, of_column + i));
        v = hn::Mul(v, hn::LoadU(tag, scale + i));
        v = hn::IfThenElse(hn::Lt(v, zero), zero, v);
        hn::StoreU(v, tag, q + i);
        return hn::Mul(v, zero);
      });
    return lost == 0;
  }

  static void clear_far(const T* g, std::size_t n, T* line, T* q) {
    over<T>(n, [=](auto tag, std::size_t i) HWY_ATTR {
      const auto far = hn::Eq(hn::LoadU(tag, g + i), hn::Zero(tag));
      hn::StoreU(hn::IfThenZeroElse(far, hn::LoadU(tag, line + i)), tag, line + i);
      hn::StoreU(hn::IfThenZeroElse(far, hn::LoadU(tag, q + i)), tag, q + i);
    });
  }

  static std::size_t answer(const T* f, const T* g, T s, std::size_t n, T* y) {
    const hn::ScalableTag<T> tag;
    const std::size_t lanes = hn::Lanes(tag);
    auto most = hn::Zero(tag);
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes) {
      const auto near = hn::LoadU(tag, g + i);
      most = hn::Max(most, near);
      hn::StoreU(hn::Mul(hn::Mul(hn::LoadU(tag, f + i), near), hn::Set(tag, s)), tag, y + i);
    }
    T largest = hn::GetLane(hn::MaxOfLanes(tag, most));
    for (; i < n; ++i) {
      largest = g[i] > largest ? g[i] : largest;
      y[i] = f[i] * g[i] * s;
    }
    for (i = 0; i < n; ++i)
      if (g[i] == largest) return i;
    return 0;  // NaN
  }

  static T slopes(const T* dy, const T* f, const T* g, T s, std::size_t n, T* dline, T* dq) {
    return sum_over<T>(n, [=](auto tag, std::size_t i) HWY_ATTR {
      const auto slope = hn::Mul(hn::LoadU(tag, dy + i), hn::LoadU(tag, g + i)), gate = hn::Set(tag, s);
      const auto whole = hn::Mul(slope, hn::LoadU(tag, f + i));
      hn::StoreU(hn::Mul(slope, gate), tag, dline + i);
      hn::StoreU(hn::Neg(hn::Mul(whole, gate)), tag, dq + i);
      return whole;
    });
  }

  static void scale_slopes(const T* dq, const T* scale, std::size_t rows, std::size_t columns, T* r, T* sums) {
    for (std::size_t row = 0; row < rows; ++row, dq += columns, r += columns)
      sums[row] = sum_over<T>(columns, [=](auto tag, std::size_t i) HWY_ATTR {
        const auto v = hn::Mul(hn::LoadU(tag, dq + i), hn::LoadU(tag, scale + i));
        hn::StoreU(v, tag, r + i);
        return v;
      });
  }

  static void scale_rows(const T* x, const T* factor, std::size_t rows, std::size_t columns, T* out) {
    for (std::size_t row = 0; row < rows; ++row, x += columns, out += columns)
      over<T>(columns, [=](auto tag, std::size_t i) HWY_ATTR {
        const auto f = hn::Set(tag, factor[row]);
        const auto v = hn::Mul(hn::LoadU(tag, x + i), f);
        hn::StoreU(hn::IfThenZeroElse(hn::Eq(f, hn::Zero(tag)), v), tag, out + i);
      });
  }

  static void add_scaled_rows(const T* x, const T* factor, std::size_t rows, std::size_t columns, T* y) {
    for (std::size_t row = 0; row < rows; ++row, x += columns, y += columns)
      over<T>(columns, [=](auto tag, std::size_t i) HWY_ATTR {
        const auto v = hn::Mul(hn::LoadU(tag, x + i), hn::Set(tag, factor[row]));
        hn::StoreU(hn::Add(hn::LoadU(tag, y + i), v), tag, y + i);
      });
  }

  static void double_product(const T* x, std::size_t n, T* reach) {
    over<T>(n, [=](auto tag, std::size_t i) HWY_ATTR {
      const auto r = hn::LoadU(tag, reach + i);
      const auto v = hn::Mul(hn::Add(r, r), hn::LoadU(tag, x + i));
      hn::StoreU(hn::IfThenZeroElse(hn::Eq(r, hn::Zero(tag)), v), tag, reach + i);
    });
  }

  static void diagonal_slopes(const T* a, const T* c, const T* first, const T* second, const T* s, std::size_t rows,
                              std::size_t columns, T* dc, T* ds) {
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t at = row * columns;
      over<T>(columns, [=](auto tag, std::size_t i) HWY_ATTR {
        const auto centre = hn::LoadU(tag, c + at + i), once = hn::LoadU(tag, first + at + i);
        const auto inverse = hn::LoadU(tag, a + at + i), twice = hn::Add(inverse, inverse);
        const auto sum = hn::Mul(centre, hn::Set(tag, s[row]));
        const auto spread = hn::Add(hn::Sub(hn::LoadU(tag, second + at + i), hn::Mul(hn::Add(centre, centre), once)),
                                    hn::Mul(centre, sum));
        const auto to_c = hn::Mul(twice, hn::Sub(once, sum)), to_s = hn::Mul(twice, spread);
        hn::StoreU(hn::Sub(hn::LoadU(tag, dc + at + i), to_c), tag, dc + at + i);
        hn::StoreU(hn::Sub(hn::LoadU(tag, ds + at + i), to_s), tag, ds + at + i);
      });
    }
  }

  static void add_inverse(const T* a, T factor, std::size_t n, T* y) {
    over<T>(n, [=](auto tag, std::size_t i) HWY_ATTR {
      const auto v = hn::Div(hn::Set(tag, factor), hn::LoadU(tag, a + i));
      hn::StoreU(hn::Add(hn::LoadU(tag, y + i), v), tag, y + i);
    });
  }

  static double sum_of_inverses(const T* a, std::size_t n) {
    constexpr std::size_t part = 4096;  // so that the sum of many keeps its digits
    double sum = 0;
    for (std::size_t first = 0; first < n; first += part)
      sum +=
          static_cast<double>(sum_over<T>(n - first < part ? n - first : part, [=](auto tag, std::size_t i) HWY_ATTR {
            return hn::Div(hn::Set(tag, T{1}), hn::LoadU(tag, a + first + i));
          }));
    return sum;
  }
};

template <class T>
constexpr GaussianPasses<T> all_passes = {
    Passes<T>::move_rows,        Passes<T>::move_and_square, Passes<T>::sum_columns,     Passes<T>::weigh,
    Passes<T>::finish_exponents, Passes<T>::clear_far,       Passes<T>::answer,          Passes<T>::slopes,
    Passes<T>::scale_slopes,     Passes<T>::scale_rows,      Passes<T>::add_scaled_rows, Passes<T>::double_product,
    Passes<T>::diagonal_slopes,  Passes<T>::add_inverse,     Passes<T>::sum_of_inverses,
};
const GaussianPasses<float>* passes_f32() { return &all_passes<float>; }
const GaussianPasses<double>* passes_f64() { return &all_passes<double>; }

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace neurarium::kernels {
HWY_EXPORT(passes_f32);
HWY_EXPORT(passes_f64);

template <>
const GaussianPasses<float>& gaussian_passes<float>() {
  return *HWY_DYNAMIC_DISPATCH(passes_f32)();
}
template <>
const GaussianPasses<double>& gaussian_passes<double>() {
  return *HWY_DYNAMIC_DISPATCH(passes_f64)();
}

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
