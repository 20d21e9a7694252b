// All units of a feed-forward layer of leaky integrate-and-fire units, from event to event: spikes and adjoint, a vector of units at a time,
// for layers whose units have the same two time constants and see the same arrivals. Run-time dispatch through Highway. The plain
// passes are event_unit.hpp and event_unit_backward.hpp; forward gives their bits on every instruction set.
//
// What it takes for N units, E arrivals and K spikes: forward 6 N (E + 1) operations (state, and whether a unit may cross), reads the row of
// W of each arrival once; a crossing is some 5 steps of Newton's method and a logarithm. Backward the same for the vectors that hold
// a unit with spikes, from the last of them back, and two exponentials a spike.
#pragma once

#include <tuple>
#include <vector>

#include "neurarium/kernels/event_unit_backward.hpp"

namespace neurarium::kernels {

template <class T>
struct LayerSpike {
  T time;
  std::uint32_t unit;
  T slope;  ///< I − θ
  friend bool operator<(const LayerSpike& a, const LayerSpike& b) {
    return std::tie(a.time, a.unit) < std::tie(b.time, b.unit);
  }
};

/// Appends the spikes of all units; the order is that of a few units after a few. Stops when there are more than `most` (the last of them
/// says whose). `course` has flows.
template <class T>
void forward_units(const Course<T>& course, const TimeConstants<T>& tau, std::span<const T> threshold, std::size_t most,
                   std::vector<LayerSpike<T>>& spikes);

/// Where the adjoint of a layer adds up; null: nobody asks.
template <class T>
struct LayerSums {
  const T* origin = nullptr;  ///< where the weights begin that the arrivals' rows are of …
  T* weights = nullptr;       ///< … and their gradient
  T* of_arrival = nullptr;    ///< ∂E/∂t of each arrival
  T* threshold = nullptr;     ///< of each unit
};

/// The adjoint of all units. Spikes of unit j: own[first_own[j]] … own[first_own[j + 1] − 1], in the order of time.
template <class T>
void backward_units(const Course<T>& course, const TimeConstants<T>& tau, std::span<const T> threshold,
                    std::span<const OwnSpike<T>> own, const std::size_t* first_own, const LayerSums<T>& sums);

/// Units that drive each other: I ← I + row now, and next ← a time before which none fires unless something arrives: where the tangent of
/// its membrane crosses its threshold; now, if it is there; infinity, if its current is too small. All of as many units as `v` has.
template <class T>
void add_and_bound(const T* row, const T* threshold, const T* tau_membrane, T now, std::span<const T> v, T* i, T* next);

/// The least of the numbers, none of which is NaN; infinity if there is none.
template <class T>
T least_of(std::span<const T> numbers);

}  // namespace neurarium::kernels
