// Layers that move spikes, for tests: one sample through, and the gradient of each spike that comes out back.
#pragma once

#include <gtest/gtest.h>

#include "neurarium/nn/spike_mover.hpp"

namespace neurarium {

struct MovedSample {
  struct Spike {
    double time;
    int unit;
    bool operator==(const Spike&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const Spike& s) { return out << s.time << "s:" << s.unit; }
  };
  std::vector<Spike> spikes;
  std::vector<double> back;  ///< ∂E/∂t of the spikes that went in, where each that came out has 1, 10, 100, …
};

/// What `layer` makes of samples of spikes, each the same.
inline std::vector<MovedSample> moved(Layer<double>& layer, const std::vector<MovedSample::Spike>& spikes,
                                      std::size_t units, double duration, std::span<const std::uint64_t> ids,
                                      Context context) {
  layer.build({units}, "mover", 0);
  Activity<double> in, out, slope, back;
  SpikeTimes<double>& times = in.make_times(ids.size(), units, duration);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    for (const auto& spike : spikes) times.add(spike.time, static_cast<SpikeTimes<double>::Unit>(spike.unit));
    times.end_sample();
  }
  context.sample_ids = ids;
  Tape tape;
  layer.forward(in, out, context, tape);
  EXPECT_EQ(out.times().duration(), duration);
  const std::span<double> per_event = slope.make_per_event(out.times());
  std::vector<MovedSample> all(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    double one = 1;
    for (std::size_t k = 0; k < out.times().count(i); ++k, one *= 10) {
      all[i].spikes.push_back({out.times().times(i)[k], out.times().units_of(i)[k]});
      per_event[out.times().first(i) + k] = one;
    }
  }
  layer.backward(slope, &back, tape, {});
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto found = std::as_const(back).per_event().subspan(times.first(i), times.count(i));
    all[i].back.assign(found.begin(), found.end());
  }
  return all;
}

}  // namespace neurarium
