// Where the taps of a kernel fall inside an image: seen from a result position (all its taps), and from a tap (all its
// positions).
#pragma once

#include <cstdint>
#include <vector>

#include "neurarium/kernels/convolution.hpp"

namespace neurarium::kernels {

/// One place of the kernel that meets the source: where its weights lie, and how far away its source values are.
struct Tap {
  std::uint32_t weight;
  std::int32_t source;
};

/// The taps at each position of a result; the long list of those in the middle is made once.
class TapFinder {
 public:
  struct Taps {
    const Tap* first;
    std::size_t count;
    std::size_t source;  ///< the place that their sources are relative to
  };

  /// Of the output, which gathers from the input, for lines of so many numbers.
  static TapFinder of_output(const Convolution& convolution, std::size_t line);
  /// Of the input's gradient, which gathers from that of the output.
  static TapFinder of_input(const Convolution& convolution, std::size_t line);

  std::size_t rows() const noexcept { return rows_.size(); }
  std::size_t columns() const noexcept { return columns_.size(); }
  /// Those at result position (i, j), until the next call.
  Taps find(std::size_t i, std::size_t j);

 private:
  /// For each result index along an axis: which kernel index meets which source index, kernel indices rising.
  struct Meeting {
    std::size_t kernel, source;
  };
  using Axis = std::vector<std::vector<Meeting>>;
  static Axis axis_of(const Convolution& convolution, std::size_t in, std::size_t out, std::size_t kernel,
                      bool of_output);
  TapFinder(Axis rows, Axis columns, const Convolution& convolution, std::size_t source_width, std::size_t line);

  Axis rows_, columns_;
  std::size_t kernel_width_, taps_, width_, line_;
  std::vector<Tap> whole_, part_;
};

/// The positions [first, end) along an axis of the output at which kernel index k falls inside the input.
struct PositionRange {
  std::size_t first, end;
};
PositionRange positions_inside(const Convolution& convolution, std::size_t in, std::size_t out, std::size_t k);

}  // namespace neurarium::kernels
