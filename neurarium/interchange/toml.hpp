// TOML ↔ Value.
//   Reading: TOML 1.0, keys in the order written; every value remembers its line and column. Syntax errors, keys written
//   twice and dates (which nothing here uses) are a SpecError with file, line and column.
//   Writing: keys in the order given, plain values before tables; tables as [a.b], lists of tables as [[a.b]], inline
//   tables only inside mixed lists. Doubles have the fewest digits that read back to the same bits and always read back
//   as doubles. Empty values ("nothing") are left out; an array becomes nested lists.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "neurarium/core/value.hpp"

namespace neurarium {

/// `source` is what messages call the text: a file name.
Value parse_toml(std::string_view text, const std::string& source);

/// One value as on a command line: a TOML literal (1e-3, true, "text", [1, 2], {a = 1}), a list of bare words [a,b], or
/// else the text as it stands.
Value parse_toml_literal(std::string_view text, const Location& where);

/// `comment`, if given, is asked for each plain value (dotted path) what to write behind it; "" writes nothing.
using TomlComment = std::function<std::string(const std::string& path, const Value& value)>;
std::string to_toml(const Value& table, const TomlComment& comment = {});

}  // namespace neurarium
