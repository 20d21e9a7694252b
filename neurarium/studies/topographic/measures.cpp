#include "neurarium/studies/topographic/measures.hpp"

#include <algorithm>
#include <cmath>

namespace neurarium {
namespace {

constexpr double smallest = 1e-10;  // the rule's precision: divisor of q, and the largest weight that becomes 0

/// (1 − ⟨o⟩² / ⟨o²⟩) / (1 − 1/n) of n activities.
double sparseness(double sum, double squares, double n) {
  if (n < 2) return 0;
  const double mean = sum / n;
  return (1 - mean * mean / std::max(squares / n, 1e-30)) / (1 - 1 / n);
}

}  // namespace

CodeMeasures measure_code(ArrayView v_in, ArrayView o_in, ArrayView r_in, const Grid& grid) {
  const Tensor<double> v = to_tensor<double>(v_in), o = to_tensor<double>(o_in), r = to_tensor<double>(r_in);
  const std::size_t images = v.shape()[0], units = grid.units();
  if (o.shape() != Shape{images, units})
    throw ShapeError("activity", to_string(Shape{images, units}), to_string(o.shape()));
  if (r.size() != v.size()) throw ShapeError("reconstruction", to_string(v.shape()), to_string(r.shape()));
  const double n_images = static_cast<double>(images), n_units = static_cast<double>(units);
  CodeMeasures m;
  double power = 0, error = 0, gain_error = 0, activity = 0, border = 0;
  std::vector<double> unit_sum(units, 0.0), unit_squares(units, 0.0);
  for (std::size_t i = 0; i < images; ++i) {
    const auto image = v.view()[i].flat(), rebuilt = r.view()[i].flat(), code = o.view()[i].flat();
    double vv = 0, vr = 0, rr = 0, difference = 0, divergence = 0;
    for (std::size_t j = 0; j < image.size(); ++j) {
      const double a = image[j], b = rebuilt[j];
      vv += a * a, vr += a * b, rr += b * b, difference += (a - b) * (a - b);
      divergence += (a > 0 ? a * std::log(a / std::max(b, smallest)) : 0.0) - a + b;
    }
    power += vv;
    error += difference;
    gain_error += rr > 0 ? std::max(0.0, vv - vr * vr / rr) : vv;
    m.divergence += divergence / n_images;
    std::size_t on = 0;
    double sum = 0, squares = 0;
    for (std::size_t n = 0; n < units; ++n) {
      const double x = code[n];
      sum += x, squares += x * x;
      unit_sum[n] += x, unit_squares[n] += x * x;
      if (grid.row(n) == grid.rows - 1 || grid.column(n) == grid.columns - 1) border += x;
      on += x > 0.5;
    }
    activity += sum;
    m.population_sparseness += sparseness(sum, squares, n_units) / n_images;
    const double share = static_cast<double>(on) / n_units;
    m.max_share_on = std::max(m.max_share_on, share);
    m.mean_share_on += share / n_images;
    m.silent_images += share < 0.005;
    m.units_on.push_back(on);
  }
  m.silent_images /= n_images;
  m.mean_activity = activity / (n_images * n_units);
  m.border_activity = border / (n_images * static_cast<double>(grid.rows + grid.columns - 1));
  m.snr_db = 10 * std::log10(power / error);
  m.gain_corrected_snr_db = 10 * std::log10(power / gain_error);
  for (std::size_t n = 0; n < units; ++n) {
    m.lifetime_sparseness += sparseness(unit_sum[n], unit_squares[n], n_images) / n_units;
    m.dead_units += unit_sum[n] / n_images < 1e-3;
  }
  return m;
}

WeightMeasures measure_weights(ArrayView weights) {
  const Tensor<double> w = to_tensor<double>(weights);
  const std::size_t units = w.shape()[0], inputs = w.size() / units;
  const double root = std::sqrt(static_cast<double>(inputs));
  WeightMeasures m;
  for (std::size_t n = 0; n < units; ++n) {
    double sum = 0, squares = 0;
    for (const double x : w.view()[n].flat()) {
      sum += std::abs(x), squares += x * x;
      m.share_zero += x <= smallest;
      m.share_above_one += x > 1;
      m.largest = std::max(m.largest, x);
    }
    // A unit without any weight is as sparse as can be.
    if (inputs > 1) m.hoyer_sparseness += squares > 0 ? (root - sum / std::sqrt(squares)) / (root - 1) : 1;
  }
  m.share_zero /= static_cast<double>(w.size());
  m.share_above_one /= static_cast<double>(w.size());
  m.hoyer_sparseness /= static_cast<double>(units);
  return m;
}

}  // namespace neurarium
