#include "neurarium/nn/signed_weight.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/sign_rules.hpp"

namespace neurarium {

template <class T>
void SignedWeight<T>::build(const DaleParams& params, Parameter<T>& weight, std::size_t axis, const std::string& name,
                            std::uint64_t seed, std::size_t groups, const std::string& section) {
  params_ = params;
  const std::string where = name + "." + section;
  path_ = name + "." + weight.name;
  const Shape shape = weight.value.shape();
  const SynapseMap map = SynapseMap::of(shape, axis, groups, params.per == "synapse");
  const std::vector<signed char> chosen = chosen_signs(params, map, where, path_, seed);
  constraint_ = {sign_rule(params.rule), map, {}, {}};
  if (is_free()) return;
  signs_.name = weight.name + "_sign", learned_.name = weight.name + "_sign_learned";
  signs_.value = Tensor<T>(map.per_synapse ? shape : Shape{map.signs()});
  std::ranges::transform(chosen, signs_.value.flat().begin(), [](signed char s) { return static_cast<T>(s); });
  constraint_.signs = ArrayView(std::as_const(signs_.value).view());
  if (constraint_.rule == SignRule::learned) {
    learned_.value = signs_.value;
    for (T& s : learned_.value.flat()) s *= static_cast<T>(params.learned_start);
    constraint_.learned = ArrayView(std::as_const(learned_.value).view());
  }
  weight.signs = &constraint_;
  start_weights(weight, where, path_, seed);
}

// What balance makes of the drawn sizes: for each postsynaptic unit with nE excitatory and nI inhibitory synapses, those of the
// latter times nE/nI. ColEI draws all anew: Exp with standard deviation σ, inhibitory ones nE/nI times as large,
// 1/σ² = (2π − 1)/(2π) (nE + nE²/nI); without one of the kinds, with their number in place of the bracket.
template <class T>
void SignedWeight<T>::start_weights(Parameter<T>& weight, const std::string& where, const std::string& path,
                                    std::uint64_t seed) const {
  const SignRule rule = constraint_.rule;
  if (rule == SignRule::none && params_.start == "drawn") return;
  const SynapseMap& map = constraint_.synapses;
  const auto w = weight.value.flat();
  const auto signs = signs_.value.flat();
  std::vector<double> excitatory(map.postsynaptic_units(), 0), inhibitory(map.postsynaptic_units(), 0);
  map.each([&](std::size_t i, std::size_t u) {
    if (signs[u] != 0) (signs[u] > 0 ? excitatory : inhibitory)[map.postsynaptic(i)] += 1;
  });
  std::vector<double> drawn(params_.start == "colei" ? w.size() : 0);
  if (!drawn.empty()) fill_uniform(Stream(seed, path + ".colei"), {}, 0, 1, drawn);
  const auto size_at = [&](std::size_t i, bool inhibits) {
    const double e = excitatory[map.postsynaptic(i)], n = inhibitory[map.postsynaptic(i)];
    const double scale = inhibits && params_.start != "drawn" && e > 0 ? e / n : 1;
    if (drawn.empty()) return scale * static_cast<double>(std::abs(w[i]));
    const double share = (2 * std::numbers::pi - 1) / (2 * std::numbers::pi);
    const double precision = share * (e > 0 && n > 0 ? e + e * e / n : e + n);
    return -std::log1p(-std::max(drawn[i], 1e-16)) * scale / std::sqrt(precision);
  };
  map.each([&](std::size_t i, std::size_t u) {
    if (signs[u] == 0) return;
    const T size = static_cast<T>(size_at(i, signs[u] < 0));
    if (size == 0 && (rule == SignRule::exponentiated || rule == SignRule::softplus))
      throw DataError(where,
                      "weight " + std::to_string(i) + " starts at 0, where rule = \"" + params_.rule + "\" can't begin",
                      "give other initial weights, or another rule");
    const bool keeps_drawn = (rule == SignRule::abs || rule == SignRule::learned) && w[i] < 0;
    if (is_reparametrised(rule)) w[i] = keeps_drawn ? -size : stored_for(rule, size);
    else w[i] = signs[u] * size;
  });
}

namespace {

/// to += from · ∂W/∂w where all have one sign, in vectors.
template <SignRule rule, class T>
void add_through(const T* __restrict from, const T* __restrict w, T sign, T* __restrict to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] += from[i] * (sign * slope_of<rule>(w[i], T{0}));
}

}  // namespace

