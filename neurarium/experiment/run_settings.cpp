#include "neurarium/experiment/run_settings.hpp"

namespace neurarium {
namespace {

void visit_below(Value& settings, const Schema& schema, const std::string& path,
                 const std::function<void(const std::string&, Value&)>& visit) {
  for (const FieldInfo& field : schema.fields()) {
    Value* value = settings.find(field.name);
    if (!value) continue;
    const std::string key = path + field.name;
    if (field.kind == FieldKind::section && value->is_table()) visit_below(*value, *field.section, key + '.', visit);
    if (!field.names_run) continue;
    if (value->is_text() && !value->as_text().empty()) visit(key, *value);
    if (!value->is_list()) continue;
    for (std::size_t i = 0; i < value->as_list().size(); ++i)
      if (Value& item = value->as_list()[i]; item.is_text() && !item.as_text().empty())
        visit(key + '.' + std::to_string(i), item);
  }
}

}  // namespace

void for_each_run(Value& settings, const Schema& schema, const std::function<void(const std::string&, Value&)>& visit) {
  visit_below(settings, schema, {}, visit);
}

}  // namespace neurarium
