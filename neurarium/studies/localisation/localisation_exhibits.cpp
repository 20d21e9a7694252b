// Charts and pictures of dale-localisation.
#include "neurarium/studies/localisation/localisation_exhibits.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "neurarium/core/digits.hpp"
#include "neurarium/kernels/gemm.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/localisation/sound_pictures.hpp"
#include "neurarium/studies/localisation/weight_pictures.hpp"

namespace neurarium {
namespace {

Trace trace(std::string name, Trace::Kind kind = Trace::Kind::line) {
  Trace made;
  made.name = std::move(name), made.kind = kind;
  return made;
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

std::vector<double> middles_in_degrees(std::int64_t classes) {
  std::vector<double> angles;
  for (std::int64_t k = 0; k < classes; ++k) angles.push_back(continuise(k, classes) * 180 / std::numbers::pi);
  return angles;
}

void add_stimuli(RunContext& context, const InterauralPhaseParams& task) {
  constexpr std::size_t shown = 8, columns = 4;
  std::vector<Array> rows, row;
  for (std::uint32_t k = 0; k < shown; ++k) {
    const double ipd = std::numbers::pi * (static_cast<double>(k) / (shown - 1) - 0.5);
    const StepSpikes spikes = sound_of(task, ipd, 0, context.seed(), k);
    row.push_back(titled(in_degrees(ipd), raster_of(spikes, 3, 1, true)));
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

void add_learning_curves(RunContext& context, const EpochHistory& history) {
  Trace loss = trace("training"), accuracy = loss, watched_loss = trace("validation"), watched_accuracy = watched_loss;
  for (const EpochResult& epoch : history) {
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
  const std::vector<double> angles = middles_in_degrees(found.task.classes);
  Trace truth = trace("true", Trace::Kind::bars), answers = trace("estimated", Trace::Kind::bars);
  truth.x = answers.x = angles;
  truth.y.assign(classes, 0), answers.y.assign(classes, 0);
  Tensor<double> confusion({classes, classes});
  for (std::size_t i = 0; i < test.labels.size(); ++i) {
    const auto a = static_cast<std::size_t>(test.labels[i]),
               b = static_cast<std::size_t>(found.trained.test.answers[i]);
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

void add_weights(RunContext& context, const LocalisationAnalyses& found) {
  const Tensor<double>&w1 = found.w1, &w2 = found.w2;
  const std::vector<std::size_t> inputs = as_they_are(w1.shape()[0]), units = as_they_are(w2.shape()[0]),
                                 classes = as_they_are(w2.shape()[1]);
  Tensor<double> product({w1.shape()[0], w2.shape()[1]});
  kernels::gemm<double>(1, w1.view(), kernels::Op::none, w2.view(), kernels::Op::none, 0, product.view());
  const double most1 = largest_of(w1), most2 = largest_of(w2);
  const auto first = [&](const std::vector<std::size_t>& by) {
    return matrix_picture(permuted(w1, inputs, by), 2, 8, most1);
  };
  const auto second = [&](const std::vector<std::size_t>& by) {
    return matrix_picture(permuted(w2, by, classes), 12, 16, most2);
  };
  const Array row[] = {titled("W1", first(units)), titled("W1 sorted", first(found.order)), titled("W2", second(units)),
                       titled("W2 sorted", second(found.order)),
                       titled("W1 W2", matrix_picture(product, 2, 16, largest_of(product)))};
  context.add(Picture{"weights", "What it has learned",
                      "W1: a row for each fibre (left ear above, right ear below), a column for each hidden unit. W2: "
                      "a row for each hidden unit, a column for each direction. Red excites, blue inhibits; the "
                      "strongest are " +
                          short_digits(most1, 3) + " and " + short_digits(most2, 3) +
                          ". Sorted: hidden units by the difference of delays that they prefer (the notebook's key; "
                          "units without a weight above 0.5 last). W1 W2: what a fibre says for each direction, if "
                          "nothing spiked in between.",
                      beside(row, 20), false});

  constexpr std::size_t shown = 15, columns = 5;
  std::vector<double> largest(w1.shape()[1]);
  for (std::size_t i = 0; i < w1.shape()[0]; ++i)
    for (std::size_t j = 0; j < largest.size(); ++j) largest[j] = std::max(largest[j], std::abs(w1(i, j)));
  std::vector<std::size_t> strongest = as_they_are(largest.size());
  std::ranges::stable_sort(strongest, [&](std::size_t a, std::size_t b) { return largest[a] > largest[b]; });
  strongest.resize(std::min(shown, strongest.size()));
  context.add(Picture{"sample_weights", "Single units' synapses with both ears",
                      "The " + std::to_string(strongest.size()) +
                          " hidden units with the strongest single synapses. Each panel: weights of the fibres of the "
                          "left ear (black) and the right ear (red) from the first fibre to the last, whose phase is " +
                          "ahead by task.phase_span; all on the scale ± " + short_digits(most1, 3) +
                          ". A detector of coincidences has a peak for each ear; the distance of the peaks is the "
                          "angle that it prefers.",
                      sample_weights_picture(w1, strongest, columns, most1), false});
}

}  // namespace neurarium
