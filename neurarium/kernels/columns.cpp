#include "neurarium/kernels/columns.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/columns.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "neurarium/kernels/column_pointers.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::ScalableTag<double>;
using Double = hn::VFromD<Doubles>;

HWY_INLINE Double load_wide(const double* x) { return hn::LoadU(Doubles(), x); }
HWY_INLINE Double load_wide(const float* x) {
  return hn::PromoteTo(Doubles(), hn::LoadU(hn::Rebind<float, Doubles>(), x));
}

/// The two sums of `vectors` vectors of columns. Without d it stands for x − shift. No fused products: the same bits everywhere.
template <std::size_t vectors, bool with_d, class T>
HWY_INLINE void sums_of_columns(const ColumnSums<T>& s, std::size_t column) {
  const Doubles wide;
  const std::size_t lanes = hn::Lanes(wide);
  Double sums[vectors], products[vectors], shift[vectors];
  for (std::size_t v = 0; v < vectors; ++v) {
    sums[v] = products[v] = hn::Zero(wide);
    shift[v] = hn::LoadU(wide, s.shift + column + v * lanes);
  }
  for (std::size_t row = 0; row < s.rows; ++row) {
    const std::size_t at = row * s.columns + column;
    for (std::size_t v = 0; v < vectors; ++v) {
      const Double x = hn::Sub(load_wide(s.x + at + v * lanes), shift[v]);
      const Double d = with_d ? load_wide(s.d + at + v * lanes) : x;
      sums[v] = hn::Add(sums[v], d);
      products[v] = hn::Add(products[v], hn::Mul(d, x));
    }
  }
  for (std::size_t v = 0; v < vectors; ++v) {
    hn::StoreU(sums[v], wide, s.sums + column + v * lanes);
    hn::StoreU(products[v], wide, s.products + column + v * lanes);
  }
}

template <bool with_d, class T>
void column_sums_all(const ColumnSums<T>& s) {
  const std::size_t lanes = hn::Lanes(Doubles());
  std::size_t column = 0;
  for (; column + 4 * lanes <= s.columns; column += 4 * lanes) sums_of_columns<4, with_d>(s, column);
  for (; column + lanes <= s.columns; column += lanes) sums_of_columns<1, with_d>(s, column);
  for (; column < s.columns; ++column) {
    double sum = 0, product = 0;
    for (std::size_t row = 0; row < s.rows; ++row) {
      const double x = static_cast<double>(s.x[row * s.columns + column]) - s.shift[column];
      const double d = with_d ? static_cast<double>(s.d[row * s.columns + column]) : x;
      sum += d;
      product += d * x;
    }
    s.sums[column] = sum, s.products[column] = product;
  }
}

template <class T>
void scale_columns_all(const ColumnLine<T>& l) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  for (std::size_t row = 0; row < l.rows; ++row) {
    const T* HWY_RESTRICT x = l.x + row * l.columns;
    T* HWY_RESTRICT y = l.y + row * l.columns;
    std::size_t i = 0;
    for (; i + lanes <= l.columns; i += lanes) {
      const auto centred = hn::Sub(hn::LoadU(tag, x + i), hn::LoadU(tag, l.shift + i));
      const auto scaled = hn::Mul(centred, hn::LoadU(tag, l.scale + i));
      hn::StoreU(hn::Add(scaled, hn::LoadU(tag, l.offset + i)), tag, y + i);
    }
    for (; i < l.columns; ++i) y[i] = (x[i] - l.shift[i]) * l.scale[i] + l.offset[i];
  }
}

template <class T>
void remove_from_columns_all(const ColumnLine<T>& l) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  for (std::size_t row = 0; row < l.rows; ++row) {
    const T *HWY_RESTRICT x = l.x + row * l.columns, *HWY_RESTRICT d = l.d + row * l.columns;
    T* HWY_RESTRICT y = l.y + row * l.columns;
    std::size_t i = 0;
    for (; i + lanes <= l.columns; i += lanes) {
      const auto centred = hn::Sub(hn::LoadU(tag, x + i), hn::LoadU(tag, l.shift + i));
      const auto rest = hn::Sub(hn::LoadU(tag, d + i), hn::LoadU(tag, l.offset + i));
      const auto free = hn::Sub(rest, hn::Mul(centred, hn::LoadU(tag, l.slope + i)));
      hn::StoreU(hn::Mul(free, hn::LoadU(tag, l.scale + i)), tag, y + i);
    }
    for (; i < l.columns; ++i) y[i] = (d[i] - l.offset[i] - (x[i] - l.shift[i]) * l.slope[i]) * l.scale[i];
  }
}

