#include "neurarium/experiment/describe.hpp"

#include <cmath>

namespace neurarium {
namespace {

Value describe_fields(const Schema& schema, const Value& defaults) {
  Value::List out;
  for (const FieldInfo& field : schema.fields()) {
    Value entry = Value::table();
    entry.set("name", field.name);
    entry.set("kind", std::string(name_of(field.kind)));
    entry.set("doc", field.doc);
    if (!field.unit.empty()) entry.set("unit", field.unit);
    if (const std::string range = field.range_text(); !range.empty()) entry.set("range", range);
    if (std::isfinite(field.minimum)) {
      entry.set("minimum", field.minimum);
      if (field.minimum_excluded) entry.set("minimum_excluded", true);
    }
    if (std::isfinite(field.maximum)) {
      entry.set("maximum", field.maximum);
      if (field.maximum_excluded) entry.set("maximum_excluded", true);
    }
    if (!field.choices.empty()) entry.set("choices", Value::List(field.choices.begin(), field.choices.end()));
    if (!field.component_kind.empty()) entry.set("component_kind", field.component_kind);
    const Value* standard = defaults.find(field.name);
    if (field.kind == FieldKind::section) {
      entry.set("fields", describe_fields(*field.section, standard ? *standard : Value::table()));
    } else if (standard) {
      entry.set("default", *standard);
    }
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

Value describe(const Registry::Entry& entry) {
  Value out = Value::table();
  out.set("kind", entry.kind);
  out.set("type", entry.type);
  out.set("doc", entry.doc);
  out.set("fields", describe_fields(entry.schema, entry.schema.defaults()));
  return out;
}

Value describe_all(const Registry& registry) {
  Value::List entries;
  for (const std::string& kind : registry.kinds())
    for (const std::string& type : registry.names(kind)) entries.push_back(describe(*registry.find(kind, type)));
  Value out = Value::table();
  out.set("version", NEURARIUM_VERSION);
  out.set("entries", std::move(entries));
  return out;
}

}  // namespace neurarium
