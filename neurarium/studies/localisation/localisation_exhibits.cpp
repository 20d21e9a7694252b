// Charts and pictures of dale-localisation.
#include "neurarium/studies/localisation/localisation_exhibits.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/kernels/gemm.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/localisation/weight_pictures.hpp"

namespace neurarium {
namespace {

constexpr double degrees = 180 / std::numbers::pi;

Trace trace(std::string name, Trace::Kind kind = Trace::Kind::line) {
  Trace made;
  made.name = std::move(name), made.kind = kind;
  return made;
}

/// The middles of the classes, in degrees.
std::vector<double> middles(std::int64_t classes) {
  std::vector<double> angles;
  for (std::int64_t k = 0; k < classes; ++k) angles.push_back(continuise(k, classes) * degrees);
  return angles;
}

// ── Sounds ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/// One sound of a chosen angle.
StepSpikes sound_of(const InterauralPhaseParams& task, double ipd, double phase, std::uint64_t seed,
                    std::uint32_t number) {
  const Tensor<double> p = InterauralProbabilities(task).of(ipd, phase);
  StepSpikes spikes(p.shape()[0], p.shape()[1]);
  for (std::uint32_t t = 0; t < p.shape()[0]; ++t) {
    std::vector<StepSpikes::Unit> fired;
    for (std::uint32_t j = 0; j < p.shape()[1]; ++j)
      if (uniform(Stream(seed, "example"), {0, number, t, j}) < p(t, j))
        fired.push_back(static_cast<StepSpikes::Unit>(j));
    spikes.add_step(fired);
  }
  return spikes;
}

/// Black marks: steps from left to right, units from top to bottom; the second half of the units in another colour, if wanted.
Array raster_of(const SpikesView& spikes, std::size_t step_width, std::size_t unit_height, bool two_ears) {
  constexpr Colour right{176, 58, 46};
  Array image = blank_image(spikes.units() * unit_height, spikes.steps() * step_width, Colour{250, 250, 250});
  for (std::size_t t = 0; t < spikes.steps(); ++t)
    for (const StepSpikes::Unit unit : spikes.at(0, t))
      fill_rectangle(image, t * step_width, unit * unit_height, step_width - 1,
                     std::max<std::size_t>(1, unit_height - (unit_height > 2)),
                     two_ears && unit >= spikes.units() / 2 ? right : ink);
  return image;
}

std::string angle(double radians) { return short_digits(radians * degrees, 3) + " deg"; }

// ── Weights ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// The notebook's order of hidden units: by the mean over the fibres of delay times weight, where delays count up in the left ear and
/// down in the right; units without a weight of 0.5 or more come last.
std::vector<std::size_t> order_of_units(const Tensor<double>& w1) {
  const std::size_t inputs = w1.shape()[0], units = w1.shape()[1], ear = inputs / 2;
  std::vector<double> key(units), most(units, -INFINITY);
  for (std::size_t i = 0; i < inputs; ++i)
    for (std::size_t j = 0; j < units; ++j) {
      const double delay = i < ear ? static_cast<double>(i) : -static_cast<double>(i - ear);
      key[j] += delay * w1(i, j) / static_cast<double>(inputs);
      most[j] = std::max(most[j], w1(i, j));
    }
  std::vector<std::size_t> order(units);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const bool weak_a = most[a] < 0.5, weak_b = most[b] < 0.5;
    return weak_a != weak_b ? weak_b : key[a] < key[b];
  });
  return order;
}

Tensor<double> permuted(const Tensor<double>& w, const std::vector<std::size_t>& rows,
                        const std::vector<std::size_t>& columns) {
  Tensor<double> out({rows.size(), columns.size()});
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < columns.size(); ++j) out(i, j) = w(rows[i], columns[j]);
  return out;
}

std::vector<std::size_t> as_they_are(std::size_t n) {
  std::vector<std::size_t> all(n);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

}  // namespace

