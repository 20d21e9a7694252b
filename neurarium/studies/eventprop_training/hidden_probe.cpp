#include "neurarium/studies/eventprop_training/hidden_probe.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

constexpr double reached_from = 0.01;

void take(const NamedArrays& weights, const std::string& name, Tensor<double>& into) {
  const auto found = std::ranges::find(weights, name, &NamedArrays::value_type::first);
  if (found == weights.end() || found->second.size() != into.size())
    throw InternalError("the probe has no weights " + name);
  const Tensor<double> numbers = to_tensor<double>(found->second.view());
  std::ranges::copy(numbers.flat(), into.flat().begin());
}

/// Of [sample, classes] or [sample, steps, classes].
double spread_of(View<const double> scores, std::size_t classes) {
  double sum = 0;
  for (std::size_t first = 0; first < scores.size(); first += classes) {
    const auto row = scores.flat().subspan(first, classes);
    const double mean = std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(classes);
    for (const double z : row) sum += (z - mean) * (z - mean);
  }
  return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(scores.size(), 1)));
}

}  // namespace

HiddenProbe::HiddenProbe(const TimedNetworkParams& network, std::span<const ProbedLoss> losses, Set set,
                         const Registry& registry)
    : network_(network), set_(std::move(set)) {
  const Shape entry = set_.x.shape().tail();
  for (const ProbedLoss& one : losses) {
    TimedNetworkParams own = network;
    own.readout = one.readout, own.gain = one.gain;
    const Component model = timed_network(own, entry, set_.classes, 0);
    std::vector<Component> parts;
    for (const Value& layer : model.settings.find("layers")->as_list()) parts.push_back(component_from(layer));
    const Component& last = parts.back();
    if (!network_of_first_)
      network_of_first_ = std::make_unique<Chain<double>>(parts, registry, entry, "", "model.layers", 0);
    Readout readout{registry.make<Layer<double>>("layer", last, "readout"),
                    registry.make<Loss<double>>("loss", component_from(*model.settings.find("loss")), "loss")};
    readout.layer->build(hidden().back().out, last.type + "1", 0);
    readouts_.push_back(std::move(readout));
  }
  activities_.resize(hidden().size()), tapes_.resize(hidden().size());
}

std::span<const Chain<double>::Stage> HiddenProbe::hidden() const {
  const auto& stages = network_of_first_->stages();
  return {stages.data(), stages.size() - 1};
}

std::vector<std::string> HiddenProbe::names_of_hidden_parameters() const {
  std::vector<std::string> names;
  for (const auto& stage : hidden())
    for (const Parameter<double>* parameter : stage.parameters) names.push_back(stage.name + "." + parameter->name);
  return names;
}

std::vector<double> HiddenProbe::hidden_parameters(const NamedArrays& weights) const {
  std::vector<double> all;
  for (const auto& stage : hidden())
    for (const Parameter<double>* parameter : stage.parameters) {
      Tensor<double> numbers(parameter->value.shape());
      take(weights, stage.name + "." + parameter->name, numbers);
      all.insert(all.end(), numbers.flat().begin(), numbers.flat().end());
    }
  return all;
}

ProbeView HiddenProbe::look(const NamedArrays& weights) {
  for (const auto& stage : hidden())
    for (Parameter<double>* parameter : stage.parameters)
      take(weights, stage.name + "." + parameter->name, parameter->value);
  for (Readout& readout : readouts_) take(weights, "spike_integrator1.weight", readout.layer->parameters()[0]->value);
  Activity<double> in;
  in.borrow(std::as_const(set_.x).view());
  for (std::size_t i = 0; i < hidden().size(); ++i)  // times go from layer to layer as they are
    hidden()[i].layer->forward(i == 0 ? in : activities_[i - 1], activities_[i], {}, tapes_[i]);
  const SpikeTimes<double>& times = spikes().times();
  ProbeView view;
  view.spikes.assign(parts_of_trial, 0);
  std::vector<bool> fired(times.units(), false);
  for (std::size_t i = 0; i < times.samples(); ++i)
    for (const std::size_t unit : times.units_of(i)) fired[unit] = true;
  view.silent_units = static_cast<double>(std::ranges::count(fired, false)) / static_cast<double>(times.units());
  view.spikes_per_sample = static_cast<double>(times.events()) / static_cast<double>(times.samples());
  for (const double t : times.all_times())
    view.spikes[std::min(parts_of_trial - 1, static_cast<std::size_t>(t / times.duration() * parts_of_trial))] += 1;
  for (const Readout& readout : readouts_) view.losses.push_back(ask(readout, view));
  return view;
}

