#include <cmath>

#include "neurarium/kernels/pooling_windows.hpp"

namespace neurarium::kernels::reference {

template <class T>
void max_pool(const Pooling& g, std::type_identity_t<View<const T>> x, View<T> y) {
  const std::size_t line = line_of(g, x.size(), y.size());
  each_position(g, line, [&](std::size_t out, std::size_t plane, Window rows, Window columns) {
    for (std::size_t n = 0; n < line; ++n) {
      T largest = x.data()[plane + (rows.first * g.width + columns.first) * line + n];
      for (std::size_t a = rows.first; a < rows.end; ++a)
        for (std::size_t b = columns.first; b < columns.end; ++b) {
          const T value = x.data()[plane + (a * g.width + b) * line + n];
          largest = value <= largest || std::isnan(largest) ? largest : value;
        }
      y.data()[out + n] = largest;
    }
  });
}

template <class T>
void max_pool_to_input(const Pooling& g, std::type_identity_t<View<const T>> x, std::type_identity_t<View<const T>> y,
                       std::type_identity_t<View<const T>> dy, View<T> dx) {
  const std::size_t line = line_of(g, dx.size(), dy.size());
  std::ranges::fill(dx.flat(), T{0});
  each_position(g, line, [&](std::size_t out, std::size_t plane, Window rows, Window columns) {
    for (std::size_t n = 0; n < line; ++n) {
      bool sent = false;
      for (std::size_t a = rows.first; a < rows.end && !sent; ++a)
        for (std::size_t b = columns.first; b < columns.end && !sent; ++b) {
          const std::size_t at = plane + (a * g.width + b) * line + n;
          sent = x.data()[at] == y.data()[out + n];
          if (sent) dx.data()[at] += dy.data()[out + n];
        }
    }
  });
}

template <class T>
void average_pool(const Pooling& g, std::type_identity_t<View<const T>> x, View<T> y) {
  const std::size_t line = line_of(g, x.size(), y.size());
  const T share = T{1} / static_cast<T>(g.size * g.size);
  each_position(g, line, [&](std::size_t out, std::size_t plane, Window rows, Window columns) {
    for (std::size_t n = 0; n < line; ++n) {
      T sum = 0;
      for (std::size_t a = rows.first; a < rows.end; ++a)
        for (std::size_t b = columns.first; b < columns.end; ++b) sum += x.data()[plane + (a * g.width + b) * line + n];
      y.data()[out + n] = sum * share;
    }
  });
}

template <class T>
void average_pool_to_input(const Pooling& g, std::type_identity_t<View<const T>> dy, View<T> dx) {
  const std::size_t line = line_of(g, dx.size(), dy.size());
  const T share = T{1} / static_cast<T>(g.size * g.size);
  std::ranges::fill(dx.flat(), T{0});
  each_position(g, line, [&](std::size_t out, std::size_t plane, Window rows, Window columns) {
    for (std::size_t a = rows.first; a < rows.end; ++a)
      for (std::size_t b = columns.first; b < columns.end; ++b)
        for (std::size_t n = 0; n < line; ++n)
          dx.data()[plane + (a * g.width + b) * line + n] += dy.data()[out + n] * share;
  });
}

#define NEURARIUM_INSTANTIATE(T)                                                                            \
  template void max_pool<T>(const Pooling&, View<const T>, View<T>);                                        \
  template void max_pool_to_input<T>(const Pooling&, View<const T>, View<const T>, View<const T>, View<T>); \
  template void average_pool<T>(const Pooling&, View<const T>, View<T>);                                    \
  template void average_pool_to_input<T>(const Pooling&, View<const T>, View<T>);
NEURARIUM_INSTANTIATE(float)
NEURARIUM_INSTANTIATE(double)
#undef NEURARIUM_INSTANTIATE

}  // namespace neurarium::kernels::reference
