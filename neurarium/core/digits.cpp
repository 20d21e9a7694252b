#include "neurarium/core/digits.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace neurarium {

std::string exact_digits(double x) {
  std::array<char, 40> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), x).ptr};
}

std::string short_digits(double x, int significant) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*g", significant, x);
  return text.data();
}

}  // namespace neurarium