LossView HiddenProbe::ask(const Readout& readout, ProbeView& view) const {
  Tape tape;
  Activity<double> scores, of_scores, of_times;
  readout.layer->forward(spikes(), scores, {}, tape);
  const std::size_t events = spikes().times().events(), n = set_.labels.shape()[0];
  const double share = 1 / static_cast<double>(n), classes = static_cast<double>(set_.classes);
  LossView of;
  of.spread = spread_of(std::as_const(scores).dense(), set_.classes);
  std::vector<double> slopes, mean(events, 0);
  Array labels = set_.labels;
  for (std::size_t turn = 0; turn < set_.classes; ++turn) {
    Tensor<double> slope;
    readout.loss->evaluate(std::as_const(scores).dense(), labels.view(), &slope);
    of_scores.borrow(std::as_const(slope).view());
    Tensor<double> of_weight(readout.layer->parameters()[0]->value.shape());
    const std::vector<View<double>> gradient{of_weight.view()};
    readout.layer->backward(of_scores, &of_times, tape, gradient);
    const auto found = std::as_const(of_times).per_event();
    if (turn == 0) {  // the samples' own labels
      slopes.assign(found.begin(), found.end());
      of.readout_norm = share * length(std::as_const(of_weight).flat());
    }
    for (std::size_t k = 0; k < events; ++k) mean[k] += found[k] / classes;
    for (std::int64_t& label : labels.as<std::int64_t>().flat())
      label = (label + 1) % static_cast<std::int64_t>(set_.classes);
  }
  std::vector<double> label_parts(events);
  for (std::size_t k = 0; k < events; ++k) label_parts[k] = slopes[k] - mean[k];
  for (const Tensor<double>& matrix : hidden_gradient(slopes)) {
    of.matrix_norms.push_back(share * length(matrix.flat()));
    for (const double x : matrix.flat()) of.gradient.push_back(share * x);
  }
  of.norm = length(of.gradient);
  double squares = 0;
  for (const Tensor<double>& matrix : hidden_gradient(label_parts))
    squares += length(matrix.flat()) * length(matrix.flat());
  of.label_norm = share * std::sqrt(squares);
  describe_spikes(spikes().times(), slopes, label_parts, of, view);
  return of;
}

/// Of every hidden parameter, summed over the samples.
std::vector<Tensor<double>> HiddenProbe::hidden_gradient(std::span<const double> of_times) const {
  std::vector<Tensor<double>> gradient;
  std::vector<std::vector<View<double>>> views(hidden().size());
  for (const auto& stage : hidden())
    for (const Parameter<double>* parameter : stage.parameters) gradient.emplace_back(parameter->value.shape());
  std::size_t next = 0;
  for (std::size_t i = 0; i < hidden().size(); ++i)
    for (std::size_t k = 0; k < hidden()[i].parameters.size(); ++k) views[i].push_back(gradient[next++].view());
  Activity<double> slope, before;
  std::ranges::copy(of_times, slope.make_per_event(spikes().times()).begin());
  for (std::size_t i = hidden().size(); i-- > 1;) {  // the first encodes, and learns nothing
    hidden()[i].layer->backward(slope, i > 1 ? &before : nullptr, tapes_[i], views[i]);
    std::swap(slope, before);
  }
  return gradient;
}

void HiddenProbe::describe_spikes(const SpikeTimes<double>& spikes, std::span<const double> slopes,
                                  std::span<const double> label_parts, LossView& of, ProbeView& view) const {
  of.signal.assign(parts_of_trial, 0), of.label_signal.assign(parts_of_trial, 0);
  double sum = 0, sizes = 0;
  std::size_t reached = 0, pairs = 0, apart = 0;
  std::vector<std::size_t> last(spikes.units());
  constexpr auto none = static_cast<std::size_t>(-1);
  for (std::size_t i = 0; i < spikes.samples(); ++i) {
    const auto times = spikes.times(i);
    const auto units = spikes.units_of(i);
    const auto own = slopes.subspan(spikes.first(i), times.size());
    double largest = 0;
    for (const double g : own) largest = std::max(largest, std::abs(g));
    std::ranges::fill(last, none);
    for (std::size_t k = 0; k < times.size(); ++k) {
      const auto part =
          std::min(parts_of_trial - 1, static_cast<std::size_t>(times[k] / spikes.duration() * parts_of_trial));
      of.signal[part] += std::abs(own[k]), of.label_signal[part] += std::abs(label_parts[spikes.first(i) + k]);
      sum += own[k], sizes += std::abs(own[k]);
      reached += largest > 0 && std::abs(own[k]) > reached_from * largest;
      const std::size_t before = last[units[k]];
      last[units[k]] = k;
      if (before == none || times[k] - times[before] >= network_.tau_membrane) continue;
      ++pairs, apart += own[k] < own[before];  // descent: the later one goes to later times by more
    }
  }
  view.pairs = pairs;
  of.spikes_reached = static_cast<double>(reached) / static_cast<double>(std::max<std::size_t>(spikes.events(), 1));
  of.later = sizes > 0 ? -sum / sizes : 0;
  of.apart = pairs > 0 ? static_cast<double>(apart) / static_cast<double>(pairs) : NAN;
}

}  // namespace neurarium
