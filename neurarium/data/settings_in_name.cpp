#include "neurarium/data/settings_in_name.hpp"

#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/toml.hpp"

namespace neurarium {

Value settings_in_name(const std::string& name, std::string_view kind, const std::string& example) {
  const std::string mend = "write for example " + example;
  if (!name.starts_with(kind) || name.size() <= kind.size() || name[kind.size()] != ':')
    throw SpecError("'" + name + "' names no data set of the kind " + std::string(kind), mend);
  Value table = parse_toml_literal("{" + name.substr(kind.size() + 1) + "}", {"data set '" + name + "'", 0, 0});
  if (!table.is_table()) throw SpecError("'" + name + "': expected settings behind the colon", mend);
  return table;
}

std::string name_with_settings(std::string_view kind, const Schema& schema, const void* params, const void* defaults,
                               std::string_view always) {
  std::string settings;
  for (const FieldInfo& field : schema.fields()) {
    const std::string value = to_json(field.get(params), -1);
    if (field.name == always || value != to_json(field.get(defaults), -1))
      settings += (settings.empty() ? "" : ",") + field.name + '=' + value;
  }
  return std::string(kind) + ":" + settings;
}

}  // namespace neurarium
