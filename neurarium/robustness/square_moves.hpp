// What the Square attack tries: where it starts, and its next change of a sample. Samples are pictures (pixels.hpp) of c channels, h × w each.
//   linf  start x + ε s, s a random sign for each channel and column; a move sets a window to x + ε s, s a random sign for each channel
//   l2    start: the picture tiled with little hills of either sign; a move puts a hill into one window with what lay there, and the
//         length of what is taken from a second window, and scales the change to length ε
// A window holds the share p of a picture: a square of side √(p h w), or the whole height and as many columns as it takes.
#pragma once

#include <vector>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/attack.hpp"
#include "neurarium/robustness/pixels.hpp"

namespace neurarium {

/// Random choices that follow one another from a counter.
class Draws {
 public:
  Draws(const Stream& stream, Counter counter) : stream_(&stream), counter_(counter) {}
  double number() noexcept {
    const double drawn = uniform(*stream_, counter_);
    ++counter_.element;
    return drawn;
  }
  /// 0 … n−1
  std::size_t below(std::size_t n) noexcept { return static_cast<std::size_t>(number() * static_cast<double>(n)); }
  double sign() noexcept { return number() < 0.5 ? -1 : 1; }

 private:
  const Stream* stream_;
  Counter counter_;
};

template <class T>
class SquareMoves {
 public:
  SquareMoves(Norm norm, const Shape& entry, double epsilon, const Bounds& bounds);
  /// Writes the start for the sample x0 into x.
  void start(std::span<const T> x0, Draws draws, std::span<T> x);
  /// Writes the next try into x, which holds the best so far.
  void move(std::span<const T> x0, double p, Draws draws, std::span<T> x);

 private:
  struct Window {
    std::size_t top = 0, left = 0, height = 1, width = 1;
  };
  Window anywhere(double share, std::size_t least, Draws& draws) const;
  T at_edge(T x0, double sign) const;
  void move_l2(std::span<const T> x0, double p, Draws& draws, std::span<T> x);
  void write_l2(std::span<const T> x0, std::span<T> x) const;
  std::size_t place(std::size_t channel, std::size_t row, std::size_t column) const {
    return picture_.place(channel, row, column);
  }

  Norm norm_;
  Pixels picture_;
  double epsilon_;
  Bounds bounds_;
  std::vector<double> change_, hill_, mixture_;
};

}  // namespace neurarium
