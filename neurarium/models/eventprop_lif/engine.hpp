// What solves a layer of eventprop_lif: an engine. The layer holds parameters, signs and names; an engine turns spike times into
// spike times, and gradients at its spikes into gradients of the numbers it was given. There are two, `event` (exact crossings, no
// grid) and `grid` (steps of dt), and the layer knows neither.
//
// Between events unit j obeys τm V' = −V + I, τs I' = −I. An input spike of i at t adds W[i, j] to I_j at t + d; an own spike of n adds
// R[n, j] to I_j at once, for all j. Where V_j reaches θ_j: a spike, and V_j ← 0. V = I = 0 at t = 0; spikes count before `duration` only.
// After a spike V_j may stay at 0 for a refractory time r, and the threshold may be θ_j + b_j: τa b' = −b, and b grows by β at own spikes.
//
// Of one time: inputs act before thresholds are looked at, and units spike in the order of their numbers.
//
// The adjoint, for p = ∂E/∂V and q = ∂E/∂I, going back: p' = p/τm, q' = q/τs − p/τm, both 0 at the end;
//   at an own spike of n   p_n ← (I p_n − τm G)/(I − θ),  I just before it,  G = ∂E/∂t of it + Σ_j R[n, j] (q_j/τs − p_j/τm)
//   at an arrival          ∂E/∂W[i, j] += q_j,  ∂E/∂t += W[i, j] (q_j/τs − p_j/τm)  (so for delays),  ∂E/∂R[n, j] += q_j
//   ∂E/∂θ = −Σ p_n just before each spike;  ∂E/∂τm = −∫ p V'/τm dt;  ∂E/∂τs = ∫ q I/τs² dt
// With r or β, and a = ∂E/∂b, a' = a/τa (derived in kernels/recovery.hpp):
//   at t_k + r             h = p I, then p ← 0 back to t_k
//   at an own spike of n   p_n ← (h − τm (G + a β/τa))/S,  S = I − θ − b (1 − τm/τa),  ∂E/∂β += a,  a ← a − p_n;  ∂E/∂τa = ∫ a b/τa² dt
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "neurarium/core/spike_times.hpp"
#include "neurarium/core/tensor.hpp"
#include "neurarium/kernels/recovery.hpp"

namespace neurarium::eventprop {

enum class Delays { none, axonal, synaptic };

/// The numbers of a layer in one pass. They stay where they are until its backward pass is over.
template <class T>
struct Numbers {
  std::size_t inputs = 0, units = 0;
  View<const T> weights;                                    ///< W [inputs, units], with the signs they must have
  View<const T> recurrent;                                  ///< R [units, units], likewise; size 0: there are none
  std::span<const T> tau_membrane, tau_synapse, threshold;  ///< [units]; finite and above 0; times in seconds
  bool one_tau = true;                                      ///< whether all units have the same two time constants
  Delays delay_kind = Delays::none;
  std::span<const T> delays;  ///< seconds, at least 0: [inputs] if axonal, [inputs · units] as W lies if synaptic
  double refractory = 0;      ///< r, seconds
  std::span<const T> adaptation, tau_adaptation;  ///< β ≥ 0 and τa > 0 (seconds), [units]; empty: thresholds stay
  double silent_push = 0;  ///< seconds; 0: silent units say nothing. Else they answer at duration + push · (θ − max V)
  std::size_t most_spikes = 0;  ///< of a sample; beyond, forward throws TooManySpikes

  bool recovers() const { return refractory > 0 || !adaptation.empty(); }
  kernels::Recovery<T> recovery(std::size_t unit) const {
    if (adaptation.empty()) return {static_cast<T>(refractory)};
    return {static_cast<T>(refractory), adaptation[unit], tau_adaptation[unit]};
  }
};

/// Where gradients are to be added (of `in`: written). Null or empty: nobody asks.
template <class T>
struct Gradients {
  T* weights = nullptr;       ///< [inputs, units]
  T* recurrent = nullptr;     ///< [units, units]
  T* threshold = nullptr;     ///< [units]
  T* tau_membrane = nullptr;  ///< [units]; of τ itself, not of its logarithm; both τ or none
  T* tau_synapse = nullptr;
  T* delays = nullptr;          ///< as they lie
  std::span<T> in;              ///< ∂E/∂t for each event of `in`; 0 where it has no effect
  T* adaptation = nullptr;      ///< [units]
  T* tau_adaptation = nullptr;  ///< [units]; of τa itself
};

/// What a forward pass of some samples leaves for its backward pass, beside the spikes themselves (a time of 4 bytes and a unit of 2).
template <class T>
struct Pass {
  virtual ~Pass() = default;
  /// I − θ (S, if thresholds adapt) of its unit just before each of the layer's spikes, in their order; of answers of silent units: 0.
  std::vector<T> slope;
};

/// Thrown by forward; the layer makes a NumericError of it.
struct TooManySpikes {
  std::size_t sample, unit;
};

/// Engines hold nothing that a pass changes, so several threads may use one.
template <class T>
class Engine {
 public:
  virtual ~Engine() = default;

  /// A place for what passes leave. It keeps its memory from pass to pass.
  virtual std::unique_ptr<Pass<T>> make_pass() const = 0;

  /// Adds all samples of `in` to `out`, which is empty and knows its units and duration. Times of `in` are finite and at least 0; those
  /// at or beyond the duration have no effect. In each sample of `out`, own spikes (before the duration) come first, then
  /// the answers of silent units (at or after it), if there is a push.
  virtual void forward(const Numbers<T>& numbers, const SpikeTimes<T>& in, SpikeTimes<T>& out, Pass<T>& pass) const = 0;

  /// Given ∂E/∂t for each event of `out` (as forward left it). What it sums over samples it sums in their order.
  virtual void backward(const Numbers<T>& numbers, const SpikeTimes<T>& in, const SpikeTimes<T>& out,
                        std::span<const T> out_gradient, const Pass<T>& pass, const Gradients<T>& gradients) const = 0;
};

/// Least I − θ that the grid engine's backward divides by, in thresholds: what is known of a crossing within a step does not reach further.
constexpr double least_grid_slope = 0.01;

/// Exact crossings: event_engine.cpp.
template <class T>
std::unique_ptr<Engine<T>> make_event_engine();

/// Steps of `dt` seconds: grid_engine.cpp.
template <class T>
std::unique_ptr<Engine<T>> make_grid_engine(double dt);

}  // namespace neurarium::eventprop