void add_stimuli(RunContext& context, const InterauralPhaseParams& task) {
  constexpr std::size_t shown = 8, columns = 4;
  std::vector<Array> rows, row;
  for (std::uint32_t k = 0; k < shown; ++k) {
    const double ipd = std::numbers::pi * (static_cast<double>(k) / (shown - 1) - 0.5);
    const StepSpikes spikes = sound_of(task, ipd, 0, context.seed(), k);
    row.push_back(titled(angle(ipd), raster_of(spikes, 3, 1, true)));
    if (row.size() == columns) rows.push_back(beside(row, 16)), row.clear();
  }
  context.add(Picture{
      "stimuli", "What the network hears",
      "Spikes of the fibres of the left ear (above, black) and the right ear (below, red), of sounds from eight "
      "angles; time runs to the right, " +
          short_digits(1000 * task.dt * static_cast<double>(task.steps), 4) +
          " ms. The bands of the right ear shift against those of the left one as the angle changes.",
      stack(rows, 16), false});
}

void add_learning_curves(RunContext& context, const LocalisationFindings& found) {
  Trace loss = trace("training"), accuracy = loss, watched_loss = trace("validation"), watched_accuracy = watched_loss;
  for (const EpochResult& epoch : found.history) {
    const auto x = static_cast<double>(epoch.epoch);
    const auto put = [&](Trace& to, double y) { to.x.push_back(x), to.y.push_back(y); };
    put(loss, epoch.loss), put(accuracy, 100 * epoch.accuracy);
    if (epoch.has_held_out)
      put(watched_loss, epoch.held_out_loss), put(watched_accuracy, 100 * epoch.held_out_accuracy);
  }
  const std::string how =
      " of each epoch: on the sounds it learns from, each measured before the step it took part in, and on those of "
      "validation "
      "after the epoch.";
  context.add(
      Chart{"loss", "Loss while learning", "Mean cross-entropy" + how, "epoch", "loss", "", {loss, watched_loss}});
  context.add(Chart{"accuracy",
                    "Accuracy while learning",
                    "Share told right" + how,
                    "epoch",
                    "accuracy, %",
                    "",
                    {accuracy, watched_accuracy}});
}

void add_answers(RunContext& context, const LocalisationFindings& found, const InterauralPhaseSet& test) {
  const auto classes = static_cast<std::size_t>(found.task.classes);
  const std::vector<double> angles = middles(found.task.classes);
  Trace truth = trace("true", Trace::Kind::bars), answers = trace("estimated", Trace::Kind::bars);
  truth.x = answers.x = angles;
  truth.y.assign(classes, 0), answers.y.assign(classes, 0);
  Tensor<double> confusion({classes, classes});
  for (std::size_t i = 0; i < test.labels.size(); ++i) {
    const auto a = static_cast<std::size_t>(test.labels[i]), b = static_cast<std::size_t>(found.test.answers[i]);
    truth.y[a] += 1, answers.y[b] += 1, confusion(a, b) += 1;
  }
  context.add(Chart{"angles",
                    "How often each angle came, and how often it was named",
                    "Test sounds by the middle of their class, and answers likewise.",
                    "interaural phase, degrees",
                    "sounds",
                    "",
                    {truth, answers}});
  for (std::size_t a = 0; a < classes; ++a)
    for (std::size_t b = 0; b < classes && truth.y[a] > 0; ++b) confusion(a, b) *= 100 / truth.y[a];
  Trace map = trace("", Trace::Kind::heatmap);
  map.x = map.y = angles;
  map.grid = Array(ArrayView(std::as_const(confusion).view()));
  context.add(
      Chart{"confusion",
            "Which angle is taken for which",
            "Rows: the true class of the test sounds; columns: the answer; colour: share of the row, in per cent.",
            "estimated, degrees",
            "true, degrees",
            "%",
            {map},
            false,
            true});
}

