#include "neurarium/models/finite_gaussian/conversion.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/errors.hpp"

namespace neurarium {

std::vector<double> nearest_zero(std::span<const double> weights, double bias, const std::string& unit) {
  double largest = 0;
  for (const double w : weights) largest = std::max(largest, std::abs(w));
  if (largest == 0)
    throw SpecError(unit + ": all weights are 0, so there is no line where it is 0, and no centre on it",
                    "give at least one weight that is not 0");
  double square = 0;  // of w / largest: squares of tiny and huge weights stay numbers
  for (const double w : weights) square += (w / largest) * (w / largest);
  std::vector<double> centre;
  for (const double w : weights) centre.push_back(bias == 0 ? 0 : -(bias / largest / square) * (w / largest));
  return centre;
}

double bias_through(std::span<const double> weights, std::span<const double> centre) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * centre[i];
  return -sum;
}

}  // namespace neurarium
