// Schemas as data: what `neurarium describe --json` prints and what Python classes and the documentation are made from.
#pragma once

#include "neurarium/core/registry.hpp"

namespace neurarium {

/// {kind, type, doc, fields: [{name, kind, doc, unit?, range?, minimum?, maximum?, minimum_excluded?, maximum_excluded?,
/// choices?, component_kind?, default, fields? (of a section)}]}. Keys with `?` are left out when they say nothing.
Value describe(const Registry::Entry& entry);

/// {version, entries: [describe(…), …]}, by kind and name.
Value describe_all(const Registry& registry);

}  // namespace neurarium
