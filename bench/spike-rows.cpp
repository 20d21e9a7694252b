// What the rows of spikes take, and nothing else: the floor below a layer of spiking units. Sizes of the sound-localisation network:
// 100 steps, 200 fibres of which 45 fire in a step, 32 units in float32. In turns, the quickest of many rounds, per sample:
//
//   in one go         the rows of all who fired in a sample, as if in a single step: what loading and adding them takes
//   gather            the rows of W of those who fire, added up step by step (forward)
//   scatter           each step's row added to the rows of those who fired (the gradient of W, as lif takes it where nobody has turned
//                     the events)
//   turned            the same gradient fibre by fibre, from a second copy of the events that stands by fibre and step (as lif takes it
//                     in training)
//   turning           making that copy, once per training
//
//   ninja -C build/release spike_rows && build/release/bench/spike_rows [--rounds N]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "neurarium/core/pool.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/events.hpp"

namespace {

using namespace neurarium;
constexpr std::size_t samples = 1024, steps = 100, fibres = 200, width = 32;
constexpr double rate = 0.225;

/// Who fired in which step of each sample.
StepSpikes draw() {
  StepSpikes events(steps, fibres);
  const Stream stream(1, "spike-rows");
  for (std::uint32_t i = 0; i < samples; ++i)
    for (std::uint32_t t = 0; t < steps; ++t) {
      std::vector<StepSpikes::Unit> now;
      for (std::uint32_t j = 0; j < fibres; ++j)
        if (uniform(stream, {0, i, t, j}) < rate) now.push_back(static_cast<StepSpikes::Unit>(j));
      events.add_step(now);
    }
  return events;
}

struct Way {
  const char* name;
  std::function<void()> all_samples;
  double best = std::numeric_limits<double>::infinity();  ///< µs per sample
};

int measure(int rounds) {
  const StepSpikes events = draw();
  WorkerPool alone(1);
  SpikesByUnit by_fibre = SpikesView(events).turned_copy(alone);
  Tensor<float> weights(Shape{fibres, width}), rows(Shape{steps, width}), sums(Shape{steps, width});
  Tensor<float> gradient(Shape{fibres, width});
  const std::vector<float> start(width, 0);
  for (std::size_t k = 0; k < weights.size(); ++k) weights.flat()[k] = 1e-3F * static_cast<float>(k % 97);
  for (std::size_t k = 0; k < rows.size(); ++k) rows.flat()[k] = 1e-3F * static_cast<float>(k % 89);
  const auto rows_of = [](const StepSpikes& some, std::size_t i) {
    return kernels::EventRows{some.rows(i), some.all(), some.steps()};
  };
  Way ways[] = {{"in one go",
                 [&] {
                   for (std::size_t i = 0; i < samples; ++i) {
                     const std::uint64_t ends[] = {events.rows(i)[0], events.rows(i)[steps]};
                     kernels::gather_rows<float>({ends, events.all(), 1}, weights.view(), start, sums.view());
                   }
                 }},
                {"gather",
                 [&] {
                   for (std::size_t i = 0; i < samples; ++i)
                     kernels::gather_rows<float>(rows_of(events, i), weights.view(), start, sums.view());
                 }},
                {"scatter",
                 [&] {
                   for (std::size_t i = 0; i < samples; ++i)
                     kernels::scatter_rows<float>(rows_of(events, i), rows.view(), gradient.view());
                 }},
                {"turned",
                 [&] {
                   for (std::size_t i = 0; i < samples; ++i)
                     kernels::scatter_turned_rows<float>(by_fibre.sample(i), rows.view(), gradient.view());
                 }},
                {"turning", [&] { by_fibre = SpikesView(events).turned_copy(alone); }}};
  for (int round = 0; round < rounds; ++round)
    for (Way& way : ways) {
      const auto begin = std::chrono::steady_clock::now();
      way.all_samples();
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      way.best = std::min(way.best, 1e6 * took.count() / samples);
    }
  std::printf("%.0f events a sample\n", static_cast<double>(events.events()) / samples);
  for (const Way& way : ways) std::printf("%-16s %.2f µs\n", way.name, way.best);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const int rounds = count == 3 && std::strcmp(words[1], "--rounds") == 0 ? std::atoi(words[2]) : count == 1 ? 50 : 0;
  if (rounds < 1) return std::fprintf(stderr, "usage: spike_rows [--rounds N]\n"), 2;
  return measure(rounds);
}
