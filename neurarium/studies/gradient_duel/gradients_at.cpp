#include "neurarium/studies/gradient_duel/gradients_at.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "neurarium/core/normal.hpp"
#include "neurarium/core/quantile.hpp"

namespace neurarium {
namespace {

constexpr std::size_t shard_size = 64;

bool is_hidden(const std::string& name) { return name.starts_with("hidden"); }

NamedNumbers named(const std::string& name, ArrayView values) {
  const Tensor<double> numbers = to_tensor<double>(values);
  return {name, {numbers.flat().begin(), numbers.flat().end()}, values.shape()[values.shape().axes() - 1]};
}

}  // namespace

std::vector<double> hidden_part(const Numbers& all) {
  std::vector<double> flat;
  for (const auto& [name, numbers, units] : all)
    if (is_hidden(name)) flat.insert(flat.end(), numbers.begin(), numbers.end());
  return flat;
}

double median_cosine_of_units(const Numbers& a, const Numbers& b) {
  std::vector<double> all, of_a, of_b;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (!is_hidden(a[k].name)) continue;
    const std::size_t units = a[k].units;
    for (std::size_t j = 0; j < units; ++j) {
      of_a.clear(), of_b.clear();
      for (std::size_t i = j; i < a[k].numbers.size(); i += units)
        of_a.push_back(a[k].numbers[i]), of_b.push_back(b[k].numbers[i]);
      if (length(of_a) > 0 && length(of_b) > 0) all.push_back(cosine(of_a, of_b));
    }
  }
  return all.empty() ? std::numeric_limits<double>::quiet_NaN() : quantile(all, 0.5);
}

Numbers weights_of(Trainable& model) {
  Numbers all;
  for (const NamedView& parameter : model.parameters()) all.push_back(named(parameter.name, parameter.values));
  return all;
}

void set_weights(Trainable& model, const Numbers& all) {
  const auto parameters = model.parameters();
  for (const auto& [name, numbers, units] : all) {
    const auto to = std::ranges::find(parameters, name, &NamedView::name);
    if (to == parameters.end() || to->values.size() != numbers.size())
      throw InternalError("gradient-duel: the networks do not have the same weights, " + name);
    with_floating(to->values.dtype(), [&, &numbers = numbers]<class T>() {
      std::ranges::transform(numbers, to->values.as<T>().flat().begin(), [](double x) { return static_cast<T>(x); });
    });
  }
}

Probe::Probe(const Split& split, std::size_t samples)
    : spikes_(*split.spikes, 0, std::min(samples, split.samples())),
      labels_(split.y.view().rows(0, spikes_.samples())) {}

template <class Each>
void Probe::each_shard(const Each& each) const {
  Tape tape;
  for (std::size_t first = 0; first < samples(); first += shard_size) {
    const std::size_t count = std::min(shard_size, samples() - first);
    each(Batch{{}, labels_.rows(first, count), 1, spikes_.part(first, count)}, tape);
  }
}

double Probe::loss(const Trainable& model) const {
  double sum = 0;
  each_shard([&](const Batch& batch, Tape& tape) { sum += model.evaluate(batch, {}, tape).loss; });
  return sum / static_cast<double>(samples());
}

Numbers Probe::gradient(Trainable& model) const {
  Gradient gradient = make_gradient(model);
  set_zero(gradient);
  each_shard([&](const Batch& batch, Tape& tape) { model.evaluate_with_gradient(batch, {}, tape, gradient); });
  scale(gradient, 1 / static_cast<double>(samples()));
  Numbers all;
  const auto parameters = model.parameters();
  for (std::size_t k = 0; k < gradient.size(); ++k) all.push_back(named(parameters[k].name, gradient[k].view()));
  return all;
}

