// Dale's law: all synapses that a neuron makes have one sign. As a constraint on a weight W of any layer:
//
//   S in {−1, 0, +1} for each presynaptic unit (or synapse): inhibitory, free, excitatory. w: the number that is stored.
//   none           W = w                     signs are counted (nn/sign_report.hpp), and violations may cost something
//   abs            W = S |w|                 ∂W/∂w = S sign(w); at w = 0: see gradient_at_zero
//   relu           W = S max(0, w)           a synapse at 0 stays there
//   square         W = S w²
//   softplus       W = S ln(1 + eʷ)
//   learned        W = tanh(s) |w|           s: a parameter for each unit that starts at S · learned_start
//   clamp          W = w                     after each step, weights of the wrong sign become 0, and what the optimiser
//                                            remembers of them, too
//   exponentiated  W = w                     w ← w exp(−sign(w) Δ), where the optimiser would step to w − Δ
// Free synapses have W = w under every rule. Initial weights are S |drawn|, times what `start` says; with none they are what
// is drawn. In training, λ Σ max(0, −S W) (violation_penalty) and λ Σ (1 − tanh²(s)) (hardening, over units) are added to
// the loss of each sample.
// Sources: Song, Yang, Wang, PLoS Comput. Biol. 2016; Cornford et al., "Learning to live with Dale's principle", ICLR 2021;
// Haber, Schneidman, arXiv 2210.05961 (learned); Cornford et al., bioRxiv 2024.10.25.620272 (exponentiated).
#pragma once

#include <string>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/schema.hpp"

namespace neurarium {

struct NamedView;

/// What a user can tell about the signs of a weight: a section `dale` of a layer.
struct DaleParams {
  std::string signs = "free";
  double inhibitory_fraction = 0.5;
  std::string per = "unit";
  std::vector<std::int64_t> given;  ///< a list, no array: it belongs to what a saved network is described by
  std::string drawn_as;
  std::string rule = "none";
  std::string gradient_at_zero = "zero";
  std::string start = "drawn";
  double violation_penalty = 0;
  double learned_start = 1;
  double hardening = 0;
  static Schema fields();
  /// Whether any synapse may have a sign.
  bool wanted() const noexcept { return signs != "free" || !given.empty(); }
};

enum class SignRule { none, abs, relu, square, softplus, learned, clamp, exponentiated };
SignRule sign_rule(const std::string& name);
/// Whether the number that is stored is not the weight that is multiplied with.
bool is_reparametrised(SignRule rule) noexcept;
/// Whether the optimiser's steps keep the signs, and not the layer.
bool is_projected(SignRule rule) noexcept;

/// Whose synapse each number of a weight is. Weights are [post, pre, …] (axis = 1) or [pre, post …] (axis = 0); with groups,
/// [post, pre / groups, …], each group of post sees its own part of pre.
struct SynapseMap {
  std::size_t axis = 1, blocks = 1, per_block = 0, run = 1, groups = 1;
  bool per_synapse = false;
  static SynapseMap of(const Shape& weight, std::size_t axis, std::size_t groups = 1, bool per_synapse = false);
  std::size_t synapses() const noexcept { return blocks * per_block * run; }
  /// How many signs there are: one per presynaptic unit, or one per synapse.
  std::size_t signs() const noexcept { return per_synapse ? synapses() : per_block * groups; }
  std::size_t postsynaptic_units() const noexcept { return axis == 0 ? run : blocks; }
  std::size_t postsynaptic(std::size_t synapse) const noexcept {
    return axis == 0 ? synapse % run : synapse / (per_block * run);
  }
  /// f(first, count, sign, step) for stretches of synapses first, first + 1, …: the sign of the i-th of them has the index
  /// sign + i · step, where step is 0 (all have the same) or 1.
  template <class F>
  void each_stretch(F f) const {
    if (per_synapse) return f(std::size_t{0}, synapses(), std::size_t{0}, std::size_t{1});
    for (std::size_t b = 0; b < blocks; ++b) {
      const std::size_t first = b * groups / blocks * per_block, synapse = b * per_block * run;
      if (run == 1) f(synapse, per_block, first, std::size_t{1});
      else
        for (std::size_t u = 0; u < per_block; ++u) f(synapse + u * run, run, first + u, std::size_t{0});
    }
  }
  /// f(synapse, sign) for every synapse in order: the index of its number, and of its sign.
  template <class F>
  void each(F f) const {
    each_stretch([&](std::size_t first, std::size_t count, std::size_t sign, std::size_t step) {
      for (std::size_t i = 0; i < count; ++i) f(first + i, sign + i * step);
    });
  }
};

/// What is known of the signs of a parameter: where it stands in a model (NamedView::signs), this says what to keep.
struct SignConstraint {
  SignRule rule = SignRule::none;
  SynapseMap synapses;
  ArrayView signs;    ///< S, one per unit or synapse: lies in the layer
  ArrayView learned;  ///< s likewise; empty unless they are learned
};

/// S as settings say, one per sign of `map`. Random ones are drawn by Stream(seed, path.signs): exactly
/// ⌊n · inhibitory_fraction + 10⁻⁹⌋ of n are −1. `where` names the section in messages: SpecError for settings that contradict
/// each other or are no signs, ShapeError for too many or too few.
std::vector<signed char> chosen_signs(const DaleParams& params, const SynapseMap& map, const std::string& where,
                                      const std::string& path, std::uint64_t seed);

/// W of a parameter, whatever its rule: what its layer multiplies with.
Array effective_weights(const NamedView& parameter);
/// The sign of each of its synapses, as it is now (of learned ones: that of tanh(s)); all 0 without a constraint.
std::vector<signed char> signs_of(const NamedView& parameter);

}  // namespace neurarium
