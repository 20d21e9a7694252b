#include "neurarium/experiment/sweep_values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "neurarium/interchange/toml.hpp"

namespace neurarium {
namespace {

constexpr std::int64_t most_values = 100000;

/// What is wrong with a list of values; the caller knows where it stands.
struct BadValues {
  std::string what, mend;
};

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

/// At commas that stand in no brackets and no quotes.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) quote = c == quote ? '\0' : quote;
    else if (c == '"' || c == '\'') quote = c;
    else if (c == '(' || c == '[' || c == '{') ++depth;
    else if (c == ')' || c == ']' || c == '}') --depth;
    if (c == ',' && depth == 0 && quote == 0) parts.emplace_back();
    else parts.back() += c;
  }
  for (std::string& part : parts) part = trimmed(part);
  return parts;
}

/// digits · 10^−scale, exactly as written.
struct Decimal {
  std::int64_t digits = 0;
  int scale = 0;
  bool whole = true;  ///< written without point and exponent
};

std::optional<Decimal> decimal(const std::string& text) {
  Decimal number;
  std::string digits;
  std::size_t i = 0;
  const bool negative = i < text.size() && text[i] == '-';
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  bool point = false;
  for (; i < text.size() && (text[i] == '.' || (text[i] >= '0' && text[i] <= '9')); ++i) {
    if (text[i] != '.') digits += text[i], number.scale += point;
    else if (point) return std::nullopt;
    else point = true;
  }
  number.whole = !point;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    number.whole = false;
    int exponent = 0;
    const char* begin = text.data() + i + 1 + (i + 1 < text.size() && text[i + 1] == '+');
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), exponent);
    if (error != std::errc() || std::abs(exponent) > 300) return std::nullopt;
    number.scale -= exponent;
    i = static_cast<std::size_t>(end - text.data());
  }
  if (i != text.size() || digits.empty() || digits.size() > 17) return std::nullopt;
  std::from_chars(digits.data(), digits.data() + digits.size(), number.digits);
  if (negative) number.digits = -number.digits;
  return number;
}

/// The digits at another scale, or nothing if they do not fit.
std::optional<std::int64_t> at_scale(const Decimal& number, int scale) {
  std::int64_t digits = number.digits;
  for (int i = number.scale; i < scale; ++i)
    if (__builtin_mul_overflow(digits, 10, &digits)) return std::nullopt;
  return digits;
}

