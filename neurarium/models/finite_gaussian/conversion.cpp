#include "neurarium/models/finite_gaussian/conversion.hpp"

#include "neurarium/core/errors.hpp"

namespace neurarium {

std::vector<double> nearest_zero(std::span<const double> weights, double bias, const std::string& unit) {
  double square = 0;
  for (const double w : weights) square += w * w;
  if (square == 0)
    throw SpecError(unit + ": all weights are 0, so there is no line where it is 0, and no centre on it",
                    "give at least one weight that is not 0");
  std::vector<double> centre;
  for (const double w : weights) centre.push_back(bias == 0 ? 0 : -(bias / square) * w);
  return centre;
}

double bias_through(std::span<const double> weights, std::span<const double> centre) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * centre[i];
  return -sum;
}

}  // namespace neurarium
