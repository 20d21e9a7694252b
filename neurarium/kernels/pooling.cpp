#include "neurarium/kernels/pooling.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurarium/kernels/pooling.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "neurarium/kernels/pooling_windows.hpp"

HWY_BEFORE_NAMESPACE();
namespace neurarium::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Whether every place of the image is in exactly one window.
inline bool are_tiles(const Pooling& g) {
  return g.stride == g.size && g.padding == 0 && g.height % g.size == 0 && g.width % g.size == 0;
}

template <class T>
void max_pool_all(const Pooling& g, const T* HWY_RESTRICT x, std::size_t line, T* HWY_RESTRICT y) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  each_position(g, line, [&](std::size_t out, std::size_t plane, Window rows, Window columns) HWY_ATTR {
    for (std::size_t n = 0; n < line; n += lanes) {
      auto largest = hn::Load(tag, x + plane + (rows.first * g.width + columns.first) * line + n);
      for (std::size_t a = rows.first; a < rows.end; ++a)
        for (std::size_t b = columns.first; b < columns.end; ++b) {
          const auto value = hn::Load(tag, x + plane + (a * g.width + b) * line + n);
          const auto stays = hn::Or(hn::Le(value, largest), hn::IsNaN(largest));
          largest = hn::IfThenElse(stays, largest, value);
        }
      hn::Store(largest, tag, y + out + n);
    }
  });
}

template <class T>
void max_pool_to_input_all(const Pooling& g, const T* HWY_RESTRICT x, const T* HWY_RESTRICT y, const T* HWY_RESTRICT dy,
                           std::size_t line, T* HWY_RESTRICT dx) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const bool tiles = are_tiles(g);
  if (!tiles) std::fill(dx, dx + g.in().elements() * line, T{0});
  each_position(g, line, [&](std::size_t out, std::size_t plane, Window rows, Window columns) HWY_ATTR {
    for (std::size_t n = 0; n < line; n += lanes) {
      const auto largest = hn::Load(tag, y + out + n);
      auto slope = hn::Load(tag, dy + out + n);  // what has not gone anywhere yet
      for (std::size_t a = rows.first; a < rows.end; ++a)
        for (std::size_t b = columns.first; b < columns.end; ++b) {
          const std::size_t at = plane + (a * g.width + b) * line + n;
          const auto here = hn::Eq(hn::Load(tag, x + at), largest);
          const auto part = hn::IfThenElseZero(here, slope);
          slope = hn::IfThenZeroElse(here, slope);
          hn::Store(tiles ? part : hn::Add(hn::Load(tag, dx + at), part), tag, dx + at);
        }
    }
  });
}

template <class T>
void average_pool_all(const Pooling& g, const T* HWY_RESTRICT x, std::size_t line, T* HWY_RESTRICT y) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const auto share = hn::Set(tag, T{1} / static_cast<T>(g.size * g.size));
  each_position(g, line, [&](std::size_t out, std::size_t plane, Window rows, Window columns) HWY_ATTR {
    for (std::size_t n = 0; n < line; n += lanes) {
      auto sum = hn::Zero(tag);
      for (std::size_t a = rows.first; a < rows.end; ++a)
        for (std::size_t b = columns.first; b < columns.end; ++b)
          sum = hn::Add(sum, hn::Load(tag, x + plane + (a * g.width + b) * line + n));
      hn::Store(hn::Mul(sum, share), tag, y + out + n);
    }
  });
}

template <class T>
void average_pool_to_input_all(const Pooling& g, const T* HWY_RESTRICT dy, std::size_t line, T* HWY_RESTRICT dx) {
  const hn::ScalableTag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const auto share = hn::Set(tag, T{1} / static_cast<T>(g.size * g.size));
  const bool tiles = are_tiles(g);
  if (!tiles) std::fill(dx, dx + g.in().elements() * line, T{0});
  each_position(g, line, [&](std::size_t out, std::size_t plane, Window rows, Window columns) HWY_ATTR {
    for (std::size_t n = 0; n < line; n += lanes) {
      const auto part = hn::Mul(hn::Load(tag, dy + out + n), share);
      for (std::size_t a = rows.first; a < rows.end; ++a)
        for (std::size_t b = columns.first; b < columns.end; ++b) {
          T* at = dx + plane + (a * g.width + b) * line + n;
          hn::Store(tiles ? part : hn::Add(hn::Load(tag, at), part), tag, at);
        }
    }
  });
}

