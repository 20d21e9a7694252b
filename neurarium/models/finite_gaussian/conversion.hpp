// A classical unit becomes a finite Gaussian one, and comes back.
//
//   c = −b w / |w|²      the point of the hyperplane w·x + b = 0 that is nearest to the origin
//   b = −w · c           back; exact for every c on the hyperplane
// Source: the founding notebook; Felix Grezes, "Finite Gaussian Neurons", arXiv 2306.07796.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace neurarium {

/// c for one unit. SpecError naming `unit` if w = 0: there is no hyperplane.
std::vector<double> nearest_zero(std::span<const double> weights, double bias, const std::string& unit);
/// b for one unit.
double bias_through(std::span<const double> weights, std::span<const double> centre);

}  // namespace neurarium
