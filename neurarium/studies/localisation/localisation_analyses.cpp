#include "neurarium/studies/localisation/localisation_analyses.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/nn/sign_report.hpp"
#include "neurarium/studies/localisation/weight_pictures.hpp"

namespace neurarium {

Schema LocalisationAnalysisParams::fields() {
  using P = LocalisationAnalysisParams;
  return Schema::of<P>({
      field("angle", &P::angle, "Interaural phase of the sound whose way through the network is shown.")
          .unit("rad")
          .between(-std::numbers::pi / 2, std::numbers::pi / 2),
      field("tau", &P::tau, "Time constant of all membranes while that sound is shown; 0: the network's own.")
          .unit("s")
          .at_least(0),
      field("window", &P::window, "Windows in which spikes are counted to tell how synchronous units are.")
          .unit("s")
          .positive(),
  });
}

int LocalisationAnalyses::kind_of(std::size_t unit) const {
  bool excites = false, inhibits = false;
  for (std::size_t k = 0; k < w2.shape()[1]; ++k) excites |= w2(unit, k) > 0, inhibits |= w2(unit, k) < 0;
  return excites == inhibits ? 0 : excites ? 1 : -1;
}

double LocalisationAnalyses::share_of(UnitRole role) const {
  double have = 0, all = 0;
  for (std::size_t u = 0; u < active.size(); ++u)
    if (active[u]) all += 1, have += role_of(coincidence[u].index, foretold[u]) == role;
  return all > 0 ? have / all : std::nan("");
}

double readout_tau(const LocalisationNetworkParams& params, Model& model) {
  for (const NamedView& parameter : model.parameters())
    if (parameter.name == "output.log_tau_membrane")
      return std::exp(to_tensor<double>(ArrayView(parameter.values)).flat()[0]);
  return params.tau_readout > 0 ? params.tau_readout : params.tau_membrane;
}

double mean_of_finite(std::span<const double> numbers) {
  double sum = 0;
  std::size_t n = 0;
  for (const double x : numbers)
    if (std::isfinite(x)) sum += x, ++n;
  return n > 0 ? sum / static_cast<double>(n) : std::nan("");
}

LocalisationAnalyses analyse_localisation(const LocalisationSettings& settings,
                                          const LocalisationAnalysisParams& params, TrainedLocalisation& trained,
                                          const LocalisationSet& test, RunContext& context) {
  const InterauralPhaseParams& task = settings.task;
  Trainable& model = *trained.model;
  LocalisationAnalyses found;
  found.w1 = weights_of(model, "hidden.weight"), found.w2 = weights_of(model, "output.weight");
  found.order = notebook_order(found.w1);

  for (const double rate : trained.hidden_rates) found.active.push_back(rate >= 1);
  const StepSpikes spikes = hidden_spikes(model, test.stimuli.spikes, context.pool());
  const std::vector<double> phases = phases_in_the_head(test.stimuli, task);
  found.intervals = interspike_intervals(spikes, task.dt);
  found.locking = phase_locking(spikes, phases, task.frequency * task.dt);
  const auto steps = static_cast<std::size_t>(task.steps);
  found.window = std::clamp<std::size_t>(static_cast<std::size_t>(std::llround(params.window / task.dt)), 1, steps);
  found.synchrony = synchrony(spikes, found.window);
  found.tuning = tuning_curves(spikes, test.stimuli.labels, static_cast<std::size_t>(task.classes), task.dt);

  found.coincidence = coincidence_of_units(found.w1, task.phase_span, axonal_lags(model, task));
  std::vector<double> angles;
  for (std::int64_t k = 0; k < task.classes; ++k) angles.push_back(continuise(k, task.classes));
  for (std::size_t u = 0; u < found.coincidence.size(); ++u)
    found.foretold.push_back(tuning_foretold(found.coincidence[u], angles, found.tuning.view()[u].flat()));
  std::vector<std::size_t> heard;
  std::ranges::copy_if(found.order, std::back_inserter(heard), [&](std::size_t u) { return found.active[u]; });
  found.bumps_of_w2 = bumps(found.w2, heard);
  found.negative_share_w2 =
      static_cast<double>(std::ranges::count_if(found.w2.flat(), [](double w) { return w < 0; })) /
      static_cast<double>(found.w2.size());
  for (const NamedView& parameter : model.parameters())
    if (parameter.signs) found.sign_violations += sign_report(parameter).violations;

  const double alpha = std::exp(-task.dt / readout_tau(settings.model, model));
  if (const auto weights = time_weights(settings.model.readout, alpha, steps, settings.model.spike == "late"))
    found.decision = decision_by_phase(spikes, test.stimuli, task, *weights, found.w2);

  const Synapses from_fibres[] = {{"hidden.weight", 0}};
  std::vector<Synapses> from_hidden = {{"output.weight", 0}}, from_all = {from_fibres[0], from_hidden[0]};
  if (settings.model.recurrent)
    for (auto* all : {&from_hidden, &from_all}) all->push_back({"hidden.recurrent", 0});
  found.without_unit = without_each_unit(model, from_hidden, test.view(), 1, context);
  found.without_fibre_inhibition = without_inhibition(model, from_fibres, test.view(), 1, context);
  found.without_hidden_inhibition = without_inhibition(model, from_hidden, test.view(), 1, context);
  found.without_inhibition = without_inhibition(model, from_all, test.view(), 1, context);
  return found;
}

}  // namespace neurarium
