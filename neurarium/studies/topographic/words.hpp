// Numbers as words of captions and tables.
#pragma once

#include <cmath>
#include <cstdio>
#include <string>

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

/// "< 0.001" below that, else three decimals.
inline std::string p_value(double p) { return p < 0.001 ? "< 0.001" : rounded(p, 3); }

}  // namespace neurarium
