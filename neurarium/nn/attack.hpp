// Attack: the contract of whatever looks for a small change of a sample that a network answers wrongly.
//
// A sample x and its changed copy x' are rows of numbers in the units of the data (x / divisor, e.g. pixels in [0, 1]); what the
// network does to them first is a part of the network. An attack keeps x' within `bounds` and, unless it seeks the smallest change
// itself, within a ball of radius ε: |x' − x|_∞ ≤ ε or |x' − x|₂ ≤ ε. A sample is fooled if the network's strongest output (the
// first of equal ones) is not its label. Attacks know a network only as a Target: the same attack works on anything that
// gives logits and, if the attack wants gradients, is Differentiable.
// Source: Szegedy et al., "Intriguing properties of neural networks", ICLR 2014.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "neurarium/core/schema.hpp"
#include "neurarium/core/tensor.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

enum class Norm { linf, l2 };
constexpr const char* name_of(Norm norm) noexcept { return norm == Norm::linf ? "linf" : "l2"; }
inline Norm norm_of(const std::string& name) { return name == "l2" ? Norm::l2 : Norm::linf; }

/// The least and the largest number that a sample may hold.
struct Bounds {
  double low = 0, high = 1;
  double width() const noexcept { return high - low; }
};

/// SpecError naming `setting` unless they are [least, largest], or nothing: what can be said before there are data.
void require_bounds(const std::vector<double>& given, const std::string& setting);
/// The bounds that are given, [least, largest]; or, if none are, what samples x / divisor can hold: for bytes all of them, else from
/// the least to the largest number. SpecError naming `setting` if what is given are no bounds.
Bounds bounds_of(const std::vector<double>& given, ArrayView x, double divisor, const std::string& setting);

/// What an attack must know of a network, from most to least.
enum class Access { gradients, scores, decisions, nothing };

/// What gradients at the input looked like, over all samples and steps.
struct GradientTally {
  std::size_t all = 0, zero = 0, vanishing = 0, not_finite = 0;
  GradientTally& operator+=(const GradientTally& other) noexcept {
    all += other.all, zero += other.zero, vanishing += other.vanishing, not_finite += other.not_finite;
    return *this;
  }
};

/// A network under attack, for one thread.
///
/// A network may draw its answers at random (a layer of Poisson spikes): then `seed` says which draw answers, the same one in every
/// pass, and gradients are averaged over `draws` draws, that one and others: Σ_k J_kᵀ c / draws, where J_k is the Jacobian of the
/// logits in draw k and c the cotangent. Source: Athalye, Carlini, Wagner, "Obfuscated gradients give a false sense of security",
/// ICML 2018 (expectation over transformation).
template <class T>
class Target {
 public:
  /// `stop`, if given, is asked before each pass; Interrupted is thrown when it says yes. ShapeError if the network's outputs
  /// are not one row of at least two numbers for each sample.
  Target(const Model& model, std::uint64_t seed, std::function<bool()> stop = {}, std::size_t draws = 1);

  /// [n, classes] of samples x [n, d], which must stay as they are until pull_back is done. Valid until the next pass.
  View<const T> logits(View<const T> x);
  /// ∂(Σ cotangent · logits)/∂x [n, d] of the last pass, valid until the next. SpecError if the network is not Differentiable.
  /// Every row counts in the tally, but for rows of 0 that are `done` [n], or none: those of which the attack wants nothing more.
  /// Any other row of 0 is a loss whose slope underflowed: the commonest way in which gradients are hidden.
  View<const T> pull_back(View<const T> cotangent, std::span<const char> done = {});

  /// Whether another draw answers other numbers, for these samples.
  bool draws_answers(View<const T> x);

  const GradientTally& tally() const noexcept { return tally_; }
  /// Samples shown so far: of forward passes, and of backward ones.
  std::size_t queries() const noexcept { return queries_; }
  std::size_t gradients() const noexcept { return gradients_; }

 private:
  const Model* model_;
  const Differentiable* differentiable_;
  std::uint64_t seed_;
  ArrayView pass(View<const T> x, std::size_t draw, Tape& tape);
  View<const T> averaged(ArrayView first, View<const T> cotangent);

  std::function<bool()> stop_;
  Tape tape_;
  Array outputs_;  ///< of a network without gradients
  std::size_t draws_;
  View<const T> x_;                ///< of the last pass …
  std::vector<Tape> other_draws_;  ///< … and the same in the draws but the first,
  bool has_other_draws_ = false;   ///< once a gradient was asked for
  Tensor<T> mean_gradient_;
  GradientTally tally_;
  std::size_t queries_ = 0, gradients_ = 0;
};

/// Some samples to be changed.
template <class T>
struct AttackTask {
  View<const T> x;                       ///< [n, d]
  std::span<const std::int64_t> labels;  ///< [n]
  std::span<const std::uint64_t> ids;    ///< the data set's number of each sample: draws depend on it, not on the batch
  Shape entry;                           ///< shape of one sample: [h, w], [h, w, 3], [c, h, w] or [d]
  double epsilon = 0;                    ///< radius, in the attack's norm
  Bounds bounds;
  std::uint64_t seed = 0;
  std::size_t samples() const noexcept { return labels.size(); }
};

template <class T>
class Attack {
 public:
  virtual ~Attack() = default;
  virtual Norm norm() const = 0;
  virtual Access access() const = 0;
  /// Whether it draws random numbers: another seed may then give another result.
  virtual bool draws() const { return false; }
  /// Whether it looks for the smallest change and needs no ε.
  virtual bool seeks_smallest() const { return false; }
  /// Whether it goes on with samples that are fooled already, since it wants more of them than that.
  virtual bool goes_on_when_fooled() const { return false; }
  /// How many classes it compares at least.
  virtual std::size_t least_classes() const { return 2; }
  /// Writes x' [n, d]: fooled, if it can; else the last try.
  virtual void run(Target<T>& target, const AttackTask<T>& task, View<T> changed) const = 0;
};

/// SpecError if the network has fewer classes than the attack compares. `setting` is where the attack is named: "attacks.1".
void require_classes(std::size_t least, std::size_t classes, const Component& attack, const std::string& setting);

/// The class a row of logits is for: the first of the largest.
template <class T>
std::size_t decision(View<const T> logits, std::size_t row) {
  const auto z = logits[row].flat();
  return static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
}
template <class T>
bool is_fooled(View<const T> logits, std::size_t row, std::int64_t label) {
  return decision(logits, row) != static_cast<std::size_t>(label);
}

}  // namespace neurarium
