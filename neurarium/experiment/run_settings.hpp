// The settings of an experiment that name runs (Field::names_run), wherever they stand: at the top, in sections, in lists.
#pragma once

#include <functional>
#include <string>

#include "neurarium/core/schema.hpp"

namespace neurarium {

/// Shows each text that names a run, with its dotted key ("run", "compare.runs.1"); empty ones are none.
void for_each_run(Value& settings, const Schema& schema, const std::function<void(const std::string&, Value&)>& visit);

}  // namespace neurarium
