// Quantiles of a list of numbers.
#pragma once

#include <vector>

namespace neurarium {

/// By linear interpolation between order statistics (NumPy's default); share in [0, 1], no NaN. InternalError for no numbers.
double quantile(std::vector<double> numbers, double share);

}  // namespace neurarium
