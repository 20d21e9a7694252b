#include <algorithm>
#include <cmath>
#include <limits>

#include "neurarium/core/words.hpp"
#include "neurarium/studies/eventprop/anatomy_exhibits.hpp"

namespace neurarium::anatomy {
namespace {

constexpr const char* grey = "#888888";

Trace line(std::string name, std::vector<double> x, std::vector<double> y) {
  Trace trace;
  trace.name = std::move(name), trace.x = std::move(x), trace.y = std::move(y);
  return trace;
}

Chart chart(std::string name, std::string title, std::string caption, std::string x_label, std::string y_label) {
  return {std::move(name), std::move(title), std::move(caption), std::move(x_label), std::move(y_label), "", {}};
}

std::vector<double> times(std::size_t count, double dt) {
  std::vector<double> t(count);
  for (std::size_t n = 0; n < count; ++n) t[n] = static_cast<double>(n) * dt;
  return t;
}

/// Dashed vertical lines, as pieces of one line.
Trace dashes(const std::string& name, const std::vector<double>& at, double low, double high) {
  constexpr int pieces = 24;
  Trace trace = line(name, {}, {});
  trace.colour = grey;
  for (const double x : at)
    for (int k = 0; k < pieces; ++k)
      for (const double y : {k + 0.0, k + 0.55, std::numeric_limits<double>::quiet_NaN()})
        trace.x.push_back(x), trace.y.push_back(low + (high - low) * y / pieces);
  return trace;
}

/// Of the first `count` numbers.
std::vector<double> head(const std::vector<double>& numbers, std::size_t count) {
  return {numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(std::min(count, numbers.size()))};
}

/// The steps of dt until the last spike's response is over.
std::size_t shown_steps(const AnatomyFindings& found) {
  const AnatomyParams& p = found.params;
  const double until = p.spike_times.back() + 8 * std::max(p.tau_m, p.tau_s);
  return std::min(found.coarse.trace.v.size(), static_cast<std::size_t>(std::ceil(until / p.dt)));
}

std::vector<double> every(const std::vector<double>& numbers, std::size_t stride) {
  std::vector<double> some;
  for (std::size_t k = 0; k < numbers.size(); k += stride) some.push_back(numbers[k]);
  return some;
}

std::string at_dt(double dt) { return "dt = " + short_digits(dt) + " ms"; }

std::vector<double> reversed_spikes(const AnatomyFindings& found) {
  std::vector<double> at;
  for (const std::size_t step : found.coarse.spike_steps)
    at.push_back(static_cast<double>(found.coarse.trace.v.size() - 1 - step) * found.params.dt);
  return at;
}

std::vector<double> differences(const LambdaTrace& lambda) {
  std::vector<double> all;
  for (std::size_t k = 0; k < lambda.v.size(); ++k) all.push_back(lambda.difference(k));
  return all;
}

std::vector<double> differences(const std::vector<Lambda>& lambda) {
  std::vector<double> all;
  for (const Lambda& each : lambda) all.push_back(each.difference());
  return all;
}

std::pair<double, double> extent(const std::vector<double>& a) {
  const auto [low, high] = std::ranges::minmax(a);
  return {low, high};
}

constexpr const char* reversed = "reversed time, ms";

}  // namespace

void add_forward_charts(RunContext& context, const AnatomyFindings& found) {
  const AnatomyParams& p = found.params;
  const std::size_t shown = shown_steps(found);
  const auto stride = static_cast<std::size_t>(std::llround(p.dt / p.fine_dt));
  const std::vector<double> t = times(shown, p.dt);
  const std::string until = " Shown until " + short_digits(t.empty() ? 0 : t.back()) + " ms; nothing happens later.";
  Chart v =
      chart("voltage", "The output's voltage on both grids, and without one",
            "One hidden unit fires at the dashed lines and drives the output. The exact solution has no grid." + until,
            "time, ms", "V");
  v.traces = {line("V, " + at_dt(p.dt), t, head(found.coarse.trace.v, shown)),
              line("V, " + at_dt(p.fine_dt), t, head(every(found.fine.trace.v, stride), shown))};
  const ExactCell exact{p.tau(), p.weight, {}, p.total_ms, p.spike_times, false};
  Trace closed = line("exact", {}, {});
  closed.kind = Trace::Kind::points, closed.colour = "#111111";
  double low = 0, high = 0;
  for (std::size_t k = 0; k < t.size(); ++k) {
    const double exactly = voltage_at(exact, t[k]);
    low = std::min(low, exactly), high = std::max(high, exactly);
    if (k % std::max<std::size_t>(1, t.size() / 60) == 0) closed.x.push_back(t[k]), closed.y.push_back(exactly);
  }
  v.traces.push_back(std::move(closed));
  v.traces.push_back(dashes("spikes", p.spike_times, low, high));
  context.add(std::move(v));

  Chart i = chart("current", "The synaptic current on both grids",
                  "The jump of I is made smaller for longer steps, so that Σ I dt is the same for every dt." + until,
                  "time, ms", "I");
  i.traces = {line("I, " + at_dt(p.dt), t, head(found.coarse.trace.i, shown)),
              line("I, " + at_dt(p.fine_dt), t, head(every(found.fine.trace.i, stride), shown))};
  context.add(std::move(i));

  Chart difference =
      chart("v-difference", "V(" + short_digits(p.dt) + ") − V(" + short_digits(p.fine_dt) + ")",
            "The difference of both grids at the steps of the coarse one. All of it is the correction of the jump: V "
            "is exact for the jump it gets." +
                until,
            "time, ms", "V(dt) − V(fine dt)");
  difference.traces = {line("difference", t, head(found.v_difference, shown))};
  context.add(std::move(difference));
}

void add_lambda_charts(RunContext& context, const AnatomyFindings& found) {
  const AnatomyParams& p = found.params;
  const LambdaTrace& euler = found.driven.euler;
  const std::vector<double> t = times(euler.v.size(), p.dt), at = reversed_spikes(found);
  const std::vector<double> by_euler = differences(euler), exactly = differences(found.driven.exact);
  Chart lambda = chart("lambda", "λ of the correct output, back through the trial",
                       "λ_V, λ_I and λ_V − λ_I by Euler, as in the notebook, and the exact λ_V − λ_I. The hidden unit "
                       "reads λ_V − λ_I at the dashed lines, where it had fired.",
                       reversed, "λ");
  lambda.traces = {line("λ_V", t, euler.v), line("λ_I", t, euler.i), line("λ_V − λ_I", t, by_euler),
                   line("λ_V − λ_I, exact", t, exactly), dashes("spikes", at, -0.05, 1)};
  context.add(std::move(lambda));

  // Where the spikes are, the trial's end, which is much larger, left out.
  const double reach = 6 * std::max(p.tau_m, p.tau_s);
  std::vector<double> near, euler_near, exact_near;
  for (std::size_t k = 0; k < t.size(); ++k)
    if (t[k] > at.back() - reach && t[k] < at.front() + reach && t[k] > 10 * std::max(p.tau_m, p.tau_s))
      near.push_back(t[k]), euler_near.push_back(by_euler[k]), exact_near.push_back(exactly[k]);
  if (near.empty()) return;
  const auto [low, high] = extent(exact_near);
  const auto [low_too, high_too] = extent(euler_near);
  Chart zoom =
      chart("lambda-near-spikes", "What the spikes read: λ_V − λ_I around them",
            "Where a spike reads a positive number, descent moves it to an earlier time if its weight is "
            "positive. Euler's curve lies a little beside the exact one, and at the spikes the curve is steepest.",
            reversed, "λ_V − λ_I");
  zoom.traces = {line("Euler, " + at_dt(p.dt), near, euler_near), line("exact", near, exact_near),
                 dashes("spikes", at, std::min(low, low_too), std::max(high, high_too))};
  context.add(std::move(zoom));

  Chart outputs =
      chart("wrong-output", "λ of a wrong output beside the correct one",
            "The hidden unit drives the correct output; a wrong one rests at 0. Its λ is the correct output's, "
            "divided by −" +
                std::to_string(p.outputs - 1) + ": what the correct output gains in probability, the " +
                std::to_string(p.outputs - 1) + " others share in losing.",
            reversed, "λ, by Euler");
  outputs.traces = {line("correct: λ_V", t, euler.v), line("correct: λ_I", t, euler.i),
                    line("wrong: λ_V", t, found.resting.euler.v), line("wrong: λ_I", t, found.resting.euler.i),
                    dashes("spikes", at, -0.1, 1)};
  context.add(std::move(outputs));
}

void add_study_charts(RunContext& context, const AnatomyFindings& found) {
  std::vector<double> dt, first, last, sum, exact_first, exact_last, random;
  const std::vector<double>& exact = found.driven.exact_at_spikes;
  const auto error = [&](const std::vector<double>& lambda) {
    double largest = 0;
    for (std::size_t k = 0; k < lambda.size(); ++k) largest = std::max(largest, std::abs(lambda[k] - exact[k]));
    return largest;
  };
  std::vector<double> euler_error, centred_error;
  for (const DtRow& row : found.dt_study) {
    dt.push_back(row.dt);
    first.push_back(1e4 * row.euler.front()), last.push_back(1e4 * row.euler.back());
    sum.push_back(1e4 * sum_of(row.euler));
    exact_first.push_back(1e4 * exact.front()), exact_last.push_back(1e4 * exact.back());
    random.push_back(std::abs(row.random_total));
    euler_error.push_back(error(row.euler)), centred_error.push_back(error(row.centred));
  }
  Chart values = chart("dt-study", "λ_V − λ_I at the spikes, by the step of the grid",
                       "Euler's numbers come to the exact ones as dt falls. At the notebook's step the last "
                       "spike has the wrong sign, and the sum of all spikes, which is exactly 0, is positive.",
                       "dt, ms", "λ_V − λ_I, 10⁻⁴");
  values.log_x = true;
  values.traces = {line("first spike", dt, first), line("last spike", dt, last), line("sum of all", dt, sum),
                   line("exact, first", dt, exact_first), line("exact, last", dt, exact_last)};
  for (std::size_t k = 3; k < 5; ++k) values.traces[k].colour = grey;
  context.add(std::move(values));

  Chart errors =
      chart("dt-errors", "How fast the error falls",
            "Largest error of λ_V − λ_I at the explicit spikes, and the total over a random train of " +
                std::to_string(found.random_spikes) +
                " spikes, which should be 0. Euler's errors fall with dt. The adjoint of second order (driven by "
                "the mean of both ends of a step) keeps the error that the corrected jump makes in V.",
            "dt, ms", "error");
  errors.log_x = errors.log_y = true;
  errors.traces = {line("Euler", dt, euler_error), line("second order", dt, centred_error),
                   line("Euler, total of a random train", dt, random)};
  context.add(std::move(errors));

  std::vector<double> spacing, euler_first, euler_second, first_exact, second_exact;
  for (const SpacingRow& row : found.spacings) {
    spacing.push_back(row.spacing);
    euler_first.push_back(row.euler[0]), euler_second.push_back(row.euler[1]);
    first_exact.push_back(row.exact[0]), second_exact.push_back(row.exact[1]);
  }
  Chart apart = chart("spacing", "Two spikes, from near to far",
                      "λ_V − λ_I at two spikes by the time between them. Exactly, both get the same push in opposite "
                      "directions, away from one another, and none from afar. By Euler, the first is pushed more, and "
                      "both are pushed to earlier times even where they do not feel one another.",
                      "time between the spikes, ms", "λ_V − λ_I");
  apart.traces = {line("first, Euler", spacing, euler_first), line("second, Euler", spacing, euler_second),
                  line("first, exact", spacing, first_exact), line("second, exact", spacing, second_exact)};
  context.add(std::move(apart));
}

void add_random_charts(RunContext& context, const AnatomyFindings& found) {
  Trace euler, exact, printed;
  euler.kind = exact.kind = printed.kind = Trace::Kind::bars;
  euler.name = "Euler", exact.name = "exact", printed.name = "what the notebook printed";
  const bool beside = is_the_notebooks(found.params) && found.params.r_max == AnatomyParams{}.r_max;
  if (beside) printed.y = {.00082, .00168, .0045, .0100, .0277};
  for (const RandomRate& rate : found.random) {
    const std::string label = short_digits(rate.r_max) + " Hz";
    euler.y.push_back(rate.euler_mean()), exact.y.push_back(rate.exact_mean());
    euler.labels.push_back(label), exact.labels.push_back(label);
  }
  printed.labels = euler.labels;
  Chart means =
      chart("poisson-mean", "Random hidden spikes: the total push on all of them",
            "Mean over " + std::to_string(found.params.repeats) +
                " trains of the sum of λ_V − λ_I over their spikes, by the peak rate. By Euler it grows with the "
                "number of spikes; exactly it is 0 for every train, so that no bar is seen.",
            "peak rate", "mean total of λ_V − λ_I");
  means.traces = {euler, exact};
  if (beside) means.traces.push_back(printed);
  context.add(std::move(means));

  const auto histogram = [&](const char* name, const std::string& how, const EqualBins& bins) {
    Trace bars;
    bars.kind = Trace::Kind::bars, bars.name = how;
    for (std::size_t k = 0; k < bins.counts.size(); ++k) {
      bars.x.push_back(0.5 * (bins.edges[k] + bins.edges[k + 1]));
      bars.y.push_back(static_cast<double>(bins.counts[k]));
    }
    Chart shown = chart(name, "λ_V − λ_I at every random spike, " + how,
                        with_commas(found.random_lambdas.size()) + " spikes of all trains, in " +
                            std::to_string(bins.counts.size()) + " equal bins from the least to the largest.",
                        "λ_V − λ_I", "spikes");
    shown.traces = {std::move(bars)};
    context.add(std::move(shown));
  };
  histogram("poisson-histogram", "by Euler", found.histogram);
  histogram("poisson-histogram-exact", "exact", equal_bins(found.exact_lambdas, found.histogram.counts.size()));
}

void add_last_charts(RunContext& context, const AnatomyFindings& found) {
  const AnatomyParams& p = found.params;
  const std::size_t n = found.integral.v.size();
  const std::vector<double> t = times(n, p.dt);
  std::vector<double> exact;
  for (const double u : t)
    exact.push_back(psp(p.tau(), u + p.dt));  // entry k is what a spike k + 1 steps before the end reads
  Chart integral =
      chart("integral-loss", "Cross-entropy of integrals: λ under a constant drive",
            "The loss of ∫ V dt drives λ alike all the time. λ_V − λ_I, all that spikes read, is exactly "
            "τs/(τm − τs)·(e^(−u/τm) − e^(−u/τs)) at u ms before the end: a spike that is over before the end "
            "changes no integral, so it hears nothing.",
            reversed, "λ");
  integral.traces = {line("λ_V", t, found.integral.v), line("λ_I", t, found.integral.i),
                     line("λ_V − λ_I", t, differences(found.integral)), line("λ_V − λ_I, exact", t, exact)};
  context.add(std::move(integral));

  const double until = p.epsp_spike + 8 * std::max(p.tau_m, p.tau_s);
  const std::size_t shown = std::min(n, static_cast<std::size_t>(std::ceil(until / p.dt)));
  Chart epsp =
      chart("epsp", "The response to one spike",
            "A single spike of weight " + in_digits(p.epsp_weight) + " at " + short_digits(p.epsp_spike) +
                " ms. The notebook's last cell adds it before I decays, which makes all smaller by e^(−dt/τs) = " +
                rounded(std::exp(-p.dt / p.tau_s), 4) + " than the order of its first cell.",
            "time, ms", "V");
  epsp.traces = {line("input before decay", head(t, shown), head(found.epsp.v, shown)),
                 line("input after decay", head(t, shown), head(found.epsp.v_other_order, shown))};
  context.add(std::move(epsp));
}

}  // namespace neurarium::anatomy
