#include "neurarium/train/spike_blend.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/rng.hpp"

namespace neurarium {
namespace {

enum : std::uint32_t { choice_draws, own_draws, partner_draws };  // Counter::step

/// A spike as one number, step · channels + channel, so that numbers rise as spikes are ordered.
using Place = std::uint64_t;

/// Appends the spikes of a sample that stay, moved by whole steps and channels; they leave in order.
void add_some(const SpikesView& spikes, std::size_t sample, std::int64_t later, std::int64_t higher, double probability,
              const Stream& stream, Counter counter, std::vector<Place>& out) {
  const auto steps = static_cast<std::int64_t>(spikes.steps()), channels = static_cast<std::int64_t>(spikes.units());
  const double limit = probability * 0x1p32;
  std::array<std::uint32_t, 4> block{};
  std::uint32_t k = 0;
  for (std::int64_t step = 0; step < steps; ++step)
    for (const StepSpikes::Unit unit : spikes.at(sample, static_cast<std::size_t>(step))) {
      counter.element = k / 4;
      if (k % 4 == 0) block = philox(stream, counter);
      const bool stays = static_cast<double>(block[k++ % 4]) < limit;
      const std::int64_t to_step = step + later, to_channel = unit + higher;
      if (stays && to_step >= 0 && to_step < steps && to_channel >= 0 && to_channel < channels)
        out.push_back(static_cast<Place>(to_step * channels + to_channel));
    }
}

void add_sample(std::span<const Place> places, StepSpikes& out, std::vector<StepSpikes::Unit>& units) {
  const std::size_t channels = out.units();
  std::size_t at = 0;
  for (std::size_t step = 0; step < out.steps(); ++step) {
    units.clear();
    for (; at < places.size() && places[at] < (step + 1) * channels; ++at)
      units.push_back(static_cast<StepSpikes::Unit>(places[at] - step * channels));
    out.add_known_step(units.data(), units.size());
  }
}

}  // namespace

Schema SpikeBlendParams::fields() {
  using P = SpikeBlendParams;
  return Schema::of<P>({
      field("share", &P::share, "How many samples are replaced by a blend with another one of their class, each time.")
          .between(0, 1),
      field("keep", &P::keep,
            "Probability that a spike of the sample itself stays; one of the other sample stays with the rest of it.")
          .between(0, 1),
  });
}

SpikeCentroid centroid_of(const SpikesView& spikes, std::size_t sample) {
  double steps = 0, channels = 0;
  std::size_t count = 0;
  for (std::size_t step = 0; step < spikes.steps(); ++step)
    for (const StepSpikes::Unit unit : spikes.at(sample, step))
      steps += static_cast<double>(step), channels += static_cast<double>(unit), ++count;
  if (count == 0) return {};
  return {steps / static_cast<double>(count), channels / static_cast<double>(count), count};
}

SpikeBlender::SpikeBlender(const SpikeBlendParams& params, const SplitView& split, std::span<const std::uint64_t> kept)
    : params_(params), split_(split) {
  if (!wanted()) return;
  if (!split.spikes) throw SpecError("train.blend: the samples are numbers, but it blends spikes", "leave it out");
  if (split.y.dtype() != DType::i64 || split.y.shape().axes() != 1)
    throw SpecError("train.blend: the data have no labels, so no two samples are of one class", "leave it out");
  const auto labels = split.y.as<std::int64_t>().flat();
  for (const std::uint64_t id : kept) {
    const auto label = static_cast<std::size_t>(labels[id]);
    if (label >= of_class_.size()) of_class_.resize(label + 1);
    of_class_[label].push_back(id);
  }
}

void SpikeBlender::blend(std::span<const std::uint64_t> ids, const Context& context, StepSpikes& out) const {
  const Stream stream(context.seed, "train.blend");
  const SpikesView& spikes = split_.spikes;
  const auto labels = split_.y.as<std::int64_t>().flat();
  out.reset(spikes.steps(), spikes.units());
  std::vector<Place> own, partners, both;
  std::vector<StepSpikes::Unit> units;
  for (const std::uint64_t id : ids) {
    Counter counter{context.epoch, static_cast<std::uint32_t>(id), choice_draws, 0};
    const auto choice = philox(stream, counter);
    const auto& others = of_class_[static_cast<std::size_t>(labels[id])];
    if (others.size() < 2 || static_cast<double>(choice[0]) >= params_.share * 0x1p32) {
      for (std::size_t step = 0; step < spikes.steps(); ++step) {
        const auto row = spikes.at(id, step);
        out.add_known_step(row.data(), row.size());
      }
      continue;
    }
    // One of the others: the last stands in for the sample itself.
    std::uint64_t partner = others[(std::uint64_t{choice[1]} * (others.size() - 1)) >> 32];
    if (partner == id) partner = others.back();
    const SpikeCentroid here = centroid_of(spikes, id), there = centroid_of(spikes, partner);
    std::int64_t later = 0, higher = 0;
    if (here.spikes > 0 && there.spikes > 0)
      later = std::llround((there.step - here.step) / 2), higher = std::llround((there.channel - here.channel) / 2);
    own.clear(), partners.clear(), both.clear();
    counter.step = own_draws;
    add_some(spikes, id, later, higher, params_.keep, stream, counter, own);
    counter.step = partner_draws;
    add_some(spikes, partner, -later, -higher, 1 - params_.keep, stream, counter, partners);
    std::ranges::merge(own, partners, std::back_inserter(both));
    add_sample(both, out, units);
  }
}

}  // namespace neurarium
