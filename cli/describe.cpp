// neurarium describe: what a part can be told.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>

#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "neurarium/experiment/describe.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

std::vector<const Registry::Entry*> find_entries(const Registry& registry, const std::string& name) {
  std::vector<const Registry::Entry*> found;
  std::vector<std::string> known;
  for (const std::string& kind : registry.kinds())
    for (const std::string& type : registry.names(kind)) {
      known.push_back(type);
      if (type == name || kind + "/" + type == name) found.push_back(registry.find(kind, type));
    }
  if (!found.empty()) return found;
  const std::string near = nearest(name, known);
  throw SpecError("nothing is called '" + name + "'",
                  near.empty() ? "`neurarium list` shows what there is" : "did you mean '" + near + "'?");
}

std::string default_text(const Value& value) {
  if (value.is_table())
    if (const Value* type = value.find("type"); type && type->is_text())
      return value.as_table().size() == 1 ? type->as_text() : type->as_text() + " …";
  return to_json(value, -1);
}

void add_rows(const Value& fields, const std::string& prefix, std::vector<std::vector<std::string>>& rows) {
  const auto text = [](const Value& field, const char* key) {
    const Value* value = field.find(key);
    return value ? value->as_text() : std::string();
  };
  for (const Value& field : fields.as_list()) {
    if (const Value* inner = field.find("fields")) {
      rows.push_back({prefix + text(field, "name"), "", "", text(field, "doc")});
      add_rows(*inner, prefix + text(field, "name") + ".", rows);
      continue;
    }
    std::string kind = text(field, "kind");
    if (const std::string component = text(field, "component_kind"); !component.empty()) kind = component;
    if (const std::string unit = text(field, "unit"); !unit.empty()) kind += " [" + unit + "]";
    if (const std::string range = text(field, "range"); !range.empty()) kind += " " + range;
    if (const Value* choices = field.find("choices")) {
      kind.clear();
      for (const Value& choice : choices->as_list()) kind += (kind.empty() ? "" : " | ") + choice.as_text();
    }
    const Value* standard = field.find("default");
    rows.push_back({prefix + text(field, "name"), standard ? default_text(*standard) : "", kind, text(field, "doc")});
  }
}

ExitCode describe_verb(const CliContext& context, const std::string& name) {
  if (name.empty()) {
    if (!context.json)
      throw SpecError("nothing to describe was named",
                      "`neurarium list` shows what there is; --json alone describes everything");
    std::cout << to_json(describe_all(context.registry)) << '\n';
    return ExitCode::done;
  }
  const auto entries = find_entries(context.registry, name);
  if (context.json && entries.size() > 1)
    throw SpecError("'" + name + "' is both " + entries[0]->kind + " and " + entries[1]->kind,
                    "write " + entries[0]->kind + "/" + name);
  for (const Registry::Entry* entry : entries) {
    const Value description = describe(*entry);
    if (context.json) {
      std::cout << to_json(description) << '\n';
      continue;
    }
    std::vector<std::vector<std::string>> rows = {{"key", "default", "takes", "meaning"}};
    add_rows(description.at("fields"), "", rows);
    std::cout << entry->kind << ' ' << entry->type << ": " << entry->doc << '\n'
              << (rows.size() > 1 ? table_text(rows, "  ") : "  takes no settings\n");
  }
  return ExitCode::done;
}

}  // namespace

void add_describe_verb(CLI::App& app, CliContext& context) {
  auto name = std::make_shared<std::string>();
  CLI::App* verb =
      add_verb(app, "describe", "What a study, model, layer, … can be told",
               {"neurarium describe topographic-map", "neurarium describe layer/dense", "neurarium describe --json"});
  verb->add_option("NAME", *name, "Its name, or KIND/NAME");
  verb->add_flag("--json", context.json, "One JSON object on stdout; without NAME it describes everything");
  verb->callback([&context, name] { context.action = [&context, name] { return describe_verb(context, *name); }; });
}

}  // namespace neurarium
