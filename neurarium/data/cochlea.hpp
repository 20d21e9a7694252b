// An inner ear: sound in, spikes of 700 places along the basilar membrane out.
//
// Before it: high frequencies of speech are weak, so x[n] − 0.7 x[n − 1] is heard, and each sound is made equally loud.
//
// Basilar membrane: at each place a gammatone filter of fourth order (V. Hohmann: Frequency analysis and synthesis
// using a Gammatone filterbank, Acta Acustica 88, 433, 2002), four complex resonators in a row with the pole a =
// e^{(−2πb + 2πi f)/f_s}, each with gain 1 − |a|, so that a tone of the place's own frequency f passes with its own
// amplitude. Frequencies lie equally far apart on the ERB scale,
//   E(f) = 21.4 log₁₀(1 + 0.00437 f),   ERB(f) = 24.7 (1 + 0.00437 f)      (B. Glasberg, B. Moore, Hearing Research 47, 103, 1990)
// and b = ERB(f) / (π · 6! / 2⁶ / 3!²) = 1.0186 ERB(f) gives the filter that rectangular bandwidth. Place 0 has the
// lowest frequency.
//
// Inner hair cell: Meddis' pools of transmitter (R. Meddis, M. J. Hewitt, T. M. Shackleton: Implementation details of a
// computation model of the inner hair-cell/auditory-nerve synapse, JASA 87, 1813, 1990; their fibre of high spontaneous
// rate), by Euler's method at the sound's sampling rate:
//   k = g (s + A)⁺ / ((s + A)⁺ + B),  q' = y (1 − q) + x w − k q,  c' = k q − l c − r c,  w' = r c − x w
//   A = 5, B = 300, g = 2000/s, y = 5.05/s, l = 2500/s, r = 6580/s, x = 66.31/s, h = 50000/s; the fibre's rate is h c
// It begins at its rest in silence. s is the membrane's motion, in units of which a root mean square of 1 is 30 dB.
//
// Bushy cell: many such fibres meet in one leaky integrate-and-fire neuron, so that it sees their mean rate, without
// noise:
//   τ v' = h c − v, a spike where v > θ; then v = 0 for the refractory period
// θ lies above the fibres' spontaneous rate (65/s), so that silence is silent.
//
// That is the chain of the Heidelberg data (B. Cramer et al., IEEE TNNLS 33, 2744, 2022: hydrodynamic membrane,
// transmitter pool, bushy cells) with a filter bank in place of the hydrodynamics. Level, τ, θ and the refractory
// period are ours, chosen so that speech gives about as many spikes as there (8,000 a word): a word of spoken-digits
// has 6,600 in 0.42 s.
#pragma once

#include <span>
#include <vector>

#include "neurarium/core/schema.hpp"
#include "neurarium/data/spike_file.hpp"
#include "neurarium/kernels/cochlea.hpp"

namespace neurarium {

struct CochleaParams {
  std::int64_t channels = 700;
  double lowest = 80;     ///< Hz
  double highest = 7000;  ///< Hz
  double emphasis = 0.7;
  double level = 66;            ///< dB
  double time_constant = 2e-3;  ///< s
  double threshold = 110;       ///< Hz
  double refractory = 1e-3;     ///< s
  static Schema fields();
};

class Cochlea {
 public:
  /// For sound of so many samples per second: SpecError for fewer than 2.1 · highest, since then the membrane would see
  /// frequencies that are not there, or than 16,000, since then the hair cells' equations can't be followed.
  Cochlea(const CochleaParams& params, double sample_rate);

  /// Of each place, Hz.
  const std::vector<double>& frequencies() const noexcept { return frequencies_; }
  const kernels::HairCells& cells() const noexcept { return cells_; }
  /// The sound as it reaches the membrane: its root mean square at `level`. Silence stays silence.
  std::vector<float> at_level(std::span<const float> sound) const;
  /// Times from the beginning of the sound, those of one time by place. The same for any number of threads: a sound is
  /// heard by one.
  TimedSpikes hear(std::span<const float> sound) const;

 private:
  double sample_rate_, emphasis_, level_;
  std::vector<double> frequencies_;
  kernels::HairCells cells_;
};

}  // namespace neurarium
