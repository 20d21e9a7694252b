// Leaky integrate-and-fire units with exponential synapses on a grid of time, and their EventProp adjoint, one sample at a time.
// Run-time dispatch through Highway; `reference` holds the plain loops, which give the same bits on every instruction set.
//
// Step n is the time n·dt, n = 0 … steps. Forward, in this order at each step (exact between steps, spikes at step ends):
//   n > 0:  V ← α V + γ I,  I ← β I               α = e^(−dt/τm), β = e^(−dt/τs), γ = τs (α − β) / (τm − τs)
//   V ≥ θ:  a spike; its slope τm dV/dt = I − θ at the crossing goes on the tape (I where the straight line from V to V meets θ); V ← 0
//   I ← I + rows of W of the inputs of step n, in their order, + rows of R of the units that spiked in step n
// Backward (Wunderlich & Pehle 2021, their signs: ∂E/∂V = −τm λV, ∂E/∂I = −τs λI), at step n, from the last to 0:
//   ∂E/∂W(i, ·) −= τs λI for each input i of step n, ∂E/∂R(k, ·) likewise for each own spike k
//   ∂E/∂t of an input = Σ_j W(i, j) (λV − λI)_j;  x_k = ∂E/∂t_k from above + Σ_j R(k, j) (λV − λI)_j
//   λV_k ← λV_k + (θ_k λV_k + x_k) / max(slope, floor · θ_k);   ∂E/∂θ_k += τm λV_k, ∂E/∂τ −= τm λV_k ∂V_k/∂τ
//   n > 0:  λI ← β λI + (τm/τs) γ λV,  λV ← α λV
// so what an input reads is the λ of the step in which it acts, after (in time) the spikes of that step. ∂V/∂τ is V's derivative by a time
// constant since the last reset, carried along forward where it is asked for: no tape of V is needed.
//
// Units may take time to recover from a spike (recovery.hpp). Then V stays at 0 for R steps after a spike, R being the whole number nearest to
// r/dt, and the threshold is θ + b: b ← ρ b at each step (ρ = e^(−dt/τa)), b ← b + β behind own spikes. V and b meet where the straight lines
// within the step do; the slope there is S = I − θ − b (1 − τm/τa). Backward, with a = ∂E/∂b: at step n, before the spikes of n and after its
// inputs, the units whose refractory time ends at n: h ← λV, λV ← 0. At a spike
//   a ← ρ^(steps to the unit's next spike) a;  λV_k ← (h I + x_k + a β/τa) / max(S, floor · θ_k);  ∂E/∂β += a;  a ← a + τm λV_k
// where I is that of the step in which the refractory time ends, before its inputs (kept: a number more per spike); for R = 0 it is
// max(S, floor · θ) + θ + b (1 − τm/τa). ∂E/∂τa = Σ a b t/τa², a and b just behind a spike and t the time to the next. The plain loops do that.
//
// What it takes (float32, 700 inputs, 256 recurrent units, 1,000 steps, 8,000 + 9,760 spikes): a row of 1 kB is read per spike forward
// (18 MB) and per own spike backward (10 MB); a gradient per spike is 1 kB read and written (36 MB) if it is scattered. Here it is gathered:
// −τs λI of a block of steps stays in the first cache, one strip of 128 bytes of all its steps after the other, and the spikes of
// the block are taken by presynaptic unit, so that a row of the gradient is read and written once per block (8 MB, and 18 MB read from
// the first cache). Units with as many spikes follow each other, so that the processor foresees where loops end.
// Loops with nothing but these reads and sums took 100 + 57 + 80 = 237 µs on one core of a Zen 5 with AVX-512: the floor. The kernel takes 190 µs
// forward and 265 µs backward, 1.9 times that; what is beyond is the dynamics of 256 units (about 40 ns a step each way), sorting
// spikes by unit (45 µs) and finding who fired. The plain loops take 3.2 ms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "neurarium/core/tensor.hpp"

namespace neurarium::kernels {

/// Events of one sample, by rising step; those of a step in the order in which they add up.
struct GridEvents {
  const std::uint32_t* step = nullptr;
  const std::uint16_t* unit = nullptr;
  std::size_t count = 0;
};

/// How units recover from a spike. The default is: at once.
template <class T>
struct GridRecovery {
  double refractory = 0;                          ///< r
  std::span<const T> adaptation, tau_adaptation;  ///< β ≥ 0, τa; empty: thresholds stay
};

/// What makes the units, each [width], whole lines of 64 bytes; beyond the last unit nothing ever happens.
template <class T>
class GridUnits {
 public:
  GridUnits() = default;
  /// τm, τs and dt in one unit of time; θ, above 0. `floor`: the least slope that backward divides by, in thresholds.
  GridUnits(std::span<const T> membrane, std::span<const T> synapse, std::span<const T> threshold, double dt, T floor,
            const GridRecovery<T>& recovery = {});

