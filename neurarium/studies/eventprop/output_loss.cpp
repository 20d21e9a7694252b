#include "neurarium/studies/eventprop/output_loss.hpp"

#include <cmath>

namespace neurarium::anatomy {

// In each, e^v may become infinite: then the exponentials are taken the other way round.
namespace {
constexpr double large = 700;
}

double OutputLoss::loss(double v) const {
  const double others = static_cast<double>(outputs - 1);
  const double log_sum =
      v > 0 ? v + std::log1p(others * std::exp(-v)) : std::log(others) + std::log1p(std::exp(v) / others);
  return correct ? log_sum - v : log_sum;
}

double OutputLoss::drive(double v) const {
  // In the notebook's order of operations: its printed digits depend on it.
  const double others = static_cast<double>(outputs - 1);
  const double p = v > large ? 1 / (1 + others * std::exp(-v)) : std::exp(v) / (std::exp(v) + others);
  return correct ? 1.0 - p : -p;
}

double OutputLoss::drive_of_resting(double v) const {
  const double others = static_cast<double>(outputs - 1);
  return v > large ? -std::exp(-v) : -1 / (std::exp(v) + others);
}

}  // namespace neurarium::anatomy
