#include "neurarium/nn/sign_report.hpp"

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "neurarium/nn/model.hpp"
#include "neurarium/nn/sign_constraint.hpp"

namespace neurarium {

double SynapticBalance::balance() const noexcept {
  const double all = excitatory_sum - inhibitory_sum;
  return all > 0 ? (excitatory_sum + inhibitory_sum) / all : 0;
}

namespace {
void add_spectrum(SignReport& report, const Tensor<double>& w, std::size_t rows) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto size = [](std::size_t n) { return static_cast<Eigen::Index>(n); };
  if (w.size() == 0) return;
  const Eigen::Map<const Matrix> matrix(w.data(), size(rows), size(w.size() / rows));
  const Eigen::BDCSVD<Matrix> decomposition(matrix);
  const auto& values = decomposition.singularValues();
  report.singular_values.assign(values.begin(), values.end());
  const double sum = values.sum();
  for (const double value : report.singular_values)
    if (value > 0) report.spectral_entropy -= value / sum * std::log(value / sum);
  if (values.size() > 1) report.spectral_entropy /= std::log(static_cast<double>(values.size()));
}
}  // namespace

SignReport sign_report(ArrayView weights, std::span<const signed char> signs, std::size_t post_axis) {
  if (signs.size() != weights.size() || weights.shape().axes() < 2)
    throw ShapeError("sign_report", "weights [post, pre, …] and a sign for each",
                     to_string(weights.shape()) + " and " + std::to_string(signs.size()) + " signs");
  if (const std::size_t bad = first_non_finite(weights); bad < weights.size())
    throw NumericError("sign_report", NumericError::no_step, bad);
  const Tensor<double> w = to_tensor<double>(weights);
  const SynapseMap map = SynapseMap::of(w.shape(), 1 - post_axis);
  SignReport report;
  report.balance.resize(map.postsynaptic_units());
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double value = w.flat()[i];
    SynapticBalance& to = report.balance[map.postsynaptic(i)];
    if (value > 0) ++to.excitatory, to.excitatory_sum += value;
    if (value < 0) ++to.inhibitory, to.inhibitory_sum += value;
    if (signs[i] == 0) continue;
    ++report.constrained;
    if (signs[i] * value < 0) {
      ++report.violations;
      report.largest_violation = std::max(report.largest_violation, std::abs(value));
    }
  }
  add_spectrum(report, w, w.shape()[0]);
  return report;
}

SignReport sign_report(const NamedView& parameter) {
  const std::size_t post_axis = parameter.signs ? 1 - parameter.signs->synapses.axis : 0;
  return sign_report(effective_weights(parameter), signs_of(parameter), post_axis);
}

}  // namespace neurarium