double decimal_value(std::int64_t digits, int scale) {
  const std::string text = std::to_string(digits) + "e" + std::to_string(-scale);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<Value> range(const std::vector<std::string>& arguments) {
  if (arguments.size() != 3)
    throw BadValues{"range takes three numbers, found " + std::to_string(arguments.size()),
                    "write range(start,stop,step)"};
  std::vector<Decimal> numbers;
  int scale = 0;
  for (const std::string& argument : arguments) {
    const auto number = decimal(argument);
    if (!number) throw BadValues{"'" + argument + "' in range() is not a number", "write range(start,stop,step)"};
    numbers.push_back(*number);
    scale = std::max(scale, number->scale);
  }
  const auto start = at_scale(numbers[0], scale), stop = at_scale(numbers[1], scale),
             step = at_scale(numbers[2], scale);
  std::int64_t span = 0;
  if (!start || !stop || !step || __builtin_sub_overflow(*stop, *start, &span))
    throw BadValues{"the numbers of range() are too far apart", "write the values one by one, or use logspace(a,b,n)"};
  if (*step == 0 || (span != 0 && (span < 0) != (*step < 0)))
    throw BadValues{"range(" + arguments[0] + "," + arguments[1] + "," + arguments[2] + ") never reaches its stop",
                    "the step must lead from start to stop"};
  const std::int64_t steps = span / *step;
  if (steps >= most_values) throw BadValues{"range() has more than 100000 values", "take a larger step"};
  const bool whole = std::ranges::all_of(numbers, &Decimal::whole);
  std::vector<Value> values;
  for (std::int64_t k = 0; k <= steps; ++k) {
    const std::int64_t digits = *start + k * *step;
    values.push_back(whole ? Value(digits) : Value(decimal_value(digits, scale)));
  }
  return values;
}

std::vector<Value> logspace(const std::vector<std::string>& arguments) {
  const BadValues usage{"logspace takes two exponents and a number of values", "write for example logspace(-4,-1,4)"};
  if (arguments.size() != 3) throw usage;
  const auto a = decimal(arguments[0]), b = decimal(arguments[1]), n = decimal(arguments[2]);
  if (!a || !b || !n) throw usage;
  if (!n->whole || n->digits < 1 || n->digits > most_values)
    throw BadValues{"'" + arguments[2] + "' values can't be made by logspace()", "ask for 1 to 100000"};
  const double first = decimal_value(a->digits, a->scale), last = decimal_value(b->digits, b->scale);
  if (std::abs(first) > 300 || std::abs(last) > 300)
    throw BadValues{"10 to the power of " + arguments[std::abs(first) > 300 ? 0 : 1] + " is no number",
                    "logspace takes exponents: logspace(-4,-1,4) is 1e-4 … 0.1"};
  std::vector<Value> values;
  for (std::int64_t k = 0; k < n->digits; ++k) {
    const double share = n->digits == 1 ? 0 : static_cast<double>(k) / static_cast<double>(n->digits - 1);
    const double exponent = first + share * (last - first), whole = std::round(exponent);
    // Where the exponent is whole but for rounding, the power is the number that people write.
    const bool exact = std::abs(exponent - whole) < 1e-12;
    values.emplace_back(exact ? decimal_value(1, -static_cast<int>(whole)) : std::pow(10.0, exponent));
  }
  return values;
}

/// "range(0,1,0.1)" → its arguments, if that is the function's name.
std::optional<std::vector<std::string>> arguments_of(const std::string& text, const std::string& function) {
  if (!text.starts_with(function + "(") || text.back() != ')') return std::nullopt;
  return split(text.substr(function.size() + 1, text.size() - function.size() - 2));
}

std::vector<Value> values_of_part(const std::string& text, const Location& where) {
  if (text.empty()) throw BadValues{"a value is missing between commas", "write for example 0,1,2"};
  if (const auto arguments = arguments_of(text, "range")) return range(*arguments);
  if (const auto arguments = arguments_of(text, "logspace")) return logspace(*arguments);
  return {parse_toml_literal(text, where)};
}

bool is_swept(const std::string& text) {
  return split(text).size() > 1 || arguments_of(text, "range") || arguments_of(text, "logspace");
}

}  // namespace

std::vector<Value> sweep_values(const std::string& text, const Location& where, const std::string& key) {
  std::vector<Value> values;
  try {
    for (const std::string& part : split(text)) {
      const std::vector<Value> more = values_of_part(part, where);
      values.insert(values.end(), more.begin(), more.end());
    }
  } catch (const BadValues& bad) {
    throw SpecError(std::vector<Fault>{{where, key, bad.what, bad.mend}});
  }
  for (Value& value : values) value.at_location(where);
  return values;
}

SweptWords swept_words(const std::vector<std::string>& words, std::span<const std::size_t> numbers) {
  SweptWords out;
  std::vector<Fault> faults;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t number = i < numbers.size() ? numbers[i] : i + 1, equals = words[i].find('=');
    if (equals == std::string::npos || equals == 0 || !is_swept(words[i].substr(equals + 1))) {
      out.others.push_back(words[i]);
      out.numbers.push_back(number);
      continue;
    }
    const Location where{"command line (argument " + std::to_string(number) + ")", 0, 0};
    const std::string key = words[i].substr(0, equals);
    try {
      out.axes.push_back({key, sweep_values(words[i].substr(equals + 1), where, key)});
    } catch (const SpecError& error) {
      faults.insert(faults.end(), error.faults().begin(), error.faults().end());
    }
  }
  if (!faults.empty()) throw SpecError(std::move(faults));
  return out;
}

}  // namespace neurarium
