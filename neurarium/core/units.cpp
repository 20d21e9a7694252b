#include "neurarium/core/units.hpp"

#include <charconv>
#include <numbers>

namespace neurarium {
namespace {

enum class Dimension { time, frequency, voltage, angle, share };
struct Unit {
  std::string_view name;
  Dimension dimension;
  double factor;  // to the dimension's base unit
};
constexpr Unit units[] = {
    {"s", Dimension::time, 1},
    {"ms", Dimension::time, 1e-3},
    {"us", Dimension::time, 1e-6},
    {"ns", Dimension::time, 1e-9},
    {"Hz", Dimension::frequency, 1},
    {"kHz", Dimension::frequency, 1e3},
    {"MHz", Dimension::frequency, 1e6},
    {"V", Dimension::voltage, 1},
    {"mV", Dimension::voltage, 1e-3},
    {"rad", Dimension::angle, 1},
    {"deg", Dimension::angle, std::numbers::pi / 180},
    {"1", Dimension::share, 1},
    {"%", Dimension::share, 1e-2},
};

const Unit* find_unit(std::string_view name) {
  for (const Unit& unit : units)
    if (unit.name == name) return &unit;
  return nullptr;
}

void drop_spaces(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
}

/// The number that `text` begins with, which is taken off.
std::optional<double> take_number(std::string_view& text) {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  drop_spaces(text);
  return number;
}

}  // namespace

std::optional<double> parse_quantity(std::string_view text, std::string_view unit) {
  drop_spaces(text);
  std::optional<double> number = take_number(text);
  if (number && text.starts_with('/')) {
    text.remove_prefix(1);
    drop_spaces(text);
    const std::optional<double> divisor = take_number(text);
    if (!divisor || *divisor == 0) return std::nullopt;
    *number /= *divisor;
  }
  if (!number || text.empty() || text == unit) return number;
  const Unit* from = find_unit(text);
  const Unit* to = find_unit(unit.empty() ? "1" : unit);
  if (!from || !to || from->dimension != to->dimension) return std::nullopt;
  // Dividing by the inverse keeps "20 ms" equal to 0.02 to the last bit (20 / 1000, not 20 * 0.001).
  const double ratio = from->factor / to->factor;
  return ratio < 1 ? *number / (to->factor / from->factor) : *number * ratio;
}

}  // namespace neurarium
