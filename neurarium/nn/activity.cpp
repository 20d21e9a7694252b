#include "neurarium/nn/activity.hpp"

#include <algorithm>

namespace neurarium {
namespace {

/// out[j, i] = in[i, j] for i < rows, j < columns, in tiles that stay in cache.
template <class T>
void transpose(const T* in, std::size_t rows, std::size_t columns, std::size_t in_step, T* out, std::size_t out_step) {
  constexpr std::size_t tile = 16;
  for (std::size_t first = 0; first < rows; first += tile)
    for (std::size_t second = 0; second < columns; second += tile)
      for (std::size_t j = second; j < std::min(columns, second + tile); ++j)
        for (std::size_t i = first; i < std::min(rows, first + tile); ++i) out[j * out_step + i] = in[i * in_step + j];
}

}  // namespace

template <class T>
void convert(const Activity<T>& from, Layout to, Activity<T>& out) {
  const std::size_t samples = from.samples(), line = line_length<T>(samples);
  const Shape entry = from.shape().tail();
  out.support() = from.support();
  if (from.layout() == to) {
    std::ranges::copy(from.numbers().flat(), out.make_like(from).flat().begin());
  } else if (to == Layout::sample_minor) {
    T* lines = out.make_lines(entry, samples).data();
    transpose(from.numbers().data(), samples, entry.elements(), entry.elements(), lines, line);
    for (std::size_t i = 0; i < entry.elements(); ++i)
      std::fill(lines + i * line + samples, lines + (i + 1) * line, T{0});
  } else {
    transpose(from.numbers().data(), entry.elements(), samples, line, out.make_dense(from.shape()).data(),
              entry.elements());
  }
}

template void convert<float>(const Activity<float>&, Layout, Activity<float>&);
template void convert<double>(const Activity<double>&, Layout, Activity<double>&);

}  // namespace neurarium
