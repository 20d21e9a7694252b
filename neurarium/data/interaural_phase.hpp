// The localisation task: a tone reaches two ears with a difference of phase, fibres of the auditory nerve fire, and the difference
// is to be told, as one of `classes` equal bins of [−π/2, π/2).
//
// Ear e = 0 (left), 1 (right), fibre j = 0 … F−1 (unit F e + j), step t = 0 … T−1 of length dt; interaural phase a ~ U(−π/2, π/2),
// phase of the stimulus φ ~ U(0, 1):
//   θ = 2π (f t dt + φ) + d_j + e a             d_j = j/(F−1) · phase_span, the fibre's phase (0 for F = 1)
//   rate = spontaneous + rate_max (½ (1 + sin θ))^k
//   P(a spike in a step) = rate · dt            independent, but for the refractory period
// With the defaults the mean is 3/8 · 600/s · 1 ms = 0.225, 45 of 200 units per step.
//
// A fibre that has fired is silent for the next ⌈refractory/dt⌉ steps; at step 0 all fibres are ready. `rate` is then that of fibres
// that are ready.
//
// Which phase the stimulus has:
//   per_set     one for all samples (as in the founding notebook, whose sets have one each)
//   per_sample  one for each sample
//   per_epoch   one for each sample, in each epoch another, with other spikes; interaural phases and labels stay
// Draws are pure functions of (seed, name of the set, epoch, sample, step, unit); but for per_epoch the epoch does not matter. Neither
// threads nor the number of samples can matter: a smaller set is the beginning of a larger one.
// Source: the COMOB project's notebook "Dale's law" (github.com/comob-project/snn-sound-localization).
#pragma once

#include <cstdint>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "neurarium/core/pool.hpp"
#include "neurarium/core/schema.hpp"
#include "neurarium/core/spikes.hpp"
#include "neurarium/core/tensor.hpp"

namespace neurarium {

struct InterauralPhaseParams {
  std::int64_t steps = 100;
  double dt = 1e-3;
  std::int64_t fibres = 100;
  std::int64_t classes = 12;
  double frequency = 20;
  double rate_max = 600;
  double sharpness = 2;
  double spontaneous_rate = 0;
  std::vector<double> spontaneous_rates;
  double refractory = 0;
  double phase_span = std::numbers::pi / 2;
  std::string phase = "per_set";

  static Schema fields();
  /// All faults in one SpecError: what the schema refuses, spontaneous_rates of a wrong length, and more than one spike per step.
  void check() const;
  std::size_t units() const noexcept { return 2 * static_cast<std::size_t>(fibres); }
  /// Steps for which a fibre is silent after a spike.
  std::size_t dead_steps() const noexcept;
};

struct InterauralPhaseSet {
  StepSpikes spikes;                 ///< steps × (2 · fibres)
  std::vector<double> ipd;           ///< rad, in [−π/2, π/2)
  std::vector<double> phase;         ///< of the stimulus, in cycles, in [0, 1)
  std::vector<std::int64_t> labels;  ///< discretise(ipd)
};

/// The first `samples` samples of the set called `name`. The same bits with any pool. SpecError for parameters that check() refuses.
InterauralPhaseSet make_interaural_phase(const InterauralPhaseParams& params, std::size_t samples, std::uint64_t seed,
                                         const std::string& name, std::uint32_t epoch = 0, WorkerPool* pool = nullptr);

/// How likely each fibre is to fire in each step, if it is ready.
class InterauralProbabilities {
 public:
  /// SpecError for parameters that check() refuses.
  explicit InterauralProbabilities(const InterauralPhaseParams& params);
  /// Of the fibres of one ear in one step. `cycles` is the phase at that ear in step 0: φ, or φ + a/2π. p has a place per fibre.
  void at(double cycles, std::size_t step, std::size_t ear, std::span<double> p) const;
  /// The same for those who have taken the sine and cosine of 2π · cycles.
  void at(double sine, double cosine, std::size_t step, std::size_t ear, std::span<double> p) const;
  /// [steps, 2 · fibres] for a sample of this interaural phase (rad) and phase of the stimulus (cycles).
  Tensor<double> of(double ipd, double phase) const;

 private:
  double scale_, power_;
  std::vector<double> sin_time_, cos_time_, sin_fibre_, cos_fibre_, least_;
};

/// The class of an interaural phase: ⌊(ipd + π/2) classes/π⌋, held in 0 … classes−1 (π/2 belongs to the last). SpecError for NaN.
std::int64_t discretise(double ipd, std::int64_t classes);
/// The middle of a class, rad.
double continuise(std::int64_t label, std::int64_t classes);
/// Mean of |middle of the estimated class − ipd| in degrees. ShapeError unless there is one estimate for each of at least one sample.
double mean_absolute_error_deg(std::span<const std::int64_t> estimated, std::span<const double> ipd,
                               std::int64_t classes);

}  // namespace neurarium
