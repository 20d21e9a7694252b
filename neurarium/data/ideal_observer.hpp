// The ideal observer of the localisation task (interaural_phase.hpp): the best that anyone can do who knows how the spikes were made,
// but for the interaural phase a ~ U(−π/2, π/2), and for the phase of the stimulus φ ~ U(0, 1) where that is unknown, too.
//
// Each bin (step, fibre) is a Bernoulli draw, so the likelihood is a product over bins. The left ear knows φ only, the right ear only
// ψ = φ + a/2π, hence
//   log P(spikes | a, φ) = A(φ) + B(ψ),   A, B = Σ over spikes log(p/(1−p)) + Σ over bins of ready fibres log(1−p)
// Both are taken on a grid of N = 2 · classes · points_per_class phases, by products of matrices: bins that are a whole number of periods
// apart have the same p, so that counts of spikes [samples, distinct bins] times tables [distinct bins, N] give all. Then
//   P(class | spikes) ∝ ∫ da over the class ∫ dφ exp(A + B)
// with the trapezoid rule over φ (which is periodic) and Simpson's over a, inside each class. p = 0 and p = 1 are exact: one spike or
// one silence makes such a phase impossible. Fibres that are refractory say nothing.
// The observer answers with the class of largest mass, and the first of equal ones: no decision is right more often.
//
// points_per_class = 0 chooses the grid by the Fisher information J of an ear's spikes about its phase (rad): at most 1/√(2J) between
// points, the standard deviation of φ given a. The trapezoid rule is then right to 2 exp(−2π²) = 5e-9, and masses by Simpson's rule to
// 1e-3. For the founding notebook's constants that is 24 points in a class; of 10,240 trials, grids of 12, 16, 24, 48 and 96 decide
// each one alike, with phases known and unknown (8 points decide two otherwise).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "neurarium/data/interaural_phase.hpp"

namespace neurarium {

struct IdealObserverParams {
  std::int64_t steps_seen = 0;
  bool knows_phase = false;
  std::int64_t points_per_class = 0;
  static Schema fields();
};

class IdealObserver {
 public:
  /// Of spikes made with `stimulus`. SpecError for parameters out of range, odd points_per_class, or more steps than there are.
  explicit IdealObserver(const InterauralPhaseParams& stimulus, const IdealObserverParams& params = {},
                         WorkerPool* pool = nullptr);

  /// P(class | spikes), [samples, classes]. `phases`, the stimulus' phase of each sample in cycles, is read if the observer knows phases;
  /// equal ones should stand together, since each new one costs a table. The same bits with any pool. ShapeError for spikes of other
  /// sizes; DataError for spikes that the stimulus can't make.
  Tensor<double> class_masses(const StepSpikes& spikes, std::span<const double> phases = {},
                              WorkerPool* pool = nullptr) const;
  /// The class of largest mass for each sample.
  std::vector<std::int64_t> decide(const StepSpikes& spikes, std::span<const double> phases = {},
                                   WorkerPool* pool = nullptr) const;
  std::size_t points_per_class() const noexcept { return points_; }

 private:
  struct Tables;
  struct Counts;
  std::shared_ptr<const Tables> tables(std::size_t ear, double first_cycles, std::size_t points,
                                       WorkerPool* pool) const;
  /// How many of the steps seen are a whole number of periods from t on.
  std::size_t times(std::size_t t) const noexcept { return (seen_ - t + period_ - 1) / period_; }
  Counts counts(const StepSpikes& spikes, std::size_t first, std::size_t count, std::size_t ear) const;
  void likelihoods(const Tables& tables, const Counts& counts, View<double> out) const;
  void without_phase(const StepSpikes& spikes, View<double> masses, WorkerPool* pool) const;
  void with_phases(const StepSpikes& spikes, std::span<const double> phases, View<double> masses,
                   WorkerPool* pool) const;

  InterauralPhaseParams stimulus_;
  InterauralProbabilities probabilities_;
  bool knows_phase_;
  std::size_t seen_, period_, fibres_, classes_, points_;
  std::shared_ptr<const Tables> left_, right_;  ///< on the whole circle; of an observer that does not know the phase
};

struct IdealObserverFigures {
  std::size_t trials = 0;
  double accuracy = 0;        ///< share of right classes
  double accuracy_error = 0;  ///< its standard error
  double mean_absolute_error_deg = 0;
  double mean_absolute_error_error = 0;  ///< standard error of that, degrees
};

/// How good the ideal observer is in `trials` new trials. If it knows the phase, the trials are 20 sets with a phase for each, otherwise
/// each trial has its own. What stimulus.phase says does not matter.
IdealObserverFigures measure_ideal_observer(const InterauralPhaseParams& stimulus, const IdealObserverParams& params,
                                            std::size_t trials, std::uint64_t seed, WorkerPool* pool = nullptr);

}  // namespace neurarium
