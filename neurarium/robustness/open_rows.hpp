// Samples on their way that are not fooled yet, without gaps, so that passes through the network get smaller as they leave. Each keeps
// its number, 0 … rows − 1, wherever it lies.
#pragma once

#include <vector>

#include "neurarium/nn/attack.hpp"

namespace neurarium {

template <class T>
class OpenRows {
 public:
  /// These rows of `whole`, each at its sample.
  OpenRows(const AttackTask<T>& whole, std::vector<std::size_t> rows) : whole_(whole), rows_(std::move(rows)) {
    numbers_.resize(rows_.size());
    x_.resize(Shape{rows_.size(), whole.x.shape()[1]});
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      numbers_[i] = i;
      labels_.push_back(whole.labels[rows_[i]]);
      std::ranges::copy(whole.x[rows_[i]].flat(), x(i).begin());
    }
  }

  /// How many there are still, at the places 0 … size() − 1.
  std::size_t size() const noexcept { return numbers_.size(); }
  std::size_t number(std::size_t place) const { return numbers_[place]; }
  /// Of the whole task.
  std::size_t row(std::size_t place) const { return rows_[numbers_[place]]; }
  std::uint32_t id(std::size_t place) const { return static_cast<std::uint32_t>(whole_.ids[row(place)]); }
  /// What became of the sample, and the sample itself.
  std::span<T> x(std::size_t place) { return x_.view()[place].flat(); }
  std::span<const T> origin(std::size_t place) const { return whole_.x[row(place)].flat(); }
  View<const T> all() const { return std::as_const(x_).view().rows(0, size()); }
  std::span<const std::int64_t> labels() const { return {labels_.data(), size()}; }

  /// Those that the network answers wrongly leave; what they became is written into `changed` (whole task). The last one takes a place
  /// that gets free, which moved(from, to) is told.
  template <class Moved>
  void leave(const std::vector<char>& fooled, View<T> changed, Moved moved) {
    for (std::size_t place = size(); place-- > 0;) {
      if (!fooled[place]) continue;
      std::ranges::copy(x(place), changed[row(place)].flat().begin());
      const std::size_t last = size() - 1;
      if (place != last) {
        std::ranges::copy(x(last), x(place).begin());
        numbers_[place] = numbers_[last], labels_[place] = labels_[last];
        moved(last, place);
      }
      numbers_.pop_back();
    }
  }
  /// The rows of those that are left, ascending.
  std::vector<std::size_t> rows() const {
    std::vector<std::size_t> left;
    for (std::size_t place = 0; place < size(); ++place) left.push_back(row(place));
    std::ranges::sort(left);
    return left;
  }

 private:
  const AttackTask<T>& whole_;
  std::vector<std::size_t> rows_, numbers_;  // rows by number, numbers by place
  std::vector<std::int64_t> labels_;         // by place
  Tensor<T> x_;                              // by place
};

/// Which samples are answered wrongly; their slopes (unless empty) become 0, as nobody will ask for their gradients.
template <class T>
void find_fooled(View<const T> logits, std::span<const std::int64_t> labels, std::vector<char>& fooled, View<T> slope) {
  fooled.resize(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    fooled[i] = is_fooled(logits, i, labels[i]);
    if (fooled[i] && slope.size() > 0) std::ranges::fill(slope[i].flat(), T{0});
  }
}

}  // namespace neurarium
