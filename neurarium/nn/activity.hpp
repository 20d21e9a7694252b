// Activity: what flows between layers, sample-major [sample, …]. Dense numbers today; spikes will be its second
// form, and a layer says which it takes.
#pragma once

#include "neurarium/core/tensor.hpp"

namespace neurarium {

template <class T>
class Activity {
 public:
  Activity() = default;
  explicit Activity(const Shape& shape) : dense_(shape) {}
  /// Makes room for dense numbers of this shape and gives them for writing.
  View<T> make_dense(const Shape& shape) {
    dense_.resize(shape);
    return dense_.view();
  }
  View<T> dense() noexcept { return dense_.view(); }
  View<const T> dense() const noexcept { return dense_.view(); }
  const Shape& shape() const noexcept { return dense_.shape(); }
  std::size_t samples() const noexcept { return shape().axes() ? shape()[0] : 0; }

 private:
  Tensor<T> dense_;
};

}  // namespace neurarium
