// How shares of a few runs are said, in per cent and points with so many digits: standard deviations are those of the sample (ddof 1),
// intervals those of sample_statistics.hpp.
#pragma once

#include <string>

#include "neurarium/core/value.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {

/// "76.3 ± 3.1"; one number has no deviation.
std::string mean_and_sd(std::span<const double> shares, int digits = 1);
/// "26.1 (15.0 … 37.2)", in points; without brackets if there is no interval.
std::string in_points(const MeanDifference& difference, int digits = 1);
/// "(75.1 … 77.5)", the 95 % interval of the mean; "—" for fewer than two.
std::string interval(std::span<const double> shares, int digits = 1);
/// "70.1, 72.3"
std::string every_one(std::span<const double> shares, int digits = 1);

/// mean, low, high, as a figure's value; the mean alone if there is no interval.
Value with_ends(const MeanDifference& difference);

}  // namespace neurarium
