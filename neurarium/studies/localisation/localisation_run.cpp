#include "neurarium/studies/localisation/localisation_run.hpp"

#include <algorithm>

#include "neurarium/nn/classes.hpp"
#include "neurarium/train/evaluation.hpp"

namespace neurarium {

LocalisationSet::LocalisationSet(const InterauralPhaseParams& task, std::size_t samples, std::uint64_t seed,
                                 const std::string& name, std::uint32_t epoch, WorkerPool& pool)
    : stimuli(make_interaural_phase(task, samples, seed, name, epoch, &pool)), labels(DType::i64, {samples}) {
  std::ranges::copy(stimuli.labels, labels.as<std::int64_t>().data());
}

LocalisationScore score(const Trainable& model, const LocalisationSet& set, std::int64_t classes, RunContext& context) {
  LocalisationScore found;
  const EpochResult result = evaluate(model, set.view(), 1, context);
  found.accuracy = result.accuracy, found.loss = result.loss;
  const Tensor<double> logits = to_tensor<double>(answers_of(model, set.stimuli.spikes, context).view());
  for (std::size_t i = 0; i < logits.shape()[0]; ++i)
    found.answers.push_back(static_cast<std::int64_t>(strongest(logits.view()[i].flat())));
  found.mean_absolute_error_deg = mean_absolute_error_deg(found.answers, set.stimuli.ipd, classes);
  return found;
}

std::vector<double> hidden_rates(const Model& model, const LocalisationSet& set, double dt, RunContext& context) {
  const auto& layered = dynamic_cast<const Layered&>(model);
  constexpr std::size_t at_once = 256;
  const StepSpikes& spikes = set.stimuli.spikes;
  std::vector<std::vector<double>> parts((spikes.samples() + at_once - 1) / at_once);
  context.pool().run(parts.size(), [&](std::size_t p) {
    const std::size_t count = std::min(at_once, spikes.samples() - p * at_once);
    const Tensor<double> fired =
        to_tensor<double>(layered.activities(SpikesView(spikes, p * at_once, count), {}).front().second.view());
    const std::size_t units = fired.shape()[2];
    parts[p].assign(units, 0);
    for (std::size_t i = 0; i < fired.size(); ++i) parts[p][i % units] += fired.flat()[i];
  });
  std::vector<double> rates(parts.front().size());
  const double seconds = static_cast<double>(spikes.samples() * spikes.steps()) * dt;
  for (const auto& part : parts)
    for (std::size_t j = 0; j < rates.size(); ++j) rates[j] += part[j] / seconds;
  return rates;
}

}  // namespace neurarium
