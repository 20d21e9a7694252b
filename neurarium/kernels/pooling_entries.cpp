#include <vector>

#include "neurarium/kernels/pooling_windows.hpp"

namespace neurarium::kernels {
namespace {

template <class T>
T larger(T largest, T value) {
  return value <= largest || largest != largest ? largest : value;  // NaN stays
}

}  // namespace

// First over the rows of the windows, then along that.
template <class T>
void max_pool_entries(const Pooling& g, const T* x, T* y) {
  std::vector<T> row(g.width);
  std::vector<Window> windows;
  const std::size_t height = g.positions(g.height);
  for (std::size_t j = 0; j < g.positions(g.width); ++j) windows.push_back(window_at(g, j, g.width));
  for (std::size_t c = 0; c < g.channels; ++c)
    for (std::size_t i = 0; i < height; ++i) {
      const Window rows = window_at(g, i, g.height);
      const T* from = x + (c * g.height + rows.first) * g.width;
      std::copy(from, from + g.width, row.begin());
      for (std::size_t a = rows.first + 1; a < rows.end; ++a) {
        from += g.width;
        for (std::size_t b = 0; b < g.width; ++b) row[b] = larger(row[b], from[b]);
      }
      for (const Window& columns : windows) {
        T largest = row[columns.first];
        for (std::size_t b = columns.first + 1; b < columns.end; ++b) largest = larger(largest, row[b]);
        *y++ = largest;
      }
    }
}

template void max_pool_entries<float>(const Pooling&, const float*, float*);
template void max_pool_entries<double>(const Pooling&, const double*, double*);

}  // namespace neurarium::kernels