void add_weights(RunContext& context, Model& model) {
  const Tensor<double> w1 = weights_of(model, "hidden.weight"), w2 = weights_of(model, "output.weight");
  const std::vector<std::size_t> order = order_of_units(w1), inputs = as_they_are(w1.shape()[0]),
                                 units = as_they_are(w2.shape()[0]), classes = as_they_are(w2.shape()[1]);
  Tensor<double> product({w1.shape()[0], w2.shape()[1]});
  kernels::gemm<double>(1, w1.view(), kernels::Op::none, w2.view(), kernels::Op::none, 0, product.view());
  const double most1 = largest_of(w1), most2 = largest_of(w2);
  const auto first = [&](const std::vector<std::size_t>& by) {
    return matrix_picture(permuted(w1, inputs, by), 2, 8, most1);
  };
  const auto second = [&](const std::vector<std::size_t>& by) {
    return matrix_picture(permuted(w2, by, classes), 12, 16, most2);
  };
  const Array row[] = {titled("W1", first(units)), titled("W1 sorted", first(order)), titled("W2", second(units)),
                       titled("W2 sorted", second(order)),
                       titled("W1 W2", matrix_picture(product, 2, 16, largest_of(product)))};
  context.add(Picture{"weights", "What it has learned",
                      "W1: a row for each fibre (left ear above, right ear below), a column for each hidden unit. W2: "
                      "a row for each hidden unit, a "
                      "column for each direction. Red excites, blue inhibits; the strongest are " +
                          short_digits(most1, 3) + " and " + short_digits(most2, 3) +
                          ". Sorted: hidden units by the difference of delays that they prefer (the notebook's key; "
                          "units without a weight above 0.5 "
                          "last). W1 W2: what a fibre says for each direction, if nothing spiked in between.",
                      beside(row, 20), false});
}

void add_hidden_activity(RunContext& context, const LocalisationFindings& found, const Model& model,
                         const InterauralPhaseSet& test) {
  const auto& layered = dynamic_cast<const Layered&>(model);
  const StepSpikes sound = sound_of(found.task, std::numbers::pi / 2, 0, context.seed(), 7);
  const Tensor<double> fired = to_tensor<double>(layered.activities(SpikesView(sound), {}).front().second.view());
  StepSpikes hidden(fired.shape()[1], fired.shape()[2]);
  for (std::size_t t = 0; t < fired.shape()[1]; ++t) {
    std::vector<StepSpikes::Unit> units;
    for (std::size_t j = 0; j < fired.shape()[2]; ++j)
      if (fired(0, t, j) > 0) units.push_back(static_cast<StepSpikes::Unit>(j));
    hidden.add_step(units);
  }
  const Array parts[] = {titled("fibres", raster_of(sound, 6, 2, true)),
                         titled("hidden units", raster_of(hidden, 6, 8, false))};
  context.add(Picture{
      "example", "One sound through the network",
      "A sound with an interaural phase of 90 degrees: spikes of the fibres (left ear above), and of the hidden "
      "units that they drive; time runs to the right.",
      stack(parts, 12), false});

  // Rates by angle
  const auto classes = static_cast<std::size_t>(found.task.classes);
  const std::size_t units = fired.shape()[2], looked_at = std::min<std::size_t>(test.labels.size(), 1024);
  const Tensor<double> all =
      to_tensor<double>(layered.activities(SpikesView(test.spikes, 0, looked_at), {}).front().second.view());
  Tensor<double> rates({units, classes});
  std::vector<double> count(classes);
  for (std::size_t i = 0; i < looked_at; ++i) {
    const auto label = static_cast<std::size_t>(test.labels[i]);
    count[label] += 1;
    for (std::size_t t = 0; t < all.shape()[1]; ++t)
      for (std::size_t j = 0; j < units; ++j) rates(j, label) += all(i, t, j);
  }
  const double seconds = static_cast<double>(found.task.steps) * found.task.dt;
  for (std::size_t j = 0; j < units; ++j)
    for (std::size_t k = 0; k < classes; ++k)
      if (count[k] > 0) rates(j, k) /= count[k] * seconds;
  Trace map = trace("", Trace::Kind::heatmap);
  map.x = middles(found.task.classes);
  for (std::size_t j = 0; j < units; ++j) map.y.push_back(static_cast<double>(j));
  map.grid = Array(ArrayView(std::as_const(rates).view()));
  context.add(Chart{"tuning",
                    "Which unit fires at which angle",
                    "Mean firing rate of each hidden unit by the class of the sound, over the first " +
                        std::to_string(looked_at) + " test sounds.",
                    "interaural phase, degrees",
                    "hidden unit",
                    "Hz",
                    {map}});
}

}  // namespace neurarium
