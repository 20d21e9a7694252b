// Quantiles of a list of numbers.
#pragma once

#include <span>
#include <vector>

namespace neurarium {

/// By linear interpolation between order statistics (NumPy's default); share in [0, 1], no NaN. InternalError for no numbers.
double quantile(std::vector<double> numbers, double share);
/// The same of numbers in rising order: for many quantiles of one list.
double quantile_of_sorted(std::span<const double> numbers, double share);

}  // namespace neurarium
