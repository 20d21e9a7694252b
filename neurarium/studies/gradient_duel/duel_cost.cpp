#include "neurarium/studies/gradient_duel/duel_cost.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace neurarium {
namespace {

/// Bytes that this process has from the heap now.
double bytes_in_use() {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  const struct mallinfo2 now = mallinfo2();
  return static_cast<double>(now.uordblks) + static_cast<double>(now.hblkhd);
#else
  return std::numeric_limits<double>::quiet_NaN();
#endif
}

/// Two digits: allocators round, and keep a little.
double about(double bytes) {
  if (!(bytes > 0)) return std::numeric_limits<double>::quiet_NaN();
  const double unit = std::pow(10, std::floor(std::log10(bytes)) - 1);
  return std::round(bytes / unit) * unit;
}

double tape_bytes(Trainable& model, const Probe& probe) {
  Gradient gradient = make_gradient(model);
  const double before = bytes_in_use();
  Tape tape;
  model.evaluate_with_gradient(probe.batch(), {}, tape, gradient);
  return about((bytes_in_use() - before) / static_cast<double>(probe.samples()));
}

}  // namespace

DuelCost cost_of_gradients(Trainable& surrogate, Trainable& eventprop, const Probe& probe) {
  constexpr std::size_t batch = 32, fewest_turns = 9;
  constexpr double long_enough = 0.3;
  const std::size_t n = std::min(batch, probe.samples());
  using Clock = std::chrono::steady_clock;
  struct Way {
    Trainable* model;
    Tape tape;
    Gradient gradient;
    double quickest = std::numeric_limits<double>::infinity();
  };
  Way ways[2];
  ways[0].model = &surrogate, ways[1].model = &eventprop;
  const Batch all = probe.batch();
  const Batch some{{}, all.y.rows(0, n), 1, all.spikes.part(0, n)};
  for (Way& way : ways) way.gradient = make_gradient(*way.model);
  // A pass at a time: short enough that some are left alone on a busy machine. The quickest counts, since other work only adds.
  double spent = 0;
  for (std::size_t turn = 0; turn < fewest_turns || spent < long_enough; ++turn)
    for (Way& way : ways) {
      const auto start = Clock::now();
      way.model->evaluate_with_gradient(some, {}, way.tape, way.gradient);
      const double took = std::chrono::duration<double>(Clock::now() - start).count();
      way.quickest = std::min(way.quickest, took), spent += took;
    }
  DuelCost cost;
  cost.surrogate_seconds = ways[0].quickest / static_cast<double>(n);
  cost.eventprop_seconds = ways[1].quickest / static_cast<double>(n);
  cost.surrogate_bytes = tape_bytes(surrogate, probe), cost.eventprop_bytes = tape_bytes(eventprop, probe);
  cost.spikes = hidden_spikes_per_sample(eventprop, probe.spikes());
  return cost;
}

}  // namespace neurarium
