// Formulas that a page evaluates when its reader moves a slider, "(w1 * x + w2 * y + b) * exp(-(x * x) / (s * s))":
//
//   sum = product {(+ | −) product},   product = factor {(* | /) factor},
//   factor = number | variable | function(sum {, sum}) | (sum) | −factor
// Functions are abs, cos, exp, log, sign, sin, sqrt, tanh of one number, pow of two, max and min of any, as JavaScript's Math has
// them. The page reads formulas by the same grammar (report/page.js); nothing in them is run as a script.
#pragma once

#include <string>
#include <vector>

namespace neurarium {

/// Throws a DataError naming `where` unless `formula` is one, and all its variables are among those given.
void require_formula(const std::string& formula, const std::vector<std::string>& variables, const std::string& where);

/// Throws a DataError unless a slider may be called so: small letters, digits and _, no function, none of x, y and t.
void require_slider_name(const std::string& name, const std::string& where);

}  // namespace neurarium
