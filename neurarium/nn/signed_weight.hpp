// What a layer holds to keep Dale's law for one of its weights (equations: sign_constraint.hpp). Five lines in a layer:
//
//   build      signs_.build(params_.dale, weight_, 1, name, seed);                    once weight_ has its initial numbers
//   parameters if (signs_.learned()) all.push_back(signs_.learned());                 and signs_.buffers() are buffers
//   forward    const View<const T> w = signs_.effective(weight_, context, cache.signs);
//   backward   add ∂E/∂W to signs_.gradient_at_weight(cache.signs, gradient[0]), then
//              signs_.pull_back(weight_, cache.signs, samples, gradient[0], gradient.back());
//   penalty    tape.cache<Cache>().signs.penalty
// Without signs, or where the rule lets W = w, effective() and gradient_at_weight() give back what they are given, and nothing is copied.
#pragma once

#include "neurarium/nn/layer.hpp"
#include "neurarium/nn/sign_constraint.hpp"

namespace neurarium {

template <class T>
class SignedWeight {
 public:
  /// What a pass leaves on the layer's tape.
  struct Pass {
    View<const T> weight;  ///< W, as effective() gave it
    double penalty = 0;    ///< to be added to the loss of each sample
    bool training = false;
    std::uint64_t seed = 0, step = 0;
    Tensor<T> effective, signs;  ///< signs: tanh(s), if they are learned
    mutable Tensor<T> gradient;  ///< ∂E/∂W
  };

  SignedWeight() = default;
  SignedWeight(const SignedWeight&) = delete;  // the parameter points here
  SignedWeight& operator=(const SignedWeight&) = delete;

  /// Chooses the signs of `weight`, whose presynaptic axis is `axis` (1 or 0; SynapseMap), turns its initial numbers into what
  /// they must be, and makes weight.signs point here; both must stay where they are. The signs become a buffer
  /// "weight_sign", learned ones a parameter "weight_sign_learned" as well. Throws as chosen_signs, and a DataError if a weight
  /// starts at 0 that the rule could never move.
  void build(const DaleParams& params, Parameter<T>& weight, std::size_t axis, const std::string& name,
             std::uint64_t seed, std::size_t groups = 1, const std::string& section = "dale");
  bool is_learned() const noexcept { return constraint_.rule == SignRule::learned; }
  bool is_free() const noexcept { return !params_.wanted(); }
  /// s, or null.
  Parameter<T>* learned() noexcept { return constraint_.rule == SignRule::learned ? &learned_ : nullptr; }
  std::vector<Parameter<T>*> buffers() {
    return is_free() ? std::vector<Parameter<T>*>{} : std::vector<Parameter<T>*>{&signs_};
  }

  /// W. It lies in `weight` or in `pass`.
  View<const T> effective(const Parameter<T>& weight, const Context& context, Pass& pass) const;
  /// Where ∂E/∂W is to be added: `gradient`, that of the stored numbers, or zeros in `pass`.
  View<T> gradient_at_weight(const Pass& pass, View<T> gradient) const;
  /// Adds to `gradient` what was gathered there, and what the penalty of so many samples asks for; to `learned` (any view, if
  /// nothing is learned) likewise.
  void pull_back(const Parameter<T>& weight, const Pass& pass, std::size_t samples, View<T> gradient,
                 View<T> learned) const;

 private:
  void start_weights(Parameter<T>& weight, const std::string& where, const std::string& path, std::uint64_t seed) const;
  bool reparametrised() const noexcept { return is_reparametrised(constraint_.rule); }
  DaleParams params_;
  SignConstraint constraint_;
  Parameter<T> signs_, learned_;
  std::string path_;
};

}  // namespace neurarium
