#include <cmath>
#include <limits>

#include "neurarium/nn/optimiser_parts.hpp"
#include "neurarium/nn/sign_constraint.hpp"

namespace neurarium {

template <class T>
SignedStep<T>::SignedStep(const NamedView& parameter) : parameter_(parameter) {
  if (!parameter.signs || parameter.signs->rule != SignRule::exponentiated) return;
  const auto w = parameter.values.as<T>().flat();
  before_.assign(w.begin(), w.end());
}

template <class T>
void SignedStep<T>::finish(std::initializer_list<std::span<T>> memories) {
  if (!parameter_.signs || !is_projected(parameter_.signs->rule)) return;
  const auto w = parameter_.values.as<T>().flat();
  const auto signs = parameter_.signs->signs.as<T>().flat();
  if (parameter_.signs->rule == SignRule::clamp) {
    parameter_.signs->synapses.each([&](std::size_t i, std::size_t u) {
      if (!(signs[u] * w[i] < 0)) return;  // what is no number stays none, so that it is seen
      w[i] = 0;
      for (const std::span<T> memory : memories)
        if (!memory.empty()) memory[i] = 0;
    });
    return;
  }
  // The smallest normal number is as near to 0 as a weight comes: at 0 it would have no sign, and never move again.
  parameter_.signs->synapses.each([&](std::size_t i, std::size_t u) {
    if (signs[u] == 0) return;
    const T size = std::abs(before_[i]), step = signs[u] * (before_[i] - w[i]);
    const T now = size * std::exp(-step);
    w[i] = signs[u] * (now < std::numeric_limits<T>::min() ? std::numeric_limits<T>::min() : now);
  });
}

template class SignedStep<float>;
template class SignedStep<double>;

}  // namespace neurarium
