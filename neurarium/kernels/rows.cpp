#include "neurarium/kernels/rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// after highway.h
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The last `count` numbers of a row, fewer than a vector. Where masked access may touch memory outside, or wants
// alignment (SSE4 and older), the numbers go through a buffer.
template <class D, class T>
HWY_INLINE hn::Vec<D> load_tail(D tag, const T* p, std::size_t count) {
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN T buffer[hn::MaxLanes(D())] = {};
  for (std::size_t i = 0; i < count; ++i) buffer[i] = p[i];
  return hn::Load(tag, buffer);
#else
  return hn::MaskedLoad(hn::FirstN(tag, count), tag, p);
#endif
}
template <class D, class T>
HWY_INLINE void store_tail(hn::Vec<D> x, D tag, T* p, std::size_t count) {
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN T buffer[hn::MaxLanes(D())];
  hn::Store(x, tag, buffer);
  for (std::size_t i = 0; i < count; ++i) p[i] = buffer[i];
#else
  hn::BlendedStore(x, hn::FirstN(tag, count), tag, p);
#endif
}

// One vector of weights: updated, clipped if asked, ready to be stored and multiplied.
template <bool Clip, class V>
HWY_INLINE V updated(V w, V gain, V q, V bound, V one, V smallest) {
  V x = hn::Mul(w, hn::Add(one, hn::Min(hn::Mul(gain, q), bound)));
  if constexpr (Clip) x = hn::IfThenElseZero(hn::Gt(x, smallest), x);
  return x;
}

// Rows n … n + Rows − 1 at once, so that q and v are loaded once for all of them.
template <int Rows, bool Clip, class T>
HWY_INLINE void update_block(T* HWY_RESTRICT w, std::size_t d, const T* gain, const T* HWY_RESTRICT q,
                             const T* HWY_RESTRICT v, T largest_growth, T smallest_weight, T* HWY_RESTRICT a) {
  const hn::ScalableTag<T> tag;
  using V = decltype(hn::Zero(tag));
  const std::size_t lanes = hn::Lanes(tag);
  const V one = hn::Set(tag, T{1}), bound = hn::Set(tag, largest_growth), smallest = hn::Set(tag, smallest_weight);
  // Named accumulators: an array of vectors would be kept in memory.
  V s0 = hn::Set(tag, gain[0]), s1 = s0, s2 = s0, s3 = s0;
  V sum0 = hn::Zero(tag), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  if constexpr (Rows == 4) {
    s1 = hn::Set(tag, gain[1]);
    s2 = hn::Set(tag, gain[2]);
    s3 = hn::Set(tag, gain[3]);
  }
  std::size_t j = 0;
  const auto row = [&](T* p, V s, V& sum, V qq, V vv) HWY_ATTR {
    const V x = updated<Clip>(hn::LoadU(tag, p), s, qq, bound, one, smallest);
    hn::StoreU(x, tag, p);
    sum = hn::MulAdd(x, vv, sum);
  };
  for (; j + lanes <= d; j += lanes) {
    const V qq = hn::LoadU(tag, q + j), vv = hn::LoadU(tag, v + j);
    row(w + j, s0, sum0, qq, vv);
    if constexpr (Rows == 4) {
      row(w + d + j, s1, sum1, qq, vv);
      row(w + 2 * d + j, s2, sum2, qq, vv);
      row(w + 3 * d + j, s3, sum3, qq, vv);
    }
  }
  if (j < d) {
    const std::size_t count = d - j;
    const V qq = load_tail(tag, q + j, count), vv = load_tail(tag, v + j, count);
    const auto tail = [&](T* p, V s, V& sum) HWY_ATTR {
      const V x = updated<Clip>(load_tail(tag, p, count), s, qq, bound, one, smallest);
      store_tail(x, tag, p, count);
      sum = hn::MulAdd(x, vv, sum);
    };
    tail(w + j, s0, sum0);
    if constexpr (Rows == 4) {
      tail(w + d + j, s1, sum1);
      tail(w + 2 * d + j, s2, sum2);
      tail(w + 3 * d + j, s3, sum3);
    }
  }
  a[0] = hn::GetLane(hn::SumOfLanes(tag, sum0));
  if constexpr (Rows == 4) {
    a[1] = hn::GetLane(hn::SumOfLanes(tag, sum1));
    a[2] = hn::GetLane(hn::SumOfLanes(tag, sum2));
    a[3] = hn::GetLane(hn::SumOfLanes(tag, sum3));
  }
}

