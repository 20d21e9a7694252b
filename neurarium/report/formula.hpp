// Formulas that a page evaluates when its reader moves a slider.
//
// Sums, products, powers and functions of x, y, t and the sliders' names: "(w1 * x + w2 * y + b) * exp(-(x * x) / (s * s))".
// Functions are abs, cos, exp, log, max, min, pow, sign, sin, sqrt, tanh, as JavaScript's Math has them. The page reads formulas
// itself (report/page.js); nothing in them is run as a script.
#pragma once

#include <string>

#include "neurarium/nn/result.hpp"

namespace neurarium {

/// Throws a DataError naming `where` unless every word of `formula` is known and every sign is one of + - * / ( ) , and .
void require_formula(const std::string& formula, const std::vector<Slider>& sliders, const std::string& where);

}  // namespace neurarium
