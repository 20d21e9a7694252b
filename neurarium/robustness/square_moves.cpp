#include "neurarium/robustness/square_moves.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

/// Rings around the middle of height × width, the k-th from inside adding 1/k²; of length 1.
void rings(std::size_t height, std::size_t width, std::span<double> hill) {
  const auto h = static_cast<std::ptrdiff_t>(height), w = static_cast<std::ptrdiff_t>(width);
  std::ranges::fill(hill, 0.0);
  for (std::ptrdiff_t k = 0; k < std::max(h / 2 + 1, w / 2 + 1); ++k) {
    const std::ptrdiff_t top = h / 2 - k, left = w / 2 - k, side = 2 * k + 1;
    for (std::ptrdiff_t i = std::max<std::ptrdiff_t>(top, 0); i < std::min(top + side, h); ++i)
      for (std::ptrdiff_t j = std::max<std::ptrdiff_t>(left, 0); j < std::min(left + side, w); ++j)
        hill[static_cast<std::size_t>(i * w + j)] += 1 / static_cast<double>((k + 1) * (k + 1));
  }
  double squares = 0;
  for (const double v : hill) squares += v * v;
  for (double& v : hill) v /= std::sqrt(squares);
}

/// Two hills side by side, one up and one down, above one another or (`across`) beside; of length 1.
void hill_pair(std::size_t height, std::size_t width, bool across, std::vector<double>& hill) {
  hill.assign(height * width, 1);
  const std::size_t first = (across ? width : height) / 2;
  if (first == 0) {
    for (double& v : hill) v = 1 / std::sqrt(static_cast<double>(hill.size()));
    return;
  }
  std::vector<double> half;
  for (const bool second : {false, true}) {
    const std::size_t length = second ? (across ? width : height) - first : first, from = second ? first : 0;
    const std::size_t h = across ? height : length, w = across ? length : width;
    half.resize(h * w);
    rings(h, w, half);
    for (std::size_t i = 0; i < h; ++i)
      for (std::size_t j = 0; j < w; ++j)
        hill[(i + (across ? 0 : from)) * width + j + (across ? from : 0)] =
            (second ? -1 : 1) * half[i * w + j] / std::sqrt(2.0);
  }
}

}  // namespace

template <class T>
SquareMoves<T>::SquareMoves(Norm norm, const Shape& entry, double epsilon, const Bounds& bounds)
    : norm_(norm), picture_(entry), epsilon_(epsilon), bounds_(bounds), change_(entry.elements()) {
  if (entry.axes() < 1 || entry.axes() > 3)
    throw ShapeError("samples for the attack square", "[c, h, w], [h, w, 3], [h, w] or [d]", to_string(entry));
}

/// A window of this share of the picture, odd of side if it is to hold a hill.
template <class T>
typename SquareMoves<T>::Window SquareMoves<T>::anywhere(double share, std::size_t least, Draws& draws) const {
  const double area = share * static_cast<double>(picture_.height * picture_.width);
  auto side = std::max(static_cast<std::size_t>(std::lround(std::sqrt(area))), least);
  if (least > 1 && side % 2 == 0) ++side;
  Window window;
  window.height = std::min(side, picture_.height);
  if (window.height < side)
    side = std::max(static_cast<std::size_t>(std::lround(area / static_cast<double>(window.height))), least);
  window.width = std::min(side, picture_.width);
  window.top = draws.below(picture_.height - window.height + 1);
  window.left = draws.below(picture_.width - window.width + 1);
  return window;
}

template <class T>
T SquareMoves<T>::at_edge(T x0, double sign) const {
  const T moved = x0 + static_cast<T>(sign * epsilon_);
  return std::min(std::max(moved, static_cast<T>(bounds_.low)), static_cast<T>(bounds_.high));
}