template <bool Clip, class T>
void update_all(T* w, std::size_t n, std::size_t d, const T* gain, const T* q, const T* v, T growth, T smallest, T* a) {
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) update_block<4, Clip>(w + i * d, d, gain + i, q, v, growth, smallest, a + i);
  for (; i < n; ++i) update_block<1, Clip>(w + i * d, d, gain + i, q, v, growth, smallest, a + i);
}

template <class T>
void update_rows(T* w, std::size_t n, std::size_t d, const T* gain, const T* q, const T* v, T growth, bool clip,
                 T smallest, T* a) {
  clip ? update_all<true>(w, n, d, gain, q, v, growth, smallest, a)
       : update_all<false>(w, n, d, gain, q, v, growth, smallest, a);
}
void update_rows_f32(float* w, std::size_t n, std::size_t d, const float* gain, const float* q, const float* v,
                     float growth, bool clip, float smallest, float* a) {
  update_rows(w, n, d, gain, q, v, growth, clip, smallest, a);
}
void update_rows_f64(double* w, std::size_t n, std::size_t d, const double* gain, const double* q, const double* v,
                     double growth, bool clip, double smallest, double* a) {
  update_rows(w, n, d, gain, q, v, growth, clip, smallest, a);
}

// r += rows of w weighted by o, four rows at a time; the order of the sum is fixed by n alone.
template <class T>
void sum_rows(const T* HWY_RESTRICT w, std::size_t n, std::size_t d, const T* HWY_RESTRICT o, T* HWY_RESTRICT r) {
  const hn::ScalableTag<T> tag;
  using V = decltype(hn::Zero(tag));
  const std::size_t lanes = hn::Lanes(tag);
  for (std::size_t j = 0; j < d; ++j) r[j] = 0;
  for (std::size_t i = 0; i < n; i += 4) {
    const T* p = w + i * d;
    if (i + 4 <= n) {
      const V o0 = hn::Set(tag, o[i]), o1 = hn::Set(tag, o[i + 1]), o2 = hn::Set(tag, o[i + 2]),
              o3 = hn::Set(tag, o[i + 3]);
      std::size_t j = 0;
      const auto sum = [&](V acc, V w0, V w1, V w2, V w3) HWY_ATTR {
        return hn::Add(hn::MulAdd(w1, o1, hn::MulAdd(w0, o0, acc)), hn::MulAdd(w3, o3, hn::Mul(w2, o2)));
      };
      for (; j + lanes <= d; j += lanes)
        hn::StoreU(sum(hn::LoadU(tag, r + j), hn::LoadU(tag, p + j), hn::LoadU(tag, p + d + j),
                       hn::LoadU(tag, p + 2 * d + j), hn::LoadU(tag, p + 3 * d + j)),
                   tag, r + j);
      if (j < d) {
        const auto load = [&](const T* x) HWY_ATTR { return load_tail(tag, x + j, d - j); };
        store_tail(sum(load(r), load(p), load(p + d), load(p + 2 * d), load(p + 3 * d)), tag, r + j, d - j);
      }
    } else {
      for (std::size_t row = i; row < n; ++row)
        for (std::size_t j = 0; j < d; ++j) r[j] += o[row] * w[row * d + j];
    }
  }
}
void sum_rows_f32(const float* w, std::size_t n, std::size_t d, const float* o, float* r) { sum_rows(w, n, d, o, r); }
void sum_rows_f64(const double* w, std::size_t n, std::size_t d, const double* o, double* r) {
  sum_rows(w, n, d, o, r);
}

// For |x| beyond the exponent range the result has long become 0 or 1; the clamp keeps exp finite. NaN stays NaN:
// Min and Max of some targets drop it, so it is put back at the end.
template <class T>
void logistic_all(const T* x, std::size_t n, T* y) {
  const hn::ScalableTag<T> tag;
  using V = decltype(hn::Zero(tag));
  const std::size_t lanes = hn::Lanes(tag);
  const V one = hn::Set(tag, T{1}), limit = hn::Set(tag, sizeof(T) == 4 ? T{87} : T{700});
  const auto value = [&](V v) HWY_ATTR {
    const V clamped = hn::Max(hn::Min(v, limit), hn::Neg(limit));
    const V result = hn::Div(one, hn::Add(one, hn::Exp(tag, hn::Neg(clamped))));
    return hn::IfThenElse(hn::IsNaN(v), v, result);
  };
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(value(hn::LoadU(tag, x + i)), tag, y + i);
  if (i < n) {
    store_tail(value(load_tail(tag, x + i, n - i)), tag, y + i, n - i);
  }
}
void logistic_f32(const float* x, std::size_t n, float* y) { logistic_all(x, n, y); }
void logistic_f64(const double* x, std::size_t n, double* y) { logistic_all(x, n, y); }

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>

