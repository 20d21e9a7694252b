#include "neurarium/studies/eventprop_training/hidden_findings.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/errors.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/train/detached_context.hpp"
#include "neurarium/train/shared_out.hpp"

namespace neurarium {
namespace {

/// The seed of one repeat for all its trainings: one start, one order of samples.
class RepeatContext : public DetachedContext {
 public:
  RepeatContext(RunContext& own, std::uint64_t seed) : DetachedContext(own, "train"), seed_(seed) {}
  std::uint64_t seed() const override { return seed_; }

 private:
  std::uint64_t seed_;
};

constexpr std::size_t numbers_of_moment = 9;
constexpr double HiddenMoment::*const moment_numbers[numbers_of_moment] = {
    &HiddenMoment::norm,   &HiddenMoment::readout_norm, &HiddenMoment::label_share,
    &HiddenMoment::later,  &HiddenMoment::apart,        &HiddenMoment::spikes_reached,
    &HiddenMoment::spikes, &HiddenMoment::silent_units, &HiddenMoment::along};

Array array_of(const std::vector<std::vector<double>>& rows) {
  Array out(DType::f64, {rows.size(), rows.empty() ? 0 : rows[0].size()});
  double* to = out.as<double>().data();
  for (const auto& row : rows) to = std::ranges::copy(row, to).out;
  return out;
}

std::vector<std::vector<double>> rows_of(const Array& array) {
  std::vector<std::vector<double>> rows;
  const auto numbers = array.as<double>();
  for (std::size_t i = 0; i < array.shape()[0]; ++i) {
    const auto row = numbers.flat().subspan(i * array.shape()[1], array.shape()[1]);
    rows.emplace_back(row.begin(), row.end());
  }
  return rows;
}

class Work {
 public:
  Work(HiddenFindings& found, RunContext& context) : found_(found), context_(context) {
    const std::size_t n =
        std::min<std::size_t>(found.data.test.samples(), static_cast<std::size_t>(found.params.probe_samples));
    set_.x = to_tensor<double>(scaled(found.data.test.x.view().rows(0, n), found.data.divisor, DType::f64).view());
    set_.labels = Array(found.data.test.y.view().rows(0, n));
    set_.classes = found.data.classes;
    found.parameter_names = probe(std::vector<double>(found.losses(), 1)).names_of_hidden_parameters();
  }

  std::size_t per_repeat() const { return found_.losses() * (found_.params.frozen ? 2 : 1); }
  /// Which loss, which repeat, and whether the hidden layers learn.
  HiddenTraining plan(std::size_t k) const {
    HiddenTraining training;
    training.repeat = k / per_repeat(), training.loss = k % per_repeat() % found_.losses();
    training.hidden_learns = k % per_repeat() < found_.losses();
    return training;
  }

  HiddenTraining train(std::size_t k, RunContext& own) const {
    HiddenTraining training = plan(k);
    const std::uint64_t seed = seed_of_training(context_.seed(), "hidden_gradient.starts", training.repeat);
    const NamedArrays start = start_of(seed);
    const std::vector<double> gains = gains_at(start);
    training.gain = gains[training.loss];
    TimedNetworkParams network = found_.params;
    network.readout = found_.loss(training.loss).readout, network.gain = training.gain;
    HiddenProbe all = probe(gains), one = probe(gains, training.loss);
    const std::vector<double> first = one.hidden_parameters(start);
    std::vector<std::vector<double>> gradients;
    NamedArrays last;
    TimedCallbacks looks;
    if (training.hidden_learns)
      looks.before_epoch = [&](Trainable& model) {
        last = state_of_network({}, model).arrays;
        const ProbeView view = one.look(last);
        const LossView& of = view.losses.front();
        training.course.push_back({of.norm, of.readout_norm, of.norm > 0 ? of.label_norm / of.norm : 0,
                                   of.spikes_reached, of.later, of.apart, view.spikes_per_sample, view.silent_units,
                                   0});
        training.matrix_norms.push_back(of.matrix_norms);
        gradients.push_back(of.gradient);
      };
    else
      looks.after_gradient = [](Gradient& gradient) {  // all but the readout's weights, which come last
        Array of_readout = std::move(gradient.back());
        gradient.pop_back();
        set_zero(gradient);
        gradient.push_back(std::move(of_readout));
      };
    RepeatContext context(own, seed);
    training.outcome = train_timed(
        {network, std::string(found_.loss(training.loss).name) + ", repeat " + std::to_string(training.repeat + 1)},
        found_.params.train, found_.data, context, looks);
    if (!training.hidden_learns) return training;
    std::vector<double> way = one.hidden_parameters(last);
    double length = 0, from = 0;
    for (std::size_t i = 0; i < way.size(); ++i) {
      way[i] -= first[i];
      length += way[i] * way[i], from += first[i] * first[i];
    }
    training.moved = from > 0 ? std::sqrt(length / from) : NAN;
    for (std::size_t e = 0; e < gradients.size(); ++e) training.course[e].along = -cosine(gradients[e], way);
    training.cosines = cosines_of(all.look(last));
    return training;
  }

