#include "neurarium/kernels/convolution_taps.hpp"

#include <algorithm>

namespace neurarium::kernels {

TapFinder::Axis TapFinder::axis_of(const Convolution& g, std::size_t in, std::size_t out, std::size_t kernel,
                                   bool of_output) {
  Axis axis(of_output ? out : in);
  for (std::size_t k = 0; k < kernel; ++k) {
    const PositionRange range = positions_inside(g, in, out, k);
    for (std::size_t i = range.first; i < range.end; ++i) {
      const std::size_t at = i * g.stride + k * g.dilation - g.padding;
      if (of_output) axis[i].push_back({k, at});
      else axis[at].push_back({k, i});
    }
  }
  return axis;
}

TapFinder::TapFinder(Axis rows, Axis columns, const Convolution& g, std::size_t source_width, std::size_t line)
    : rows_(std::move(rows)),
      columns_(std::move(columns)),
      kernel_width_(g.kernel_width),
      taps_(g.kernel_height * g.kernel_width),
      width_(source_width),
      line_(line) {}

TapFinder TapFinder::of_output(const Convolution& g, std::size_t line) {
  return {axis_of(g, g.height, g.out_height(), g.kernel_height, true),
          axis_of(g, g.width, g.out_width(), g.kernel_width, true), g, g.width, line};
}

TapFinder TapFinder::of_input(const Convolution& g, std::size_t line) {
  return {axis_of(g, g.height, g.out_height(), g.kernel_height, false),
          axis_of(g, g.width, g.out_width(), g.kernel_width, false), g, g.out_width(), line};
}

TapFinder::Taps TapFinder::find(std::size_t i, std::size_t j) {
  const auto &row = rows_[i], &column = columns_[j];
  const std::size_t count = row.size() * column.size();
  const std::size_t source = count == 0 ? 0 : (row.front().source * width_ + column.front().source) * line_;
  std::vector<Tap>& list = count == taps_ ? whole_ : part_;
  if (count != taps_ || whole_.empty()) {
    list.clear();
    for (const Meeting& r : row)
      for (const Meeting& c : column)
        list.push_back({static_cast<std::uint32_t>(r.kernel * kernel_width_ + c.kernel),
                        static_cast<std::int32_t>((r.source * width_ + c.source) * line_ - source)});
  }
  return {list.data(), count, source};
}

PositionRange positions_inside(const Convolution& g, std::size_t in, std::size_t out, std::size_t k) {
  const std::size_t shift = k * g.dilation;
  const std::size_t first = shift >= g.padding ? 0 : (g.padding - shift + g.stride - 1) / g.stride;
  const std::size_t end = in + g.padding <= shift ? 0 : std::min(out, (in + g.padding - shift - 1) / g.stride + 1);
  return {first, std::max(first, end)};
}

}  // namespace neurarium::kernels
