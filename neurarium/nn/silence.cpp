#include "neurarium/nn/silence.hpp"

#include <algorithm>
#include <utility>

#include "neurarium/nn/model.hpp"
#include "neurarium/nn/sign_constraint.hpp"

namespace neurarium {
namespace {

/// The stored number with which a constrained synapse has W = 0. No finite one has ln(1 + eʷ) = 0 in exact numbers, but this has in all
/// that are computed with.
double stored_silence(const SignConstraint* signs) { return signs && signs->rule == SignRule::softplus ? -1000 : 0; }

}  // namespace

Silenced::Silenced(const NamedView& parameter, std::size_t presynaptic_axis, const Choice& which)
    : values_(parameter.values), before_(ArrayView(parameter.values)) {
  const Tensor<double> weights = to_tensor<double>(effective_weights(parameter).view());
  const SynapseMap map = SynapseMap::of(weights.shape(), presynaptic_axis);
  const std::vector<signed char> signs = signs_of(parameter);
  const double silence = stored_silence(parameter.signs);
  with_floating(values_.dtype(), [&]<class T>() {
    const auto stored = values_.as<T>().flat();
    map.each([&](std::size_t synapse, std::size_t unit) {
      const double w = weights.flat()[synapse];
      if (!which(unit, w)) return;
      stored[synapse] = static_cast<T>(signs[synapse] == 0 ? 0 : silence);  // free synapses have W = w under every rule
      silenced_ += w != 0;
    });
  });
}

Silenced::Silenced(Silenced&& other) noexcept
    : values_(other.values_), before_(std::move(other.before_)), silenced_(other.silenced_) {
  other.before_ = Array();
}

Silenced::~Silenced() {
  if (before_.empty()) return;
  const ArrayView before = before_.view();
  std::ranges::copy(before.data(), before.data() + before.bytes(), values_.data());
}

}  // namespace neurarium
