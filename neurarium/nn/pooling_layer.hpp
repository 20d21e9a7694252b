// What the pooling layers share: windows of `size`² values that are `stride` apart, over images in either layout.
#pragma once

#include <cstdint>
#include <string>

#include "neurarium/kernels/pooling.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

/// The windows of a pooling layer called `layer` over entries of shape `input`; stride 0 = size. ShapeError if none fits in,
/// SpecError if some would hold nothing but padding.
kernels::Pooling pooling_of(const Shape& input, const std::string& layer, std::int64_t size, std::int64_t stride,
                            std::int64_t padding);

/// `Params` has size, stride and padding.
template <class T, class Parameters>
class PoolingLayer : public Layer<T> {
 public:
  using Params = Parameters;
  explicit PoolingLayer(const Params& params) : params_(params) {}

  Shape build(const Shape& input, const std::string& name, std::uint64_t) override {
    entry_ = input;
    pooling_ = pooling_of(input, name, params_.size, params_.stride, params_.padding);
    return pooling_.out();
  }
  std::optional<Layout> layout(std::size_t) const override { return std::nullopt; }

 protected:
  /// The windows over the numbers of `activity` as they lie. Samples that lie one after the other are so many more channels, of
  /// lines of length 1.
  kernels::Pooling windows_of(const Activity<T>& activity) const {
    kernels::Pooling pooling = pooling_;
    if (activity.layout() == Layout::sample_major) pooling.channels *= activity.samples();
    return pooling;
  }
  Shape result() const { return pooling_.out(); }
  const Shape& entry() const noexcept { return entry_; }

 private:
  Params params_;
  kernels::Pooling pooling_;
  Shape entry_;
};

}  // namespace neurarium
