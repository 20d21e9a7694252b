// What eventprop-anatomy computes, as numbers; exhibits and figures only show it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "neurarium/studies/eventprop/anatomy_params.hpp"
#include "neurarium/studies/eventprop/exact_adjoint.hpp"
#include "neurarium/studies/eventprop/grid_cell.hpp"
#include "neurarium/studies/eventprop/numpy_ways.hpp"

namespace neurarium::anatomy {

/// The notebook's trial on one grid.
struct GridRun {
  double dt = 1;
  std::vector<std::size_t> spike_steps;
  CellTrace trace;
  double mean_v = 0, mean_i = 0;
};
GridRun grid_run(const AnatomyParams& params, double dt);

/// An output's λ on the grid beside the exact one.
struct Beside {
  LambdaTrace euler;
  std::vector<Lambda> exact;  ///< over reversed time, like Euler's
  std::vector<double> euler_at_spikes, exact_at_spikes;
};
double sum_of(const std::vector<double>& numbers);  ///< in order, as Python's sum

/// λ of an output that the hidden unit drives with ± the weight, at the two or more spikes.
struct Case {
  double weight = 1;
  bool correct = true;
  std::vector<double> euler, exact;
  /// dL/dt of the first spike is > 0 and that of the last < 0: descent moves them apart.
  bool apart() const { return weight * exact.front() > 0 && weight * exact.back() < 0; }
};

/// λ_V − λ_I at spikes for one dt.
struct DtRow {
  double dt = 1;
  std::vector<double> euler, centred;  ///< at the explicit spikes
  double random_total = 0;             ///< Euler, over the first random train of the highest rate
};

struct SpacingRow {
  double spacing = 0, weight = 1;       ///< ms; w
  double euler[2] = {}, exact[2] = {};  ///< λ_V − λ_I at both spikes
  /// Descent makes the spacing larger.
  bool euler_apart() const { return weight * (euler[0] - euler[1]) > 0; }
  bool exact_apart() const { return weight * (exact[0] - exact[1]) > 0; }
  bool euler_signs_right() const { return (euler[0] > 0) == (exact[0] > 0) && (euler[1] > 0) == (exact[1] > 0); }
};

struct RandomRate {
  double r_max = 0;
  std::vector<double> euler_totals, exact_totals;  ///< one for each train; 0 without spikes
  std::vector<std::int64_t> spikes;
  double euler_mean() const { return pairwise_mean(euler_totals); }
  double exact_mean() const { return pairwise_mean(exact_totals); }
};

struct Epsp {
  std::vector<double> v,
      v_other_order;  ///< input before decay, as the notebook's last cell; after it, as its first one
  double peak = 0, other_peak = 0;
  std::size_t peak_step = 0;
};

struct AnatomyFindings {
  AnatomyParams params;
  GridRun coarse, fine;
  std::vector<double> v_difference;  ///< V(dt) − V(fine dt) at the steps of dt
  double exact_mean_v = 0;           ///< closed form
  double max_error_corrected = 0,
         max_error_uncorrected = 0;  ///< of V at dt, beside the closed form: with and without the corrected jump
  Beside driven, resting;            ///< the correct output, and a wrong one at rest
  std::vector<Case> cases;           ///< {weight, −weight} × {correct, wrong}
  std::vector<DtRow> dt_study;
  std::size_t random_spikes = 0;  ///< of the train in the study of dt
  std::vector<SpacingRow> spacings;
  std::vector<RandomRate> random;
  std::vector<double> random_lambdas;  ///< λ_V − λ_I at every random spike, Euler
  std::vector<double> exact_lambdas;   ///< the same, exact
  EqualBins histogram;                 ///< of random_lambdas
  LambdaTrace integral;                ///< cross-entropy of integrals, Euler
  double integral_sum = 0;
  Epsp epsp;
  /// Largest |λ_V − λ_I of the correct − of a wrong output with the same V| at the explicit spikes, exact. Their drives differ by
  /// 1 at any time, so this is psp(T − t_k).
  double label_difference() const;
};

/// `progress` hears how much of the work is done, 0 … 1, and may throw to stop it.
AnatomyFindings look_into(const AnatomyParams& params, std::uint64_t seed, const std::function<void(double)>& progress);

}  // namespace neurarium::anatomy
