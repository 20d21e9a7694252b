// Numbers as words of captions, tables and answers. (core/digits.hpp writes them for programs.)
#pragma once

#include <cmath>
#include <cstdio>
#include <string>

#include "neurarium/core/digits.hpp"

namespace neurarium {

/// "—" for what is no number; a true minus sign.
inline std::string rounded(double x, int digits) {
  if (!std::isfinite(x)) return "—";
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, std::abs(x));
  std::string text = buffer;
  const bool zero = text.find_first_not_of("0.") == std::string::npos;
  return x < 0 && !zero ? "−" + text : text;
}

/// short_digits() with a true minus sign.
inline std::string in_digits(double x, int significant = 6) {
  return (x < 0 ? "−" : "") + short_digits(std::abs(x), significant);
}

/// With a space that does not break.
inline std::string percent(double share, int digits = 0) {
  return std::isfinite(share) ? rounded(100 * share, digits) + "\u00a0%" : "—";
}

/// 50000 as "50,000"
inline std::string with_commas(std::size_t n) {
  std::string text = std::to_string(n);
  for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, ",");
  return text;
}

/// Three digits and a prefix: (0.0029, "s") as "2.90 ms"; µ, m, none, k, M, G.
inline std::string with_prefix(double x, const std::string& unit) {
  if (!std::isfinite(x) || x <= 0) return x == 0 ? "0\u00a0" + unit : "—";
  static constexpr const char* prefixes[] = {"µ", "m", "", "k", "M", "G"};
  int power = 0;
  for (x *= 1e6; x >= 999.5 && power < 5; x /= 1000) ++power;
  return rounded(x, x < 9.995 ? 2 : x < 99.95 ? 1 : 0) + "\u00a0" + prefixes[power] + unit;
}

}  // namespace neurarium