template <class T>
View<const T> SignedWeight<T>::effective(const Parameter<T>& weight, const Context& context, Pass& pass) const {
  pass.weight = weight.value.view();
  pass.penalty = 0;
  if (is_free()) return pass.weight;
  pass.training = context.mode == Mode::train, pass.seed = context.seed, pass.step = context.step;
  const SynapseMap& map = constraint_.synapses;
  const T* w = weight.value.data();
  const T* s = signs_.value.data();
  if (!reparametrised()) {
    if (pass.training && params_.violation_penalty > 0)
      map.each(
          [&](std::size_t i, std::size_t u) { pass.penalty += static_cast<double>(std::max(T{0}, -s[u] * w[i])); });
    pass.penalty *= params_.violation_penalty;
    return pass.weight;
  }
  if (constraint_.rule == SignRule::learned) {
    pass.signs.resize(signs_.value.shape());
    double softness = 0;
    for (std::size_t u = 0; u < pass.signs.size(); ++u) {
      const T sign = pass.signs.flat()[u] = s[u] == 0 ? T{0} : std::tanh(learned_.value.flat()[u]);
      if (s[u] != 0) softness += 1 - static_cast<double>(sign) * static_cast<double>(sign);
    }
    if (pass.training) pass.penalty = params_.hardening * softness;
  }
  const T* now = constraint_.rule == SignRule::learned ? pass.signs.data() : s;
  pass.effective.resize(weight.value.shape());
  T* out = pass.effective.data();
  with_rule(constraint_.rule, [&]<SignRule rule>() {
    map.each_stretch([=](std::size_t first, std::size_t count, std::size_t u, std::size_t step) {
      if (step == 0) {
        const T sign = now[u];
        if (s[u] == 0) std::copy_n(w + first, count, out + first);
        else
          for (std::size_t i = first; i < first + count; ++i) out[i] = sign * size_of<rule>(w[i]);
      } else {
        for (std::size_t i = 0; i < count; ++i)
          out[first + i] = s[u + i] == 0 ? w[first + i] : now[u + i] * size_of<rule>(w[first + i]);
      }
    });
  });
  return pass.weight = pass.effective.view();
}

template <class T>
View<T> SignedWeight<T>::gradient_at_weight(const Pass& pass, View<T> gradient) const {
  if (is_free() || !reparametrised()) return gradient;
  pass.gradient.resize(gradient.shape());
  pass.gradient.fill(0);
  return pass.gradient.view();
}

template <class T>
void SignedWeight<T>::pull_back(const Parameter<T>& weight, const Pass& pass, std::size_t samples, View<T> gradient,
                                View<T> learned) const {
  if (is_free()) return;
  const SynapseMap& map = constraint_.synapses;
  const T* w = weight.value.data();
  const T* s = signs_.value.data();
  T* to = gradient.data();
  if (!reparametrised()) {
    const T pull = static_cast<T>(params_.violation_penalty * static_cast<double>(samples));
    if (pass.training && pull > 0)
      map.each([&](std::size_t i, std::size_t u) { to[i] -= s[u] * w[i] < 0 ? pull * s[u] : T{0}; });
    return;
  }
  const bool is_learned = constraint_.rule == SignRule::learned;
  const T* now = is_learned ? pass.signs.data() : s;
  const T* from = pass.gradient.data();
  with_rule(constraint_.rule, [&]<SignRule rule>() {
    map.each_stretch([=](std::size_t first, std::size_t count, std::size_t u, std::size_t step) {
      if (step == 0 && s[u] != 0) {
        add_through<rule>(from + first, w + first, now[u], to + first, count);
      } else if (step == 0) {
        for (std::size_t i = first; i < first + count; ++i) to[i] += from[i];
      } else {
        for (std::size_t i = 0; i < count; ++i) {
          const std::size_t at = first + i;
          to[at] += s[u + i] == 0 ? from[at] : from[at] * now[u + i] * slope_of<rule>(w[at], T{0});
        }
      }
    });
  });
  if ((constraint_.rule == SignRule::abs || is_learned) && params_.gradient_at_zero != "zero") {
    const Stream lots(pass.seed, path_ + ".gradient_at_zero");
    // A lot for each synapse and step, the same for every shard.
    const auto at_zero = [&](std::size_t i) {
      if (params_.gradient_at_zero == "small") return static_cast<T>(0.01);
      const Counter counter{0, 0, static_cast<std::uint32_t>(pass.step), static_cast<std::uint32_t>(i)};
      return uniform(lots, counter) < 0.5 ? T{-1} : T{1};
    };
    map.each([&](std::size_t i, std::size_t u) {
      if (s[u] != 0 && w[i] == 0) to[i] += from[i] * now[u] * at_zero(i);
    });
  }
  if (!is_learned) return;
  std::vector<double> sums(map.signs(), 0);
  map.each([&](std::size_t i, std::size_t u) {
    sums[u] += static_cast<double>(from[i]) * static_cast<double>(std::abs(w[i]));
  });
  const double harden = pass.training ? params_.hardening * static_cast<double>(samples) : 0;
  for (std::size_t u = 0; u < sums.size(); ++u) {
    const double sign = static_cast<double>(now[u]);
    if (s[u] != 0) learned.flat()[u] += static_cast<T>((sums[u] - 2 * harden * sign) * (1 - sign * sign));
  }
}

template class SignedWeight<float>;
template class SignedWeight<double>;

}  // namespace neurarium
