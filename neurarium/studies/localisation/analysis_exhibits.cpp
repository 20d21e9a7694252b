// Charts and tables of what the hidden units do, and of who decides when.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/localisation/localisation_exhibits.hpp"

namespace neurarium {
namespace {

constexpr double degrees = 180 / std::numbers::pi;

Trace trace(std::string name, Trace::Kind kind = Trace::Kind::line) {
  Trace made;
  made.name = std::move(name), made.kind = kind;
  return made;
}

/// Active units in the notebook's order.
std::vector<std::size_t> active_units(const LocalisationAnalyses& found) {
  std::vector<std::size_t> units;
  for (const std::size_t u : found.order)
    if (found.active[u]) units.push_back(u);
  return units;
}

/// A number for each active hidden unit against another one: points, by what the unit does to others.
std::vector<Trace> points_of_units(const LocalisationAnalyses& found, auto x, auto y) {
  std::vector<Trace> kinds = {trace("units that excite", Trace::Kind::points),
                              trace("units that inhibit", Trace::Kind::points), trace("others", Trace::Kind::points)};
  for (std::size_t u = 0; u < found.order.size(); ++u) {
    if (!found.active[u]) continue;
    const double a = x(u), b = y(u);
    if (!std::isfinite(a) || !std::isfinite(b)) continue;
    const int kind = found.kind_of(u);
    Trace& to = kinds[kind > 0 ? 0 : kind < 0 ? 1 : 2];
    to.x.push_back(a), to.y.push_back(b), to.labels.push_back(std::to_string(u));
  }
  std::erase_if(kinds, [](const Trace& points) { return points.x.empty(); });
  return kinds;
}

/// The angle of the class in which a unit fires most; NaN if it never does.
double favourite(const LocalisationAnalyses& found, std::size_t unit, std::span<const double> angles) {
  double most = 0, angle = std::nan("");
  for (std::size_t k = 0; k < angles.size(); ++k)
    if (found.tuning(unit, k) > most) most = found.tuning(unit, k), angle = angles[k];
  return angle;
}

void add_tuning(RunContext& context, const LocalisationFindings& all) {
  const LocalisationAnalyses& found = all.analyses;
  const std::vector<std::size_t> units = active_units(found);
  if (units.empty()) return;
  Trace map = trace("", Trace::Kind::heatmap);
  map.x = middles_in_degrees(all.task.classes);
  Tensor<double> sorted({units.size(), map.x.size()});
  for (std::size_t row = 0; row < units.size(); ++row) {
    map.y.push_back(static_cast<double>(row));
    for (std::size_t k = 0; k < map.x.size(); ++k) sorted(row, k) = found.tuning(units[row], k);
  }
  map.grid = Array(sorted);
  context.add(Chart{"tuning",
                    "Which unit fires at which angle",
                    "Tuning curves: mean firing rate of each active hidden unit (1 Hz or more; " +
                        std::to_string(units.size()) + " of " + std::to_string(found.order.size()) +
                        ") by the class of the test sound, in the notebook's order, as in the table 'Unit by unit'.",
                    "interaural phase, degrees",
                    "hidden unit, sorted",
                    "Hz",
                    {map}});
}

void add_intervals(RunContext& context, const LocalisationFindings& all) {
  const LocalisationAnalyses& found = all.analyses;
  std::vector<Trace> lines;
  for (const int kind : {1, -1, 0}) {
    std::vector<double> counts(found.intervals.front().histogram.size());
    double total = 0;
    for (std::size_t u = 0; u < found.intervals.size(); ++u)
      if (found.kind_of(u) == kind)
        for (std::size_t k = 0; k < counts.size(); ++k) {
          const auto count = static_cast<double>(found.intervals[u].histogram[k]);
          counts[k] += count, total += count;
        }
    if (total == 0) continue;
    Trace line = trace(kind > 0 ? "units that excite" : kind < 0 ? "units that inhibit" : "others");
    double rest = total;  // the tail that nobody would see is left out
    for (std::size_t k = 1; k < counts.size() && rest > 0.001 * total; ++k) {
      line.x.push_back(1000 * all.task.dt * static_cast<double>(k)), line.y.push_back(100 * counts[k] / total);
      rest -= counts[k];
    }
    lines.push_back(std::move(line));
  }
  if (lines.empty()) return;
  context.add(Chart{"intervals", "How long until the next spike",
                    "Intervals between successive spikes of a hidden unit in one test sound: the share of each length.",
                    "interval, ms", "share, %", "", std::move(lines)});
  const auto rates = [&](std::size_t u) { return all.trained.hidden_rates[u]; };
  const auto cv = [&](std::size_t u) { return found.intervals[u].cv; };
  context.add(
      Chart{"regularity", "How regular the units are",
            "Coefficient of variation of each active hidden unit's intervals (sd / mean; 1: as irregular as a Poisson "
            "process, 0: a clock) against its rate. The tone turns rates up and down, which adds to it; the "
            "figure interval_cv2 compares neighbouring intervals only, and does not see that.",
            "rate, Hz", "CV", "", points_of_units(found, rates, cv)});
}

void add_locking(RunContext& context, const LocalisationAnalyses& found) {
  const auto phase = [&](std::size_t u) { return 360 * found.locking[u].phase; };
  const auto strength = [&](std::size_t u) { return found.locking[u].vector_strength; };
  std::vector<Trace> points = points_of_units(found, phase, strength);
  if (points.empty()) return;
  context.add(
      Chart{"phase_locking", "How the units follow the tone",
            "Vector strength of each active hidden unit's spikes (1: all at one phase of the tone; 0: at any) against "
            "the phase at which they come. The fibres of both ears together fire most at 90 degrees and least "
            "at 270.",
            "phase of the stimulus, degrees", "vector strength", "", std::move(points)});
}

void add_synchrony(RunContext& context, const LocalisationFindings& all) {
  const LocalisationAnalyses& found = all.analyses;
  const std::vector<std::size_t> units = active_units(found);
  if (units.size() < 2) return;
  Trace map = trace("", Trace::Kind::heatmap);
  Tensor<double> sorted({units.size(), units.size()});
  for (std::size_t i = 0; i < units.size(); ++i) {
    map.x.push_back(static_cast<double>(i)), map.y.push_back(static_cast<double>(i));
    for (std::size_t j = 0; j < units.size(); ++j)
      sorted(i, j) = i == j ? std::nan("") : found.synchrony(units[i], units[j]);
  }
  map.grid = Array(sorted);
  context.add(Chart{"synchrony",
                    "Which units fire together",
                    "Pearson's correlation of two active hidden units' spike counts in windows of " +
                        short_digits(1000 * all.task.dt * static_cast<double>(found.window), 3) +
                        " ms over all test sounds, in the notebook's order. What the common tone and its direction "
                        "cause is in it.",
                    "hidden unit, sorted",
                    "hidden unit, sorted",
                    "correlation",
                    {map},
                    false,
                    true});
}

void add_decision(RunContext& context, const LocalisationFindings& all) {
  if (!all.analyses.decision)
    return context.add(Remark{"When it decides can't be said",
                              "Steps have shares of a decision only if the answer is a sum over them, as with "
                              "model.readout = mean, sum or last. Here it is " +
                                  all.model.readout + ": the figures and the chart of the decision are left out."});
  const DecisionByPhase& found = *all.analyses.decision;
  Trace margin = trace("of the decision"), spikes = trace("of the hidden spikes"), fibres = trace("fibres' rate");
  const InterauralProbabilities p(all.task);
  std::vector<double> rate(static_cast<std::size_t>(all.task.fibres)), rates;
  for (const double phase : found.phase) {  // of both ears at an interaural phase of 0: alike
    p.at(phase - all.task.phase_span / (4 * std::numbers::pi), 0, 0, rate);
    rates.push_back(std::accumulate(rate.begin(), rate.end(), 0.));
  }
  const double mean = std::accumulate(rates.begin(), rates.end(), 0.) / static_cast<double>(rates.size());
  for (std::size_t b = 0; b < found.phase.size(); ++b) {
    for (Trace* line : {&margin, &spikes, &fibres}) line->x.push_back(360 * found.phase[b]);
    margin.y.push_back(found.of_margin[b] / found.of_time[b]),
        spikes.y.push_back(found.of_spikes[b] / found.of_time[b]);
    fibres.y.push_back(rates[b] / mean);
  }
  context.add(Chart{
      "decision",
      "When it decides",
      "The outputs add up what each step's hidden spikes say, so that the lead of the true class over the best of the "
      "others is a sum over steps. In the sounds told right: its share by phase of the stimulus, as a multiple of an "
      "even share, beside that of "
      "the hidden spikes and the rate of the fibres. 90 degrees is the crest of the tone, 270 its trough. Hidden "
      "spikes "
      "come a few steps after the input that causes them.",
      "phase of the stimulus, degrees",
      "share / even share",
      "",
      {margin, spikes, fibres}});
}

void add_coincidence(RunContext& context, const LocalisationFindings& all) {
  const LocalisationAnalyses& found = all.analyses;
  const std::vector<double> angles = middles_in_degrees(all.task.classes);
  const auto preferred = [&](std::size_t u) { return found.coincidence[u].difference * degrees; };
  const auto index = [&](std::size_t u) { return found.coincidence[u].index; };
  std::vector<Trace> points = points_of_units(found, preferred, index);
  if (!points.empty())
    context.add(Chart{
        "coincidence", "Do they detect coincidences?",
        "Each active hidden unit (1 Hz or more): the difference of the delays that its synapses with the left and the "
        "right ear "
        "prefer, and its coincidence index. Near 1: both ears drive it alike, and meet at an angle that sounds have "
        "(up "
        "to 90 degrees). Near −1: one ear is set against the other, so that they cancel at such an angle. Near 0: it "
        "listens to one ear.",
        "left − right preferred delay, degrees", "coincidence index", "", std::move(points)});
  std::vector<std::vector<std::string>> rows;
  const double whole = all.trained.test.accuracy;
  for (const std::size_t u : active_units(found)) {
    const PhaseLocking& locking = found.locking[u];
    const UnitCoincidence& unit = found.coincidence[u];
    const int kind = found.kind_of(u);
    rows.push_back({std::to_string(u),
                    kind > 0   ? "+"
                    : kind < 0 ? "−"
                               : "±",
                    rounded(all.trained.hidden_rates[u], 0), rounded(1000 * found.intervals[u].mean, 1),
                    rounded(found.intervals[u].cv, 2), rounded(locking.vector_strength, 2),
                    rounded(unit.difference * degrees, 0), rounded(unit.index, 2), rounded(found.foretold[u], 2),
                    rounded(favourite(found, u, angles), 0),
                    rounded(100 * (whole - found.without_unit[u].result.accuracy), 1)});
  }
  context.add(
      Table{"units",
            "Unit by unit",
            "Active hidden units in the notebook's order: what they do to the outputs (+ excite, − inhibit, ± both), "
            "firing rate, "
            "mean interval and its coefficient of variation, vector strength, difference of the delays that the "
            "weights prefer, coincidence index, correlation of the tuning curve with what these foretell, the angle "
            "at which they fire most, and the points of test accuracy that are lost without them.",
            {"unit", "sign", "Hz", "ms", "CV", "locking", "prefers, deg", "index", "r", "most at, deg", "points lost"},
            std::move(rows)});
}

void add_ablation(RunContext& context, const LocalisationFindings& all) {
  const LocalisationAnalyses& found = all.analyses;
  Trace lost = trace("points lost", Trace::Kind::bars);
  for (std::size_t row = 0; row < found.order.size(); ++row) {
    lost.x.push_back(static_cast<double>(row));
    lost.y.push_back(100 * (all.trained.test.accuracy - found.without_unit[found.order[row]].result.accuracy));
  }
  context.add(Chart{"ablation",
                    "What is lost without a unit",
                    "Points of test accuracy that the network loses if one hidden unit is silenced and nothing else "
                    "changes; units sorted by the notebook's key.",
                    "silent hidden unit, sorted",
                    "points",
                    "",
                    {lost}});
  const auto row = [&](const char* what, const AblationResult& result) -> std::vector<std::string> {
    return {what, with_commas(result.synapses), percent(result.result.accuracy, 1), rounded(result.result.loss, 2)};
  };
  context.add(Table{"without_inhibition",
                    "Without inhibition",
                    "The trained network, all of whose inhibitory synapses fall silent; it does not learn again.",
                    {"silent", "synapses", "test accuracy", "test loss"},
                    {{"nothing", "0", percent(all.trained.test.accuracy, 1), rounded(all.trained.test.loss, 2)},
                     row("inhibition from fibres", found.without_fibre_inhibition),
                     row("inhibition from hidden units", found.without_hidden_inhibition),
                     row("all inhibition", found.without_inhibition)}});
}

}  // namespace

void add_analyses(RunContext& context, const LocalisationFindings& found) {
  add_tuning(context, found);
  add_coincidence(context, found);
  add_decision(context, found);
  add_locking(context, found.analyses);
  add_intervals(context, found);
  add_synchrony(context, found);
  add_ablation(context, found);
}

}  // namespace neurarium