void moments_f32(const ColumnSums<float>& s) { column_sums_all<false>(s); }
void moments_f64(const ColumnSums<double>& s) { column_sums_all<false>(s); }
void products_f32(const ColumnSums<float>& s) { column_sums_all<true>(s); }
void products_f64(const ColumnSums<double>& s) { column_sums_all<true>(s); }
void scale_f32(const ColumnLine<float>& l) { scale_columns_all(l); }
void scale_f64(const ColumnLine<double>& l) { scale_columns_all(l); }
void remove_f32(const ColumnLine<float>& l) { remove_from_columns_all(l); }
void remove_f64(const ColumnLine<double>& l) { remove_from_columns_all(l); }

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace neurarium::kernels {
HWY_EXPORT(moments_f32);
HWY_EXPORT(moments_f64);
HWY_EXPORT(products_f32);
HWY_EXPORT(products_f64);
HWY_EXPORT(scale_f32);
HWY_EXPORT(scale_f64);
HWY_EXPORT(remove_f32);
HWY_EXPORT(remove_f64);

namespace {
/// Columns of the matrix, each with one number in every list.
std::size_t columns_of(const Shape& x, const Shape& other, std::initializer_list<std::size_t> lists) {
  if (x.axes() != 2 || x != other) throw ShapeError("columns", to_string(x), to_string(other));
  for (const std::size_t size : lists)
    if (size != x[1]) throw ShapeError("columns", to_string(Shape{x[1]}), to_string(Shape{size}));
  return x[1];
}
}  // namespace

template <class T>
void column_moments(View<const T> x, std::span<const double> shift, std::span<double> sums, std::span<double> squares) {
  const std::size_t columns = columns_of(x.shape(), x.shape(), {shift.size(), sums.size(), squares.size()});
  const ColumnSums<T> s{x.shape()[0], columns, nullptr, x.data(), shift.data(), sums.data(), squares.data()};
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(moments_f32)(s);
  else HWY_DYNAMIC_DISPATCH(moments_f64)(s);
}

template <class T>
void column_products(View<const T> d, View<const T> x, std::span<const double> shift, std::span<double> sums,
                     std::span<double> products) {
  const std::size_t columns = columns_of(x.shape(), d.shape(), {shift.size(), sums.size(), products.size()});
  const ColumnSums<T> s{x.shape()[0], columns, d.data(), x.data(), shift.data(), sums.data(), products.data()};
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(products_f32)(s);
  else HWY_DYNAMIC_DISPATCH(products_f64)(s);
}

template <class T>
void scale_columns(std::type_identity_t<View<const T>> x, std::span<const T> shift, std::span<const T> scale,
                   std::span<const T> offset, View<T> y) {
  const std::size_t columns = columns_of(x.shape(), y.shape(), {shift.size(), scale.size(), offset.size()});
  const ColumnLine<T> l{x.shape()[0],  columns,      nullptr, x.data(), shift.data(),
                        offset.data(), scale.data(), nullptr, y.data()};
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(scale_f32)(l);
  else HWY_DYNAMIC_DISPATCH(scale_f64)(l);
}

template <class T>
void remove_from_columns(std::type_identity_t<View<const T>> d, std::type_identity_t<View<const T>> x,
                         std::span<const T> mean, std::span<const T> shift, std::span<const T> slope,
                         std::span<const T> scale, View<T> y) {
  const std::size_t columns = columns_of(x.shape(), y.shape(), {mean.size(), shift.size(), slope.size(), scale.size()});
  columns_of(x.shape(), d.shape(), {});
  const ColumnLine<T> l{x.shape()[0], columns,      d.data(),     x.data(), shift.data(),
                        mean.data(),  scale.data(), slope.data(), y.data()};
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(remove_f32)(l);
  else HWY_DYNAMIC_DISPATCH(remove_f64)(l);
}

template void column_moments<float>(View<const float>, std::span<const double>, std::span<double>, std::span<double>);
template void column_moments<double>(View<const double>, std::span<const double>, std::span<double>, std::span<double>);
template void column_products<float>(View<const float>, View<const float>, std::span<const double>, std::span<double>,
                                     std::span<double>);
template void column_products<double>(View<const double>, View<const double>, std::span<const double>,
                                      std::span<double>, std::span<double>);
template void scale_columns<float>(View<const float>, std::span<const float>, std::span<const float>,
                                   std::span<const float>, View<float>);
template void scale_columns<double>(View<const double>, std::span<const double>, std::span<const double>,
                                    std::span<const double>, View<double>);
template void remove_from_columns<float>(View<const float>, View<const float>, std::span<const float>,
                                         std::span<const float>, std::span<const float>, std::span<const float>,
                                         View<float>);
template void remove_from_columns<double>(View<const double>, View<const double>, std::span<const double>,
                                          std::span<const double>, std::span<const double>, std::span<const double>,
                                          View<double>);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
