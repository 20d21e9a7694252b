// When the input spikes of a sample arrive at the units of a layer.
#pragma once

#include <tuple>
#include <vector>

#include "neurarium/kernels/event_unit_backward.hpp"
#include "neurarium/models/eventprop_lif/engine.hpp"

namespace neurarium::eventprop {

using kernels::Arrival;
using kernels::Costate;
using kernels::Course;
using kernels::OwnSpike;
using kernels::Peak;
using kernels::Raised;
using kernels::Recovery;
using kernels::RecoveryCostate;
using kernels::UnitSums;

template <class T>
bool arrives_before(const Arrival<T>& a, const Arrival<T>& b) {
  return std::tie(a.time, a.event) < std::tie(b.time, b.event);
}

/// The arrivals of sample `sample` at unit `unit` (which matters for synaptic delays only), before the duration, in the order of time.
template <class T>
void make_arrivals(const Numbers<T>& n, const SpikeTimes<T>& in, std::size_t sample, std::size_t unit,
                   std::vector<Arrival<T>>& arrivals) {
  arrivals.clear();
  const auto times = in.times(sample);
  const auto who = in.units_of(sample);
  const T end = static_cast<T>(in.duration());
  for (std::size_t e = 0; e < times.size() && times[e] < end; ++e) {
    const std::size_t i = who[e];
    T time = times[e];
    if (n.delay_kind == Delays::axonal) time += n.delays[i];
    if (n.delay_kind == Delays::synaptic) time += n.delays[i * n.units + unit];
    if (time < end) arrivals.push_back({time, static_cast<std::uint32_t>(e), n.weights.data() + i * n.units});
  }
  if (n.delay_kind != Delays::none) std::ranges::sort(arrivals, arrives_before<T>);
}

template <class T>
void make_flows(const Course<T>& course, const kernels::TimeConstants<T>& tau, std::vector<kernels::Flow<T>>& flows) {
  flows.clear();
  for (std::size_t a = 0; a <= course.arrivals.size(); ++a)
    flows.push_back(kernels::flow(course.until(a) - course.since(a), tau));
}

}  // namespace neurarium::eventprop
