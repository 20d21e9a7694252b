#include "neurarium/nn/sign_constraint.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/nn/sign_rules.hpp"

namespace neurarium {
namespace {

const std::vector<std::string>& rule_names() {
  static const std::vector<std::string> names = {"none",     "abs",     "relu",  "square",
                                                 "softplus", "learned", "clamp", "exponentiated"};
  return names;
}

void require_sense(const DaleParams& params, const SynapseMap& map, const std::string& where) {
  std::vector<Fault> faults;
  const auto fault = [&](const std::string& key, const std::string& what, const std::string& mend) {
    faults.push_back({{}, where + "." + key, what, mend});
  };
  const std::string give_signs = "set " + where + ".signs = \"random\", or give signs in " + where + ".given";
  if (!params.wanted() && params.rule != "none")
    fault("rule", "\"" + params.rule + "\" has no signs to keep", give_signs);
  if (!params.wanted() && params.start != "drawn")
    fault("start", "\"" + params.start + "\" needs to know which units are inhibitory", give_signs);
  if (!params.wanted() && params.violation_penalty > 0)
    fault("violation_penalty", "there are no signs to violate", give_signs);
  if (params.violation_penalty > 0 && params.rule != "none")
    fault("violation_penalty", "with rule = \"" + params.rule + "\" there are no violations", "leave one of them out");
  if (params.hardening > 0 && params.rule != "learned")
    fault("hardening", "only learned signs can become harder", "leave it out, or set rule = \"learned\"");
  if (!params.given.empty() && params.signs != "free")
    fault("given", "signs are given, and drawn as well (signs = \"" + params.signs + "\")", "leave one of them out");
  if (params.signs == "first" && map.per_synapse)
    fault("per", "the first synapses are not a choice that means anything", "set signs = \"random\"");
  if (!faults.empty()) throw SpecError(std::move(faults));
}

}  // namespace

Schema DaleParams::fields() {
  using P = DaleParams;
  return Schema::of<P>({
      field("signs", &P::signs, "Which presynaptic units are inhibitory: unknown, so many at random, or the first.")
          .one_of({"free", "random", "first"}),
      field("inhibitory_fraction", &P::inhibitory_fraction, "Share of the signs that is −1.").between(0, 1),
      field("per", &P::per, "Whether a unit has one sign, or each synapse its own.").one_of({"unit", "synapse"}),
      field("given", &P::given, "Signs −1, 0 (free) or 1: one for each unit, or each weight in order (per synapse)."),
      field("drawn_as", &P::drawn_as, "Projections with one name here draw the same signs; default: each its own."),
      field("rule", &P::rule, "How the signs are kept.").one_of(rule_names()),
      field("gradient_at_zero", &P::gradient_at_zero, "d|w|/dw at w = 0 for abs and learned: 0, 0.01, or ±1 by lot.")
          .one_of({"zero", "small", "random"}),
      field("start", &P::start, "Initial sizes: as drawn, inhibition scaled to balance, or those of ColEI.")
          .one_of({"drawn", "balanced", "colei"}),
      field("violation_penalty", &P::violation_penalty, "λ: λ Σ max(0, −S w) is added to the loss, for rule none.")
          .at_least(0),
      field("learned_start", &P::learned_start, "Learned signs tanh(s) start at s = ± this.").positive(),
      field("hardening", &P::hardening, "λ: λ Σ (1 − tanh²(s)) is added to the loss, for learned signs.").at_least(0),
  });
}

SignRule sign_rule(const std::string& name) {
  const auto found = std::ranges::find(rule_names(), name);
  if (found == rule_names().end()) throw InternalError("no sign rule " + name);
  return static_cast<SignRule>(found - rule_names().begin());
}

bool is_projected(SignRule rule) noexcept { return rule == SignRule::clamp || rule == SignRule::exponentiated; }
bool is_reparametrised(SignRule rule) noexcept { return rule != SignRule::none && !is_projected(rule); }

SynapseMap SynapseMap::of(const Shape& weight, std::size_t axis, std::size_t groups, bool per_synapse) {
  if (axis > 1 || weight.axes() < 2) throw InternalError("a weight is [post, pre, …] or [pre, post, …]");
  SynapseMap map{axis, axis == 0 ? 1 : weight[0], weight[axis], 1, groups, per_synapse};
  const std::size_t around = map.blocks * map.per_block;
  map.run = around == 0 ? 1 : weight.elements() / around;
  return map;
}

std::vector<signed char> chosen_signs(const DaleParams& params, const SynapseMap& map, const std::string& where,
                                      const std::string& path, std::uint64_t seed) {
  require_sense(params, map, where);
  const std::size_t n = map.signs();
  std::vector<signed char> signs(n, 0);
  if (!params.given.empty()) {
    if (params.given.size() != n)
      throw ShapeError(
          where + ".given",
          to_string(Shape{n}) + (map.per_synapse ? ", a sign for each weight" : ", a sign for each presynaptic unit"),
          to_string(Shape{params.given.size()}));
    for (std::size_t i = 0; i < n; ++i) {
      const std::int64_t s = params.given[i];
      if (s < -1 || s > 1)
        throw SpecError(
            where + ".given: number " + std::to_string(i) + " is " + std::to_string(s) + ", which is no sign",
            "give −1 (inhibitory), 1 (excitatory) or 0 (free)");
      signs[i] = static_cast<signed char>(s);
    }
  } else if (params.signs != "free") {
    const auto inhibitory = static_cast<std::size_t>(static_cast<double>(n) * params.inhibitory_fraction + 1e-9);
    std::vector<std::uint64_t> order(n);
    std::iota(order.begin(), order.end(), std::uint64_t{0});
    if (params.signs == "random")
      order = permutation(Stream(seed, (params.drawn_as.empty() ? path : params.drawn_as) + ".signs"), 0, n);
    std::ranges::fill(signs, static_cast<signed char>(1));
    for (std::size_t k = 0; k < inhibitory; ++k) signs[order[k]] = -1;
  }
  return signs;
}

namespace {
/// Calls f(synapse, sign) for those that have one, as it is now: S, or tanh(s).
template <class T, class F>
void each_signed(const SignConstraint& known, F f) {
  const auto signs = known.signs.as<T>().flat();
  const bool is_learned = !known.learned.empty();
  const auto learned = is_learned ? known.learned.as<T>().flat() : signs;
  known.synapses.each([&](std::size_t i, std::size_t u) {
    if (signs[u] != 0) f(i, is_learned ? std::tanh(learned[u]) : signs[u]);
  });
}
}  // namespace

Array effective_weights(const NamedView& parameter) {
  Array made{ArrayView(parameter.values)};
  if (!parameter.signs || !is_reparametrised(parameter.signs->rule)) return made;
  with_floating(made.dtype(), [&]<class T>() {
    const auto w = made.as<T>().flat();
    with_rule(parameter.signs->rule, [&]<SignRule rule>() {
      each_signed<T>(*parameter.signs, [&](std::size_t i, T sign) { w[i] = sign * size_of<rule>(w[i]); });
    });
  });
  return made;
}

std::vector<signed char> signs_of(const NamedView& parameter) {
  std::vector<signed char> signs(parameter.values.size(), 0);
  if (parameter.signs)
    with_floating(parameter.values.dtype(), [&]<class T>() {
      each_signed<T>(*parameter.signs,
                     [&](std::size_t i, T sign) { signs[i] = static_cast<signed char>((sign > 0) - (sign < 0)); });
    });
  return signs;
}

}  // namespace neurarium
