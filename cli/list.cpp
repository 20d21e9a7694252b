// neurarium list: what an experiment can name.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <iostream>

#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "neurarium/experiment/presets.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

std::vector<std::string> presets_of(const std::string& study) {
  std::vector<std::string> names;
  for (const Preset& preset : builtin_presets())
    if (preset.study == study) names.emplace_back(preset.name);
  return names;
}

/// Studies first: they are what people run.
std::vector<std::string> kinds_of(const CliContext& context, const std::string& kind) {
  auto kinds = context.registry.kinds();
  if (const auto study = std::ranges::find(kinds, "study"); study != kinds.end())
    std::rotate(kinds.begin(), study, study + 1);
  if (kind.empty()) return kinds;
  if (std::ranges::find(kinds, kind) != kinds.end()) return {kind};
  if (kind.ends_with("s") && std::ranges::find(kinds, kind.substr(0, kind.size() - 1)) != kinds.end())
    return {kind.substr(0, kind.size() - 1)};
  if (kind == "studies") return {"study"};
  std::string known;
  for (const std::string& word : kinds) known += (known.empty() ? "" : ", ") + word;
  throw SpecError("there is no kind '" + kind + "'", "kinds: " + known);
}

ExitCode list(const CliContext& context, const std::string& only) {
  Value all = Value::table();
  std::string text;
  for (const std::string& kind : kinds_of(context, only)) {
    std::vector<std::vector<std::string>> rows;
    Value::List entries;
    for (const std::string& name : context.registry.names(kind)) {
      const auto* entry = context.registry.find(kind, name);
      Value item = Value::table();
      item.set("name", name);
      item.set("doc", entry->doc);
      rows.push_back({name, entry->doc});
      if (kind == "study") {
        const auto presets = presets_of(name);
        item.set("presets", Value::List(presets.begin(), presets.end()));
        std::string names;
        for (const std::string& preset : presets) names += (names.empty() ? "presets: " : ", ") + preset;
        if (!names.empty()) rows.push_back({"", names});
      }
      entries.push_back(std::move(item));
    }
    text += kind + '\n' + table_text(rows, "  ");
    all.set(kind, std::move(entries));
  }
  std::cout << (context.json ? to_json(all) + "\n" : text);
  if (!context.json && only.empty() && !context.quiet)
    std::cerr << "`neurarium describe NAME` shows what each can be told; `neurarium data list` shows the data sets\n";
  return ExitCode::done;
}

}  // namespace

void add_list_verb(CLI::App& app, CliContext& context) {
  auto kind = std::make_shared<std::string>();
  CLI::App* verb = add_verb(app, "list", "What there is: studies with their presets, models, layers, …",
                            {"neurarium list", "neurarium list study", "neurarium list --json"});
  verb->add_option("KIND", *kind, "Only this kind: study, model, layer, loss, optimiser, …");
  verb->add_flag("--json", context.json, "One JSON object on stdout");
  verb->callback([&context, kind] { context.action = [&context, kind] { return list(context, *kind); }; });
}

}  // namespace neurarium
