#include "neurarium/studies/eventprop/anatomy_findings.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/studies/eventprop/poisson_train.hpp"

namespace neurarium::anatomy {
namespace {

GridCell cell_of(const AnatomyParams& p, double dt, double weight) {
  return {p.tau(), dt, corrected_jump(weight, p.tau_s, dt)};
}

OutputLoss loss_of(const AnatomyParams& p, bool correct = true) {
  return {static_cast<std::size_t>(p.outputs), correct};
}

std::vector<double> drives(const OutputLoss& loss, const std::vector<double>& v) {
  std::vector<double> drive;
  drive.reserve(v.size());
  for (const double each : v) drive.push_back(loss.drive(each));
  return drive;
}

ExactCell exact_cell(const AnatomyParams& p, double weight, bool correct, std::vector<double> spikes) {
  return {p.tau(), weight, loss_of(p, correct), p.total_ms, std::move(spikes), false};
}

/// λ_V − λ_I at the spikes, by Euler on a grid of dt.
std::vector<double> euler_at(const AnatomyParams& p, double dt, double weight, bool correct,
                             const std::vector<std::size_t>& spikes) {
  const GridCell cell = cell_of(p, dt, weight);
  const std::vector<double> v = forward(cell, p.steps_of(dt), spikes).v;
  return at_spikes(euler_adjoint(cell, drives(loss_of(p, correct), v)), spikes);
}

Beside beside(const AnatomyParams& p, const GridRun& run, bool resting) {
  const OutputLoss loss = loss_of(p);
  std::vector<double> drive = drives(loss, run.trace.v);
  if (resting) std::ranges::transform(run.trace.v, drive.begin(), [&](double v) { return loss.drive_of_resting(v); });
  Beside found;
  found.euler = euler_adjoint(cell_of(p, run.dt, p.weight), drive);
  found.euler_at_spikes = at_spikes(found.euler, run.spike_steps);
  ExactCell cell = exact_cell(p, p.weight, true, p.spike_times);
  cell.resting = resting;
  found.exact_at_spikes = exact_at_spikes(cell);
  std::vector<double> times;
  for (std::size_t n = 0; n < run.trace.v.size(); ++n) times.push_back(static_cast<double>(n) * run.dt);
  found.exact = exact_lambdas(cell, times);
  std::ranges::reverse(found.exact);
  return found;
}

double largest_error(const std::vector<double>& v, const ExactCell& cell, double dt, double factor) {
  double largest = 0;
  for (std::size_t n = 0; n < v.size(); ++n)
    largest = std::max(largest, std::abs(v[n] * factor - voltage_at(cell, static_cast<double>(n) * dt)));
  return largest;
}

void look_at_cases(AnatomyFindings& found) {
  const AnatomyParams& p = found.params;
  for (const double weight : {p.weight, -p.weight})
    for (const bool correct : {true, false})
      found.cases.push_back({weight, correct, euler_at(p, p.dt, weight, correct, p.spike_steps(p.dt)),
                             exact_at_spikes(exact_cell(p, weight, correct, p.spike_times))});
}

void look_at_spacings(AnatomyFindings& found) {
  const AnatomyParams& p = found.params;
  constexpr double most_rows = 200;
  const double step = p.dt * std::max(1.0, std::ceil(p.largest_spacing / p.dt / most_rows));
  for (std::size_t k = 1; static_cast<double>(k) * step <= p.largest_spacing * (1 + 1e-12); ++k) {
    SpacingRow& row = found.spacings.emplace_back();
    row.spacing = static_cast<double>(k) * step, row.weight = p.weight;
    const auto first = p.spike_steps(p.dt).front();
    const auto apart = static_cast<std::size_t>(std::llround(row.spacing / p.dt));
    const std::vector<double> euler = euler_at(p, p.dt, p.weight, true, {first, first + apart});
    const double at = p.spike_times.front();
    const std::vector<double> exact = exact_at_spikes(exact_cell(p, p.weight, true, {at, at + row.spacing}));
    for (std::size_t side = 0; side < 2; ++side) row.euler[side] = euler[side], row.exact[side] = exact[side];
  }
}

void look_at_random_trains(AnatomyFindings& found, const Stream& stream, const std::function<void(double)>& progress) {
  const AnatomyParams& p = found.params;
  const auto repeats = static_cast<std::size_t>(p.repeats);
  for (std::size_t which = 0; which < p.r_max.size(); ++which) {
    RandomRate& rate = found.random.emplace_back();
    rate.r_max = p.r_max[which];
    for (std::size_t repeat = 0; repeat < repeats; ++repeat) {
      progress(static_cast<double>(which * repeats + repeat) / static_cast<double>(p.r_max.size() * repeats));
      const std::vector<std::size_t> steps =
          poisson_steps({rate.r_max, p.rate_centre, p.rate_width}, p.dt, p.steps_of(p.dt), stream, which, repeat);
      const std::vector<double> euler = euler_at(p, p.dt, p.weight, true, steps);
      std::vector<double> times;
      for (const std::size_t step : steps) times.push_back(static_cast<double>(step) * p.dt);
      const std::vector<double> exact = exact_at_spikes(exact_cell(p, p.weight, true, times));
      rate.euler_totals.push_back(sum_of(euler)), rate.exact_totals.push_back(sum_of(exact));
      rate.spikes.push_back(static_cast<std::int64_t>(steps.size()));
      found.random_lambdas.insert(found.random_lambdas.end(), euler.begin(), euler.end());
      found.exact_lambdas.insert(found.exact_lambdas.end(), exact.begin(), exact.end());
    }
  }
  found.histogram = equal_bins(found.random_lambdas, static_cast<std::size_t>(p.bins));
}

void look_at_dt(AnatomyFindings& found, const Stream& stream, const std::function<void(double)>& progress) {
  const AnatomyParams& p = found.params;
  const auto highest = static_cast<std::size_t>(std::ranges::max_element(p.r_max) - p.r_max.begin());
  const std::vector<std::size_t> train =
      poisson_steps({p.r_max[highest], p.rate_centre, p.rate_width}, p.dt, p.steps_of(p.dt), stream, highest, 0);
  found.random_spikes = train.size();
  for (std::size_t k = 0; k < p.dt_steps.size(); ++k) {
    progress(static_cast<double>(k) / static_cast<double>(p.dt_steps.size()));
    DtRow& row = found.dt_study.emplace_back();
    row.dt = p.dt_steps[k];
    const std::vector<std::size_t> spikes = p.spike_steps(row.dt);
    const GridCell cell = cell_of(p, row.dt, p.weight);
    const std::vector<double> drive = drives(loss_of(p), forward(cell, p.steps_of(row.dt), spikes).v);
    row.euler = at_spikes(euler_adjoint(cell, drive), spikes);
    row.centred = at_spikes(centred_adjoint(cell, drive), spikes);
    std::vector<std::size_t> finer = train;
    for (std::size_t& step : finer) step *= static_cast<std::size_t>(std::llround(p.dt / row.dt));
    row.random_total = sum_of(euler_at(p, row.dt, p.weight, true, finer));
  }
}

Epsp look_at_epsp(const AnatomyParams& p) {
  GridCell cell{p.tau(), p.dt, p.epsp_weight, true};
  const std::vector<std::size_t> spike = {static_cast<std::size_t>(std::llround(p.epsp_spike / p.dt))};
  Epsp found;
  found.v = forward(cell, p.steps_of(p.dt), spike).v;
  cell.spikes_come_before_decay = false;
  found.v_other_order = forward(cell, p.steps_of(p.dt), spike).v;
  const auto larger = [](double a, double b) { return std::abs(a) < std::abs(b); };
  found.peak_step = static_cast<std::size_t>(std::ranges::max_element(found.v, larger) - found.v.begin());
  found.peak = found.v[found.peak_step];
  found.other_peak = *std::ranges::max_element(found.v_other_order, larger);
  return found;
}

}  // namespace

double AnatomyFindings::label_difference() const {
  double largest = 0;
  for (std::size_t k = 0; k < params.spike_times.size(); ++k)
    largest = std::max(largest, std::abs(cases[0].exact[k] - cases[1].exact[k]));
  return largest;
}

double sum_of(const std::vector<double>& numbers) {
  double sum = 0;
  for (const double x : numbers) sum += x;
  return sum;
}

GridRun grid_run(const AnatomyParams& params, double dt) {
  GridRun run;
  run.dt = dt, run.spike_steps = params.spike_steps(dt);
  run.trace = forward(cell_of(params, dt, params.weight), params.steps_of(dt), run.spike_steps);
  run.mean_v = pairwise_mean(run.trace.v), run.mean_i = pairwise_mean(run.trace.i);
  return run;
}

AnatomyFindings look_into(const AnatomyParams& params, std::uint64_t seed,
                          const std::function<void(double)>& progress) {
  AnatomyFindings found;
  found.params = params;
  found.coarse = grid_run(params, params.dt), found.fine = grid_run(params, params.fine_dt);
  const auto stride = static_cast<std::size_t>(std::llround(params.dt / params.fine_dt));
  for (std::size_t n = 0; n < found.coarse.trace.v.size(); ++n)
    found.v_difference.push_back(found.coarse.trace.v[n] - found.fine.trace.v[n * stride]);
  for (const double t : params.spike_times)
    found.exact_mean_v += params.weight * psp_integral(params.tau(), params.total_ms - t) / params.total_ms;
  const ExactCell exact = exact_cell(params, params.weight, true, params.spike_times);
  found.max_error_corrected = largest_error(found.coarse.trace.v, exact, params.dt, 1);
  found.max_error_uncorrected =
      largest_error(found.coarse.trace.v, exact, params.dt, 1 / corrected_jump(1, params.tau_s, params.dt));
  found.driven = beside(params, found.coarse, false), found.resting = beside(params, found.coarse, true);
  look_at_cases(found);
  look_at_spacings(found);
  const Stream stream(seed, "eventprop-anatomy.random-trains");
  look_at_random_trains(found, stream, [&](double done) { progress(0.1 + 0.6 * done); });
  look_at_dt(found, stream, [&](double done) { progress(0.7 + 0.3 * done); });
  found.integral = euler_adjoint_of_integral(cell_of(params, params.dt, 1), params.steps_of(params.dt));
  for (std::size_t k = 0; k < found.integral.v.size(); ++k) found.integral_sum += found.integral.difference(k);
  found.epsp = look_at_epsp(params);
  return found;
}

}  // namespace neurarium::anatomy