  std::size_t width() const noexcept { return width_; }
  std::size_t units() const noexcept { return units_; }
  T floor() const noexcept { return floor_; }
  const T* decay() const { return line(0); }          ///< α
  const T* synapse_decay() const { return line(1); }  ///< β
  const T* drive() const { return line(2); }          ///< γ
  const T* threshold() const { return line(3); }      ///< θ
  const T* membrane() const { return line(4); }       ///< τm
  const T* synapse() const { return line(5); }        ///< τs
  const T* back() const { return line(6); }           ///< (τm/τs) γ
  const T* decay_by_membrane() const { return line(7); }
  const T* drive_by_membrane() const { return line(8); }
  const T* synapse_decay_by_synapse() const { return line(9); }
  const T* drive_by_synapse() const { return line(10); }

  bool recovers() const noexcept { return recovers_; }       ///< whether units take time to recover
  std::uint32_t refractory_steps() const { return steps_; }  ///< R
  T dt() const { return dt_; }
  const T* growth() const { return line(11); }           ///< β
  const T* threshold_decay() const { return line(12); }  ///< ρ
  const T* threshold_rate() const { return line(13); }   ///< 1/τa, 0 without adaptation

 private:
  static constexpr std::size_t lines = 14;
  const T* line(std::size_t i) const { return numbers_.data() + i * width_; }
  std::size_t width_ = 0, units_ = 0;
  T floor_ = 0, dt_ = 0;
  bool recovers_ = false;
  std::uint32_t steps_ = 0;
  Tensor<T> numbers_;
};

/// Own spikes, and what backward needs of each: 6 bytes and a number, and two numbers more where time constants are learned.
template <class T>
struct GridSpikes {
  std::vector<std::uint32_t> step;
  std::vector<std::uint16_t> unit;
  std::vector<T> slope;                    ///< I − θ at the crossing
  bool with_derivatives = false;           ///< whether the next two are asked for
  std::vector<T> by_membrane, by_synapse;  ///< ∂V/∂τm, ∂V/∂τs
  std::vector<T> restart;                  ///< I where the refractory time ends, if there is one
  void clear() {
    step.clear(), unit.clear();
    for (auto* numbers : {&slope, &by_membrane, &by_synapse, &restart}) numbers->clear();
  }
  GridEvents events(std::size_t first, std::size_t end) const {
    return {step.data() + first, unit.data() + first, end - first};
  }
};
/// The highest V of each unit, [width], where it was, and its derivatives; of silent units: V of others falls to 0 on the way.
template <class T>
struct GridPeaks {
  std::vector<T> potential, by_membrane, by_synapse;
  std::vector<std::uint32_t> step;
};

/// Weights [inputs, width] and [units, width] (or null): lines are filled up by 0 and begin at whole 64 bytes.
template <class T>
struct GridWeights {
  const T *inputs = nullptr, *recurrent = nullptr;
};

/// Room that calls share; its size does not depend on the number of steps.
template <class T>
struct GridScratch {
  Tensor<T> lines, block;
  std::vector<const T*> rows;
  std::vector<T> dots;
  std::vector<std::uint32_t> counts, places, order, starts;
  std::vector<std::uint16_t> found, sorted;
};

/// Appends the spikes of one sample to `out`; `peaks` may be null. False: there were more than `most`, and it ended early.
template <class T>
bool grid_forward(const GridUnits<T>& units, const GridWeights<T>& weights, const GridEvents& inputs, std::size_t steps,
                  std::size_t most, GridSpikes<T>& out, GridPeaks<T>* peaks, GridScratch<T>& scratch);

/// ∂E/∂V of a unit at a step, where a loss speaks of V: λV of `unit` rises by `amount` (−∂E/∂V / τm) there.
template <class T>
struct GridKick {
  std::uint32_t step;
  std::uint16_t unit;
  T amount;
};
/// One sample's own spikes and what comes from above.
template <class T>
struct GridOwn {
  GridEvents spikes;
  const T *slope, *by_membrane, *by_synapse;
  const T* above;                        ///< ∂E/∂t of each spike
  std::span<const GridKick<T>> kicks{};  ///< by rising step
  const T* restart = nullptr;            ///< GridSpikes::restart
};
/// Where gradients go; null: nobody asks.
template <class T>
struct GridGradient {
  T *inputs = nullptr, *recurrent = nullptr;                        ///< like the weights, anywhere; added to
  T *threshold = nullptr, *membrane = nullptr, *synapse = nullptr;  ///< [units]; added to
  T* input_times = nullptr;                                         ///< per input event; written
  T *growth = nullptr, *tau_adaptation = nullptr;                   ///< [units]; added to
};

template <class T>
void grid_backward(const GridUnits<T>& units, const GridWeights<T>& weights, const GridEvents& inputs,
                   std::size_t steps, const GridOwn<T>& own, const GridGradient<T>& gradient, GridScratch<T>& scratch);

namespace reference {
template <class T>
bool grid_forward(const GridUnits<T>& units, const GridWeights<T>& weights, const GridEvents& inputs, std::size_t steps,
                  std::size_t most, GridSpikes<T>& out, GridPeaks<T>* peaks);
template <class T>
void grid_backward(const GridUnits<T>& units, const GridWeights<T>& weights, const GridEvents& inputs,
                   std::size_t steps, const GridOwn<T>& own, const GridGradient<T>& gradient);
}  // namespace reference

}  // namespace neurarium::kernels
