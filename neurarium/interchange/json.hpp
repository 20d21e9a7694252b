// JSON ↔ Value.
//   Reading: RFC 8259, UTF-8, no comments. Keys keep their order; every value remembers its line and column. Refused with
//   a DataError (byte offset, line, column): damage, a key written twice, more than 200 levels, anything after the end.
//   Whole numbers that fit int64 stay whole; larger ones become the nearest double.
//   Writing: keys in order; NaN and infinities, which JSON does not have, become null; doubles have the fewest digits
//   that read back to the same bits and always show a point or exponent, so that 1.0 stays a number and 1 stays whole;
//   an array becomes nested lists; bytes that are not UTF-8 become U+FFFD.
#pragma once

#include <string>
#include <string_view>

#include "neurarium/core/value.hpp"

namespace neurarium {

/// `source` is what messages call the text: a file name.
Value parse_json(std::string_view text, const std::string& source);

/// `indent` spaces per level, lists of plain values on one line; a negative indent puts everything on one line.
std::string to_json(const Value& value, int indent = 2);

}  // namespace neurarium