void average_pool_f32(const Pooling& g, const float* x, std::size_t line, float* y) { average_pool_all(g, x, line, y); }
void average_pool_f64(const Pooling& g, const double* x, std::size_t line, double* y) {
  average_pool_all(g, x, line, y);
}
void average_pool_to_input_f32(const Pooling& g, const float* dy, std::size_t line, float* dx) {
  average_pool_to_input_all(g, dy, line, dx);
}
void average_pool_to_input_f64(const Pooling& g, const double* dy, std::size_t line, double* dx) {
  average_pool_to_input_all(g, dy, line, dx);
}
void max_pool_f32(const Pooling& g, const float* x, std::size_t line, float* y) { max_pool_all(g, x, line, y); }
void max_pool_f64(const Pooling& g, const double* x, std::size_t line, double* y) { max_pool_all(g, x, line, y); }
void max_pool_to_input_f32(const Pooling& g, const float* x, const float* y, const float* dy, std::size_t line,
                           float* dx) {
  max_pool_to_input_all(g, x, y, dy, line, dx);
}
void max_pool_to_input_f64(const Pooling& g, const double* x, const double* y, const double* dy, std::size_t line,
                           double* dx) {
  max_pool_to_input_all(g, x, y, dy, line, dx);
}

}  // namespace neurarium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace neurarium::kernels {
HWY_EXPORT(average_pool_f32);
HWY_EXPORT(average_pool_f64);
HWY_EXPORT(average_pool_to_input_f32);
HWY_EXPORT(average_pool_to_input_f64);
HWY_EXPORT(max_pool_f32);
HWY_EXPORT(max_pool_f64);
HWY_EXPORT(max_pool_to_input_f32);
HWY_EXPORT(max_pool_to_input_f64);

namespace {

template <class T>
bool is_whole(std::size_t line) {
  return line * sizeof(T) % 64 == 0;
}

}  // namespace

template <class T>
void max_pool(const Pooling& g, std::type_identity_t<View<const T>> x, View<T> y) {
  const std::size_t line = line_of(g, x.size(), y.size());
  if (line == 1) return max_pool_entries(g, x.data(), y.data());
  if (!is_whole<T>(line)) return reference::max_pool<T>(g, x, y);
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(max_pool_f32)(g, x.data(), line, y.data());
  else HWY_DYNAMIC_DISPATCH(max_pool_f64)(g, x.data(), line, y.data());
}

template <class T>
void max_pool_to_input(const Pooling& g, std::type_identity_t<View<const T>> x, std::type_identity_t<View<const T>> y,
                       std::type_identity_t<View<const T>> dy, View<T> dx) {
  const std::size_t line = line_of(g, dx.size(), dy.size());
  line_of(g, x.size(), y.size());
  if (!is_whole<T>(line)) return reference::max_pool_to_input<T>(g, x, y, dy, dx);
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(max_pool_to_input_f32)(g, x.data(), y.data(), dy.data(), line, dx.data());
  else HWY_DYNAMIC_DISPATCH(max_pool_to_input_f64)(g, x.data(), y.data(), dy.data(), line, dx.data());
}

template <class T>
void average_pool(const Pooling& g, std::type_identity_t<View<const T>> x, View<T> y) {
  const std::size_t line = line_of(g, x.size(), y.size());
  if (!is_whole<T>(line)) return reference::average_pool<T>(g, x, y);
  if constexpr (std::is_same_v<T, float>) HWY_DYNAMIC_DISPATCH(average_pool_f32)(g, x.data(), line, y.data());
  else HWY_DYNAMIC_DISPATCH(average_pool_f64)(g, x.data(), line, y.data());
}

template <class T>
void average_pool_to_input(const Pooling& g, std::type_identity_t<View<const T>> dy, View<T> dx) {
  const std::size_t line = line_of(g, dx.size(), dy.size());
  if (!is_whole<T>(line)) return reference::average_pool_to_input<T>(g, dy, dx);
  if constexpr (std::is_same_v<T, float>)
    HWY_DYNAMIC_DISPATCH(average_pool_to_input_f32)(g, dy.data(), line, dx.data());
  else HWY_DYNAMIC_DISPATCH(average_pool_to_input_f64)(g, dy.data(), line, dx.data());
}

template void average_pool<float>(const Pooling&, View<const float>, View<float>);
template void average_pool<double>(const Pooling&, View<const double>, View<double>);
template void average_pool_to_input<float>(const Pooling&, View<const float>, View<float>);
template void average_pool_to_input<double>(const Pooling&, View<const double>, View<double>);
template void max_pool<float>(const Pooling&, View<const float>, View<float>);
template void max_pool<double>(const Pooling&, View<const double>, View<double>);
template void max_pool_to_input<float>(const Pooling&, View<const float>, View<const float>, View<const float>,
                                       View<float>);
template void max_pool_to_input<double>(const Pooling&, View<const double>, View<const double>, View<const double>,
                                        View<double>);

}  // namespace neurarium::kernels
#endif  // HWY_ONCE
