// standardise: numbers in units of their spread, y = (x − mean) / sd, the same for all of an entry.
// As a network's first layer it makes the usual scaling of data a part of the network, so that whoever changes or makes samples
// (attacks, noise, a camera) does so in the units of the data.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/layer.hpp"

namespace neurarium {

struct StandardiseParams {
  std::string name;
  double mean = 0;
  double sd = 1;
  static Schema fields();
};

template <class T>
class Standardise : public Layer<T> {
 public:
  using Params = StandardiseParams;
  explicit Standardise(const Params& params)
      : mean_(static_cast<T>(params.mean)), factor_(static_cast<T>(1 / params.sd)) {}

  Shape build(const Shape& input, const std::string&, std::uint64_t) override { return input; }
  std::optional<Layout> layout(std::size_t) const override { return std::nullopt; }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  T mean_, factor_;
};

}  // namespace neurarium
