#include "neurarium/studies/eventprop/grid_cell.hpp"

#include <cmath>

namespace neurarium::anatomy {

double corrected_jump(double weight, double tau_synapse, double dt) {
  return weight * (tau_synapse * (1.0 - std::exp(-dt / tau_synapse))) * (1.0 / dt);
}

CellTrace forward(const GridCell& cell, std::size_t steps, std::span<const std::size_t> spike_steps) {
  const auto [tau_m, tau_s] = cell.tau;
  const double am = std::exp(-cell.dt / tau_m), bs = std::exp(-cell.dt / tau_s);
  const bool near_limit = std::abs(tau_m - tau_s) < 1e-6 * tau_s;
  const double first = near_limit ? 1 : tau_s / (tau_m - tau_s), second = near_limit ? psp(cell.tau, cell.dt) : am - bs;
  CellTrace trace{std::vector<double>(steps), std::vector<double>(steps)};
  double v = 0, i = 0;
  auto next = spike_steps.begin();
  for (std::size_t n = 0; n < steps; ++n) {
    v = first * i * second + v * am;
    const bool spike = next != spike_steps.end() && *next == n;
    if (spike) ++next;
    if (spike && cell.spikes_come_before_decay) i = i + cell.jump;
    i = i * bs;
    if (spike && !cell.spikes_come_before_decay) i = i + cell.jump;
    trace.v[n] = v, trace.i[n] = i;
  }
  return trace;
}

LambdaTrace euler_adjoint(const GridCell& cell, std::span<const double> drive) {
  const auto [tau_m, tau_s] = cell.tau;
  const double dt = cell.dt;
  LambdaTrace lambda;
  lambda.v.reserve(drive.size()), lambda.i.reserve(drive.size());
  double v = 0, i = 0;
  for (std::size_t n = drive.size(); n-- > 0;) {
    i = i + (v - i) / tau_s * dt;
    v = v + drive[n] / tau_m * dt - v / tau_m * dt;
    lambda.v.push_back(v), lambda.i.push_back(i);
  }
  return lambda;
}

LambdaTrace euler_adjoint_of_integral(const GridCell& cell, std::size_t steps) {
  const auto [tau_m, tau_s] = cell.tau;
  LambdaTrace lambda;
  double v = 0, i = 0;
  for (std::size_t n = 0; n < steps; ++n) {
    i = i + (v - i) / tau_s * cell.dt;
    v = v + (1 - v) / tau_m * cell.dt;
    lambda.v.push_back(v), lambda.i.push_back(i);
  }
  return lambda;
}

LambdaTrace centred_adjoint(const GridCell& cell, std::span<const double> drive) {
  const double am = std::exp(-cell.dt / cell.tau.membrane), bs = std::exp(-cell.dt / cell.tau.synapse);
  const double passed_on = psp(cell.tau, cell.dt) * cell.tau.membrane / cell.tau.synapse;
  LambdaTrace lambda;
  lambda.v.reserve(drive.size()), lambda.i.reserve(drive.size());
  double v = 0, i = 0;
  for (std::size_t n = drive.size(); n-- > 0;) {
    if (n + 1 < drive.size()) {
      const double d = 0.5 * (drive[n] + drive[n + 1]);
      i = d + (i - d) * bs + (v - d) * passed_on;
      v = d + (v - d) * am;
    }
    lambda.v.push_back(v), lambda.i.push_back(i);
  }
  return lambda;
}

std::vector<double> at_spikes(const LambdaTrace& lambda, std::span<const std::size_t> spike_steps) {
  std::vector<double> read;
  for (const std::size_t step : spike_steps) read.push_back(lambda.difference(lambda.v.size() - 1 - step));
  return read;
}

}  // namespace neurarium::anatomy
