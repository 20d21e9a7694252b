#include "neurarium/studies/eventprop_training/hidden_spikes.hpp"

#include <algorithm>

#include "neurarium/nn/chain.hpp"

namespace neurarium {
namespace {

constexpr std::size_t samples_at_a_time = 32;  // inputs behind a delay line are many numbers
constexpr const char* firing_type = "eventprop_lif";

}  // namespace

double HiddenSpikes::per_sample() const {
  double sum = 0;
  for (const auto& layer : counts)
    for (const double count : layer) sum += count;
  return samples > 0 ? sum / static_cast<double>(samples) : 0;
}

double HiddenSpikes::silent_share() const {
  std::size_t silent = 0, units = 0;
  for (const auto& layer : counts)
    silent += static_cast<std::size_t>(std::ranges::count(layer, 0.0)), units += layer.size();
  return units > 0 ? static_cast<double>(silent) / static_cast<double>(units) : 0;
}

HiddenSpikes count_hidden_spikes(const Model& model, const SpikesView& samples, WorkerPool& pool) {
  const auto& layered = dynamic_cast<const Layered&>(model);
  const std::size_t n = samples.samples(), parts = (n + samples_at_a_time - 1) / samples_at_a_time;
  std::vector<HiddenSpikes> found(parts);
  pool.run(parts, [&](std::size_t p) {
    const std::size_t first = p * samples_at_a_time;
    const SpikesView some = samples.part(first, std::min(samples_at_a_time, n - first));
    for (const auto& [name, activity] : layered.activities(some, {})) {
      if (!name.starts_with(firing_type)) continue;
      const Tensor<double> spikes = to_tensor<double>(activity.view());
      const std::size_t units = spikes.shape()[1];
      std::vector<double> counts(units, 0);
      for (std::size_t i = 0; i < spikes.size(); ++i) counts[i % units] += spikes.flat()[i];
      found[p].layers.push_back(name), found[p].counts.push_back(std::move(counts));
    }
  });
  HiddenSpikes all;
  for (HiddenSpikes& part : found) {
    if (all.layers.empty()) {
      all = std::move(part);
      continue;
    }
    for (std::size_t l = 0; l < all.counts.size(); ++l)  // whole numbers: in any order the same
      for (std::size_t u = 0; u < all.counts[l].size(); ++u) all.counts[l][u] += part.counts[l][u];
  }
  all.samples = n;
  return all;
}

std::size_t push_silent_units(Model& model, const HiddenSpikes& spikes, double push) {
  std::size_t pushed = 0;
  const auto parameters = model.parameters();
  for (std::size_t l = 0; l < spikes.layers.size(); ++l) {
    const auto weight = std::ranges::find(parameters, spikes.layers[l] + ".weight", &NamedView::name);
    if (weight == parameters.end()) throw InternalError(spikes.layers[l] + " has no weight");
    with_floating(weight->values.dtype(), [&]<class T>() {
      const auto numbers = weight->values.as<T>().flat();
      const std::vector<double>& counts = spikes.counts[l];
      for (std::size_t i = 0; i < numbers.size(); ++i)
        if (counts[i % counts.size()] == 0) numbers[i] += static_cast<T>(push);
    });
    pushed += static_cast<std::size_t>(std::ranges::count(spikes.counts[l], 0.0));
  }
  return pushed;
}

std::vector<LayerRaster> hidden_raster(const NetworkState& network, const Registry& registry,
                                       const SpikesView& samples) {
  std::vector<Component> parts;
  for (const Value& layer : network.description.settings.at("layers").as_list()) {
    parts.push_back({layer.at("type").as_text(), layer});
    parts.back().settings.erase("type");
  }
  Chain<float> chain(parts, registry, Shape{samples.steps(), samples.units()}, "", "model.layers", 0);
  for (const auto& stage : chain.stages())
    for (Parameter<float>* parameter : stage.parameters) {
      const auto saved = std::ranges::find(network.arrays, stage.name + "." + parameter->name,
                                           [](const auto& item) { return item.first; });
      if (saved == network.arrays.end()) throw InternalError("no " + stage.name + "." + parameter->name);
      std::ranges::copy(to_tensor<float>(saved->second.view()).flat(), parameter->value.flat().begin());
    }
  Activity<float> in, out;
  in.borrow(samples.part(0, 1));
  const Context context;
  Tape tape;
  const ForwardShard<float> shard{&in, &out, &context, &tape};
  chain.forward({&shard, 1}, run_here);
  std::vector<LayerRaster> all;
  for (std::size_t i = 0; i + 1 < chain.stages().size(); ++i) {
    if (!chain.stages()[i].name.starts_with(firing_type)) continue;
    const SpikeTimes<float>& spikes = chain.activity(tape, i).times();
    LayerRaster raster{chain.stages()[i].name, spikes.units(), {}, {}};
    raster.times.assign(spikes.times(0).begin(), spikes.times(0).end());
    raster.fired.assign(spikes.units_of(0).begin(), spikes.units_of(0).end());
    all.push_back(std::move(raster));
  }
  return all;
}

}  // namespace neurarium