  ProbeView draw(std::size_t d) const {
    const NamedArrays start = start_of(seed_of_training(context_.seed(), "hidden_gradient.draws", d));
    return probe(gains_at(start)).look(start);
  }

  static Tensor<double> cosines_of(const ProbeView& view) {
    const std::size_t n = view.losses.size();
    Tensor<double> all(Shape{n, n});
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b) all(a, b) = cosine(view.losses[a].gradient, view.losses[b].gradient);
    return all;
  }

 private:
  static constexpr auto every = static_cast<std::size_t>(-1);
  HiddenProbe probe(const std::vector<double>& gains, std::size_t only = every) const {
    std::vector<ProbedLoss> losses;
    for (std::size_t l = 0; l < found_.losses(); ++l)
      if (only == every || only == l) losses.push_back({found_.loss(l).readout, gains[l]});
    return {found_.params, losses, {set_.x, set_.labels, set_.classes}, context_.registry()};
  }
  NamedArrays start_of(std::uint64_t seed) const {
    TimedNetworkParams network = found_.params;
    network.readout = found_.loss(0).readout;
    const Component model = timed_network(network, found_.data.training.entry_shape(), set_.classes, seed);
    return state_of_network(model, *build_model<Trainable>(model, context_.registry(), "this study")).arrays;
  }
  /// With which each loss's scores have the wanted spread.
  std::vector<double> gains_at(const NamedArrays& start) const {
    std::vector<double> gains;
    for (const LossView& of : probe(std::vector<double>(found_.losses(), 1)).look(start).losses)
      gains.push_back(of.spread > 0 ? found_.params.spread / of.spread : 1);
    return gains;
  }

  HiddenFindings& found_;
  RunContext& context_;
  HiddenProbe::Set set_;
};

NamedArrays saved_training(const HiddenTraining& training) {
  NamedArrays arrays = saved(training.outcome);
  std::vector<std::vector<double>> course;
  for (const HiddenMoment& moment : training.course) {
    course.emplace_back();
    for (const auto number : moment_numbers) course.back().push_back(moment.*number);
  }
  arrays.emplace_back("hidden.scalars", array_of({{training.gain, training.moved}}));
  if (!training.hidden_learns) return arrays;
  arrays.emplace_back("hidden.course", array_of(course));
  arrays.emplace_back("hidden.matrix_norms", array_of(training.matrix_norms));
  arrays.emplace_back("hidden.cosines", Array(ArrayView(training.cosines.view())));
  return arrays;
}

void restore_training(std::size_t k, const Checkpoint& part, HiddenTraining& training) {
  const auto array = [&](const char* name, std::size_t columns) -> const Array& {
    const Array* found = part.find(name);
    if (!found || found->dtype() != DType::f64 || found->shape().axes() != 2 ||
        (columns > 0 && found->shape()[1] != columns))
      refuse_training(k);
    return *found;
  };
  Checkpoint rest;
  for (const auto& [name, values] : part.arrays)
    if (!name.starts_with("hidden.")) rest.arrays.emplace_back(name, values);
  training.outcome = restored_outcome(k, rest);
  const auto scalars = rows_of(array("hidden.scalars", 2));
  training.gain = scalars.at(0)[0], training.moved = scalars.at(0)[1];
  if (!training.hidden_learns) return;
  for (const auto& row : rows_of(array("hidden.course", numbers_of_moment))) {
    training.course.emplace_back();
    for (std::size_t i = 0; i < numbers_of_moment; ++i) training.course.back().*moment_numbers[i] = row[i];
  }
  training.matrix_norms = rows_of(array("hidden.matrix_norms", 0));
  training.cosines = to_tensor<double>(array("hidden.cosines", 0).view());
}

}  // namespace

std::vector<double> HiddenFindings::accuracies(std::size_t loss, bool hidden_learns) const {
  std::vector<double> all;
  for (const HiddenTraining& t : trainings)
    if (t.loss == loss && t.hidden_learns == hidden_learns) all.push_back(t.outcome.counts.back().test_accuracy);
  return all;
}

void find_hidden_gradients(HiddenFindings& found, RunContext& context) {
  const Work work(found, context);
  found.trainings.resize(static_cast<std::size_t>(found.params.repeats) * work.per_repeat());
  for (std::size_t k = 0; k < found.trainings.size(); ++k) found.trainings[k] = work.plan(k);
  SharedTrainings trainings{
      found.trainings.size(), "hidden_gradient.runs", found.params.train.checkpoint_seconds, {}, {}, {}};
  trainings.train = [&](std::size_t k, RunContext& own) { found.trainings[k] = work.train(k, own); };
  trainings.save = [&](std::size_t k) { return saved_training(found.trainings[k]); };
  trainings.restore = [&](std::size_t k, const Checkpoint& part) { restore_training(k, part, found.trainings[k]); };
  train_shared_out(trainings, context);
  found.draws.resize(static_cast<std::size_t>(found.params.draws));
  context.pool().run(found.draws.size(), [&](std::size_t d) { found.draws[d] = work.draw(d); });
}

}  // namespace neurarium
