// Statistics of spike trains, unit by unit: how fast, how regular, how locked to a stimulus, how much together, and tuned to what.
//
// Spikes are n samples of T steps of dt seconds (core/spikes.hpp). A unit's spikes in one sample are a train; nothing reaches from one
// sample to the next.
//
//   rate             spikes / (n T dt), Hz
//   interval         between successive spikes of a train. Mean and standard deviation (ddof 0) over the intervals of all trains; those
//                    longer than a sample are never seen, so that slow units seem faster and more regular than they are
//   CV               sd / mean of the intervals: 1 for a Poisson process, √(1 − p) for a spike with probability p in each step,
//                    0 for a clock
//   CV2              mean of 2 |I' − I| / (I' + I) over successive intervals I, I': for a Poisson process 1, too, but blind to slow
//                    changes of the rate, which make CV larger
//   vector strength  R = |Σ exp(2πi θ)| / N over all N spikes at phases θ (cycles): 1 if all come at one phase, 0 if phases are even.
//                    Its own phase is that of the sum
//   Rayleigh's test  the probability of R or more if phases were even: p = exp(√(1 + 4N + 4N²(1 − R²)) − (1 + 2N))
//   synchrony        Pearson's correlation of two units' spike counts in windows of w steps that begin at step 0 of each sample (what
//                    is left at a sample's end is not looked at). It holds what a common stimulus causes, as well as all else
//   tuning curve     mean rate over the samples of each label, Hz
// NaN stands for what there is not: the mean of no interval, a correlation with a unit whose counts never change.
// Sources: Goldberg & Brown, J. Neurophysiol. 1969 (vector strength); Holt, Softky, Koch, Douglas, J. Neurophysiol. 1996 (CV2);
// Zar, "Biostatistical Analysis", 1999, as in Berens, J. Stat. Softw. 2009 (p of Rayleigh's test).
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "neurarium/core/spikes.hpp"
#include "neurarium/core/tensor.hpp"

namespace neurarium {

/// Hz, one per unit; NaN without samples.
std::vector<double> firing_rates(const SpikesView& spikes, double dt);

struct IntervalStatistics {
  std::vector<std::uint64_t> histogram;  ///< [T]: how many intervals are 0, 1, … T − 1 steps long
  std::uint64_t count = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();  ///< s
  double cv = std::numeric_limits<double>::quiet_NaN();
  double cv2 = std::numeric_limits<double>::quiet_NaN();  ///< needs trains of three spikes
};
/// One per unit.
std::vector<IntervalStatistics> interspike_intervals(const SpikesView& spikes, double dt);

struct PhaseLocking {
  std::uint64_t spikes = 0;
  double vector_strength = std::numeric_limits<double>::quiet_NaN();
  double phase = std::numeric_limits<double>::quiet_NaN();  ///< cycles, in [0, 1)
  double rayleigh_p = 1;
};
/// One per unit. A spike at step t of sample i has phase phases[i] + t · cycles_per_step (cycles). ShapeError unless there is a phase for
/// each sample.
std::vector<PhaseLocking> phase_locking(const SpikesView& spikes, std::span<const double> phases,
                                        double cycles_per_step);
/// p of Rayleigh's test for a vector strength of so many spikes.
double rayleigh_p(double vector_strength, std::uint64_t spikes);

/// [units, units]. SpecError unless 1 ≤ window ≤ T.
Tensor<double> synchrony(const SpikesView& spikes, std::size_t window);

/// [units, labels]: mean rate over the samples of each label 0 … labels − 1, Hz; NaN for a label without samples. ShapeError unless there
/// is a label for each sample, SpecError for one that is out of range.
Tensor<double> tuning_curves(const SpikesView& spikes, std::span<const std::int64_t> of_sample, std::size_t labels,
                             double dt);

}  // namespace neurarium