template <class T>
void SquareMoves<T>::start(std::span<const T> x0, Draws draws, std::span<T> x) {
  const std::size_t channels = picture_.channels, height = picture_.height, width = picture_.width;
  if (norm_ == Norm::linf) {
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t j = 0; j < width; ++j) {
        const double sign = draws.sign();
        for (std::size_t i = 0; i < height; ++i) x[place(c, i, j)] = at_edge(x0[place(c, i, j)], sign);
      }
    return;
  }
  std::ranges::fill(change_, 0.0);
  const std::size_t h = std::max<std::size_t>(height / 5, 1), w = std::max<std::size_t>(width / 5, 1);
  hill_pair(h, w, h == 1 || draws.number() < 0.5, hill_);
  for (std::size_t top = height % h / 2; top + h <= height; top += h)
    for (std::size_t left = width % w / 2; left + w <= width; left += w)
      for (std::size_t c = 0; c < channels; ++c) {
        const double sign = draws.sign();
        for (std::size_t i = 0; i < h; ++i)
          for (std::size_t j = 0; j < w; ++j) change_[place(c, top + i, left + j)] = sign * hill_[i * w + j];
      }
  write_l2(x0, x);
}

template <class T>
void SquareMoves<T>::move(std::span<const T> x0, double p, Draws draws, std::span<T> x) {
  if (norm_ == Norm::l2) return move_l2(x0, p, draws, x);
  const Window window = anywhere(p, 1, draws);
  for (std::size_t c = 0; c < picture_.channels; ++c) {
    const double sign = draws.sign();
    for (std::size_t i = window.top; i < window.top + window.height; ++i)
      for (std::size_t j = window.left; j < window.left + window.width; ++j)
        x[place(c, i, j)] = at_edge(x0[place(c, i, j)], sign);
  }
}

template <class T>
void SquareMoves<T>::move_l2(std::span<const T> x0, double p, Draws& draws, std::span<T> x) {
  const Window to = anywhere(p, 3, draws);
  Window from = to;
  from.top = draws.below(picture_.height - to.height + 1);
  from.left = draws.below(picture_.width - to.width + 1);
  hill_pair(to.height, to.width, to.height == 1 || draws.number() < 0.5, hill_);

  double all = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    change_[i] = static_cast<double>(x[i]) - static_cast<double>(x0[i]);
    all += change_[i] * change_[i];
  }
  const double spare = std::max(epsilon_ * epsilon_ - all, 0.0) / static_cast<double>(picture_.channels);
  for (std::size_t c = 0; c < picture_.channels; ++c) {
    // Takes what lies in `from` away, and gives its length (where they overlap, once) to what is put into `to`.
    const auto squares = [&](const Window& window) {
      double sum = 0;
      for (std::size_t i = window.top; i < window.top + window.height; ++i)
        for (std::size_t j = window.left; j < window.left + window.width; ++j)
          sum += change_[place(c, i, j)] * change_[place(c, i, j)];
      return sum;
    };
    const double there = squares(to), sign = draws.sign();
    double mixed = 0;
    mixture_.resize(hill_.size());
    for (std::size_t i = 0; i < to.height; ++i)
      for (std::size_t j = 0; j < to.width; ++j) {
        double& v = mixture_[i * to.width + j];
        v = sign * hill_[i * to.width + j] + change_[place(c, to.top + i, to.left + j)] / (1e-12 + std::sqrt(there));
        mixed += v * v;
        change_[place(c, to.top + i, to.left + j)] = 0;
      }
    const double length = std::sqrt(spare + there + squares(from)) / (1e-12 + std::sqrt(mixed));
    for (std::size_t i = 0; i < to.height; ++i)
      for (std::size_t j = 0; j < to.width; ++j) change_[place(c, from.top + i, from.left + j)] = 0;
    for (std::size_t i = 0; i < to.height; ++i)
      for (std::size_t j = 0; j < to.width; ++j)
        change_[place(c, to.top + i, to.left + j)] = length * mixture_[i * to.width + j];
  }
  write_l2(x0, x);
}

/// x0 + the change at length ε, within the bounds.
template <class T>
void SquareMoves<T>::write_l2(std::span<const T> x0, std::span<T> x) const {
  double squares = 0;
  for (const double v : change_) squares += v * v;
  const double factor = epsilon_ / (1e-12 + std::sqrt(squares));
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<T>(std::clamp(static_cast<double>(x0[i]) + factor * change_[i], bounds_.low, bounds_.high));
}

template class SquareMoves<float>;
template class SquareMoves<double>;

}  // namespace neurarium