SameSpikes compare_spikes(const Trainable& on_grid, const Trainable& surrogate, const Probe& probe,
                          std::size_t samples) {
  constexpr std::size_t at_once = 8;  // the course of every unit is looked at
  SameSpikes found;
  std::size_t same = 0, all = 0;
  double difference = 0, largest = 1e-12;
  for (std::size_t first = 0; first < std::min(samples, probe.samples()); first += at_once) {
    const SpikesView some = probe.spikes().part(first, std::min(at_once, probe.samples() - first));
    const NamedArrays a = dynamic_cast<const Layered&>(on_grid).activities(some, {}),
                      b = dynamic_cast<const Layered&>(surrogate).activities(some, {});
    std::size_t layer = 0;
    for (const auto& [name, course] : b) {
      const auto other = std::ranges::find(a, name, &std::pair<std::string, Array>::first);
      if (other == a.end()) throw InternalError("gradient-duel: no layer " + name);
      const Tensor<double> theirs = to_tensor<double>(course.view()), ours = to_tensor<double>(other->second.view());
      if (!is_hidden(name)) {
        for (std::size_t i = 0; i < ours.size(); ++i) {
          difference = std::max(difference, std::abs(ours.flat()[i] - theirs.flat()[i]));
          largest = std::max(largest, std::abs(ours.flat()[i]));
        }
        continue;
      }
      // Layer k of lif is k + 1 steps early: what it does in its last steps comes behind the end.
      const std::size_t steps = course.shape()[1] - ++layer;
      for (std::size_t i = 0; i < ours.shape()[0]; ++i)
        for (std::size_t j = 0; j < ours.shape()[1]; ++j, ++all) {
          double count = 0;
          for (std::size_t t = 0; t < steps; ++t) count += theirs(i, t, j);
          same += count == ours(i, j);
        }
    }
  }
  found.same_counts = all > 0 ? static_cast<double>(same) / static_cast<double>(all) : 1;
  found.answer_difference = difference / largest;
  return found;
}

double hidden_spikes_per_sample(const Trainable& model, SpikesView samples) {
  double sum = 0;
  for (const auto& [name, counts] : dynamic_cast<const Layered&>(model).activities(samples, {})) {
    if (!name.starts_with("hidden")) continue;
    const Tensor<double> numbers = to_tensor<double>(counts.view());
    for (const double count : numbers.flat()) sum += count;
  }
  return sum / static_cast<double>(samples.samples());
}

std::vector<double> foresight(Trainable& judge, const Probe& probe, std::span<const Numbers> gradients, double size,
                              std::size_t directions, std::uint64_t seed) {
  const Numbers here = weights_of(judge);
  const Stream stream(seed, "gradient_duel.foresight");
  std::vector<double> both(gradients.size()), foretold(gradients.size());
  double came = 0;
  std::vector<double> step;
  for (std::size_t d = 0; d < directions; ++d) {
    Numbers there = here, back = here;
    std::vector<double> said(gradients.size());
    for (std::size_t k = 0; k < here.size(); ++k) {
      const auto& [name, numbers, units] = here[k];
      if (!is_hidden(name)) continue;
      const double sd = size * length(numbers) / std::sqrt(static_cast<double>(numbers.size()));
      step.resize(numbers.size());
      fill_normal(stream, {static_cast<std::uint32_t>(d), static_cast<std::uint32_t>(k), 0, 0}, 0, sd, step);
      for (std::size_t i = 0; i < step.size(); ++i) there[k].numbers[i] += step[i], back[k].numbers[i] -= step[i];
      for (std::size_t g = 0; g < gradients.size(); ++g)
        for (std::size_t i = 0; i < step.size(); ++i) said[g] += gradients[g][k].numbers[i] * step[i];
    }
    set_weights(judge, there);
    double change = probe.loss(judge);
    set_weights(judge, back);
    change -= probe.loss(judge);
    came += change * change;
    for (std::size_t g = 0; g < gradients.size(); ++g) both[g] += said[g] * change, foretold[g] += said[g] * said[g];
  }
  set_weights(judge, here);
  std::vector<double> correlations;
  for (std::size_t g = 0; g < gradients.size(); ++g) {
    const double lengths = std::sqrt(foretold[g] * came);
    correlations.push_back(lengths > 0 ? both[g] / lengths : 0);
  }
  return correlations;
}

}  // namespace neurarium
