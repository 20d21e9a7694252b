#include "neurarium/report/formula.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace neurarium {
namespace {

constexpr std::array<std::string_view, 14> words = {"x",   "y",   "t",   "abs",  "cos", "exp",  "log",
                                                    "max", "min", "pow", "sign", "sin", "sqrt", "tanh"};
constexpr std::string_view signs = "+-*/(),. ";

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }

}  // namespace

void require_formula(const std::string& formula, const std::vector<Slider>& sliders, const std::string& where) {
  const auto fail = [&](const std::string& what) {
    throw DataError(where, "a formula has " + what + ": " + formula,
                    "use numbers, sliders, x, y, t and plain functions");
  };
  const auto known = [&](std::string_view word) {
    return std::ranges::count(words, word) > 0 ||
           std::ranges::any_of(sliders, [&](const Slider& slider) { return slider.name == word; });
  };
  for (std::size_t i = 0; i < formula.size();) {
    if (is_digit(formula[i])) {  // 1, 0.5, 1e9, 1e-9
      while (i < formula.size() && is_digit(formula[i])) ++i;
      if (i + 1 < formula.size() && formula[i] == '.' && is_digit(formula[i + 1])) ++i;
      while (i < formula.size() && is_digit(formula[i])) ++i;
      if (i < formula.size() && formula[i] == 'e') {
        const std::size_t digits = i + 1 < formula.size() && formula[i + 1] == '-' ? i + 2 : i + 1;
        if (digits < formula.size() && is_digit(formula[digits])) i = digits;
      }
      while (i < formula.size() && is_digit(formula[i])) ++i;
    } else if (is_letter(formula[i])) {
      const std::size_t first = i;
      while (i < formula.size() && (is_letter(formula[i]) || is_digit(formula[i]))) ++i;
      const std::string word = formula.substr(first, i - first);
      if (!known(word)) fail("the unknown word '" + word + "'");
    } else if (signs.find(formula[i]) != std::string_view::npos) {
      // ".constructor" and the like: a point only stands in a number
      if (formula[i] == '.') fail("a point outside of a number");
      ++i;
    } else {
      fail("the sign '" + formula.substr(i, 1) + "'");
    }
  }
}

}  // namespace neurarium
