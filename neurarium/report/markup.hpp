// Markup: texts, numbers and bytes as they stand in a page.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "neurarium/core/value.hpp"

namespace neurarium {

/// For text and quoted attributes: & < > " ' become entities; control characters other than tab and newline are left
/// out.
std::string escape_html(std::string_view text);
/// As escape_html, for running text: a number and its percent sign stay on one line.
std::string escape_prose(std::string_view text);
/// JSON for a <script type="application/json">: as to_json, with < > & as \u escapes, so that no tag can end the
/// script.
std::string json_for_script(const Value& value);
std::string base64(std::span<const std::byte> bytes);
/// Packed as a gzip file without a time.
std::string gzip(std::string_view content);

/// A number for people: `digits` significant digits, trailing zeros left out, "50,000" for whole numbers.
std::string format_number(double value, int digits = 6);
/// Any value for people, not yet escaped; long lists are cut with their length.
std::string format_value(const Value& value, int digits = 6);
/// "0.42 s", "12.3 s", "3 min 20 s", "1 h 5 min"
std::string format_seconds(double seconds);
/// "topographic-map" → "Topographic map"; words that are spelt in a way of their own are so here: "digit-cnn" → "Digit CNN"
std::string heading_of(std::string_view name);

}  // namespace neurarium