namespace neurarium::kernels {
HWY_EXPORT(update_rows_f32);
HWY_EXPORT(update_rows_f64);
HWY_EXPORT(sum_rows_f32);
HWY_EXPORT(sum_rows_f64);
HWY_EXPORT(logistic_f32);
HWY_EXPORT(logistic_f64);

namespace {
template <class T>
void check(const View<const T>& w, std::size_t gains, std::size_t inputs, const char* where) {
  if (w.shape().axes() != 2 || gains != w.shape()[0] || inputs != w.shape()[1])
    throw ShapeError(where, "[" + std::to_string(gains) + ", " + std::to_string(inputs) + "]", to_string(w.shape()));
}
}  // namespace

template <class T>
void update_rows_and_project(View<T> w, const RowUpdate<T>& u, std::type_identity_t<View<const T>> v, View<T> a) {
  check<T>(w, u.gain.size(), v.size(), "update_rows_and_project");
  const std::size_t n = w.shape()[0], d = w.shape()[1];
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(update_rows_f32)
  (w.data(), n, d, u.gain.data(), u.direction.data(), v.data(), u.largest_growth, u.clip, u.smallest_weight, a.data());
  else HWY_DYNAMIC_DISPATCH(update_rows_f64)(w.data(), n, d, u.gain.data(), u.direction.data(), v.data(),
                                             u.largest_growth, u.clip, u.smallest_weight, a.data());
}

template <class T>
void weighted_sum_of_rows(std::type_identity_t<View<const T>> w, std::type_identity_t<View<const T>> o, View<T> r) {
  check<T>(w, o.size(), r.size(), "weighted_sum_of_rows");
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(sum_rows_f32)(w.data(), w.shape()[0], w.shape()[1], o.data(), r.data());
  else HWY_DYNAMIC_DISPATCH(sum_rows_f64)(w.data(), w.shape()[0], w.shape()[1], o.data(), r.data());
}

template <class T>
void logistic(std::type_identity_t<View<const T>> x, View<T> y) {
  if (x.size() != y.size()) throw ShapeError("logistic", to_string(x.shape()), to_string(y.shape()));
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(logistic_f32)(x.data(), x.size(), y.data());
  else HWY_DYNAMIC_DISPATCH(logistic_f64)(x.data(), x.size(), y.data());
}

template <class T>
void reference::update_rows_and_project(View<T> w, const RowUpdate<T>& u, std::type_identity_t<View<const T>> v,
                                        View<T> a) {
  for (std::size_t n = 0; n < w.shape()[0]; ++n) {
    T sum = 0;
    for (std::size_t j = 0; j < w.shape()[1]; ++j) {
      T& x = w(n, j);
      x *= T{1} + std::min(u.gain(n) * u.direction(j), u.largest_growth);
      if (u.clip && !(x > u.smallest_weight)) x = 0;
      sum += x * v(j);
    }
    a(n) = sum;
  }
}

template <class T>
void reference::weighted_sum_of_rows(std::type_identity_t<View<const T>> w, std::type_identity_t<View<const T>> o,
                                     View<T> r) {
  for (T& x : r.flat()) x = 0;
  for (std::size_t n = 0; n < w.shape()[0]; ++n)
    for (std::size_t j = 0; j < w.shape()[1]; ++j) r(j) += o(n) * w(n, j);
}

template <class T>
void reference::logistic(std::type_identity_t<View<const T>> x, View<T> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y.flat()[i] = T{1} / (T{1} + std::exp(-x.flat()[i]));
}

#define NEURARIUM_INSTANTIATE(SPACE, T)                                                                 \
  template void SPACE update_rows_and_project<T>(View<T>, const RowUpdate<T>&, View<const T>, View<T>); \
  template void SPACE weighted_sum_of_rows<T>(View<const T>, View<const T>, View<T>);                   \
  template void SPACE logistic<T>(View<const T>, View<T>);
NEURARIUM_INSTANTIATE(, float)
NEURARIUM_INSTANTIATE(, double)
NEURARIUM_INSTANTIATE(reference::, float)
NEURARIUM_INSTANTIATE(reference::, double)
#undef NEURARIUM_INSTANTIATE

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
