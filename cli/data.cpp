// neurarium data: the data sets known by name, and how they get onto this machine.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>

#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/report/plotly.hpp"

namespace neurarium {
namespace {

struct DataVerb {
  std::string name, data_dir;
  std::vector<std::string> names;
  std::filesystem::path home() const {
    return data_dir.empty() ? default_data_home() : std::filesystem::path(data_dir);
  }
};

/// `get` and `info` also know the library that draws the charts of a report.
const CatalogueEntry& entry_named(const std::string& name) {
  return name == plotly_entry().name ? plotly_entry() : catalogue_entry(name);
}
bool is_here(const CatalogueEntry& entry, const std::filesystem::path& home) {
  return entry.name == plotly_entry().name ? find_plotly(home).has_value() : is_present(entry.name, home);
}

std::string size_text(std::uint64_t bytes) {
  return bytes >= 1'000'000 ? std::to_string((bytes + 500'000) / 1'000'000) + " MB" : std::to_string(bytes) + " B";
}

std::string source_text(const CatalogueEntry& entry) {
  if (entry.kind == "built-in") return "built in";
  return (entry.kind == "npm" ? "npm package " : "Debian package ") + entry.package + " " + entry.version;
}

std::string samples_text(const CatalogueEntry& entry) {
  return std::to_string(entry.train_samples) + (entry.test_samples ? " + " + std::to_string(entry.test_samples) : "");
}

Value to_value(const CatalogueEntry& entry, const std::filesystem::path& home) {
  Value value = Value::table();
  value.set("name", entry.name);
  value.set("doc", entry.doc);
  value.set("sample", entry.shape);
  value.set("train_samples", entry.train_samples);
  value.set("test_samples", entry.test_samples);
  Value classes = Value::list();
  for (const std::string& name : entry.classes) classes.as_list().emplace_back(name);
  value.set("classes", std::move(classes));
  value.set("source", source_text(entry));
  value.set("licence", entry.licence);
  value.set("citation", entry.citation);
  value.set("download_bytes", entry.archive_bytes);
  value.set("bytes", entry.bytes());
  value.set("present", is_here(entry, home));
  value.set("folder", (home / entry.name).string());
  Value files = Value::list();
  for (const CatalogueFile& file : entry.files) {
    Value item = Value::table();
    item.set("name", file.name);
    item.set("bytes", file.bytes);
    item.set("sha256", file.sha256);
    files.as_list().push_back(std::move(item));
  }
  value.set("files", std::move(files));
  return value;
}

ExitCode list(const CliContext& context, const DataVerb& verb) {
  const auto home = verb.home();
  if (context.json) {
    Value sets = Value::list();
    for (const CatalogueEntry& entry : catalogue()) sets.as_list().push_back(to_value(entry, home));
    Value all = Value::table();
    all.set("home", home.string());
    all.set("data_sets", std::move(sets));
    std::cout << to_json(all) << '\n';
    return ExitCode::done;
  }
  std::vector<std::vector<std::string>> rows = {{"name", "samples", "sample", "on disk", "here", "what"}};
  for (const CatalogueEntry& entry : catalogue())
    rows.push_back({entry.name, samples_text(entry), entry.shape,
                    entry.kind == "built-in" ? "-" : size_text(entry.bytes()),
                    is_present(entry.name, home) ? "yes" : "no", entry.doc});
  std::cout << table_text(rows) << "\nYour own: any FILE.npz with arrays x and y (and x_test, y_test),\n"
            << "or images:FOLDER, photographs (PNG and JPEG) from which patches are drawn.\n"
            << "Charts of the report page: plotly ("
            << (find_plotly(home) ? "here" : "get it once: neurarium data get plotly")
            << ").\nData folder: " << home.string() << '\n';
  return ExitCode::done;
}

ExitCode info(const CliContext& context, const DataVerb& verb) {
  const auto home = verb.home();
  const CatalogueEntry& entry = entry_named(verb.name);
  if (context.json) {
    std::cout << to_json(to_value(entry, home)) << '\n';
    return ExitCode::done;
  }
  std::vector<std::vector<std::string>> rows = {{"source", source_text(entry)}, {"licence", entry.licence}};
  if (entry.train_samples > 0)
    rows.insert(rows.begin(), {{"samples", samples_text(entry) + (entry.test_samples ? " (train + test)" : "")},
                               {"sample", entry.shape}});
  std::string classes;
  for (const std::string& name : entry.classes) classes += (classes.empty() ? "" : ", ") + name;
  if (!classes.empty()) rows.insert(rows.begin() + 2, {"classes", classes});
  if (!entry.citation.empty()) rows.push_back({"citation", entry.citation});
  const bool here = is_here(entry, home);
  if (entry.kind != "built-in") {
    rows.push_back({"download", size_text(entry.archive_bytes)});
    rows.push_back({"folder", (home / entry.name).string()});
    rows.push_back({"here", here ? "yes" : "no: run `neurarium data get " + entry.name + "`"});
  }
  std::cout << entry.name << ": " << entry.doc << '\n' << table_text(rows, "  ");
  if (entry.files.empty()) return ExitCode::done;
  std::cout << "  files, with SHA-256:\n";
  for (const CatalogueFile& file : entry.files) std::cout << "    " << file.sha256 << "  " << file.name << '\n';
  return ExitCode::done;
}

ExitCode get(const CliContext& context, const DataVerb& verb) {
  const auto home = verb.home();
  for (const std::string& name : verb.names)
    entry_named(name);  // a slip in the last name shows before the first download
  ProgressMeter meter(context.quiet);
  Value results = Value::list();
  for (const std::string& name : verb.names) {
    std::string outcome;
    const auto show = [&](const FetchProgress& progress) {
      if (progress.phase == "done") outcome = progress.note;
      else if (!progress.note.empty()) meter.note(name + ": " + std::string(progress.phase) + ": " + progress.note);
      else meter.show({progress.phase, progress.done, progress.total, "B", {}});
    };
    get_dataset(entry_named(name), home, show, catch_interrupts());
    meter.clear();
    if (!context.json) std::cout << name << ": " << outcome << std::endl;
    Value result = to_value(entry_named(name), home);
    result.set("outcome", outcome);
    results.as_list().push_back(std::move(result));
  }
  if (context.json) {
    Value all = Value::table();
    all.set("home", home.string());
    all.set("data_sets", std::move(results));
    std::cout << to_json(all) << '\n';
  }
  return ExitCode::done;
}

}  // namespace

void add_data_verb(CLI::App& app, CliContext& context) {
  auto verb = std::make_shared<DataVerb>();
  CLI::App* data =
      add_verb(app, "data", "Data sets: what there is, and fetching them",
               {"neurarium data list                     # names, sizes, and which are here",
                "neurarium data info cifar10             # source, licence, citation, hashes",
                "neurarium data get fashion-mnist mnist  # fetch and check; run again to go on after a stop"});
  data->require_subcommand(1);
  const auto common = [&context, verb](CLI::App& sub) {
    sub.add_option("--data-dir", verb->data_dir, "Where data sets lie ($NEURARIUM_DATA)")->type_name("DIR");
    sub.add_flag("--json", context.json, "Print one JSON object and nothing else on stdout");
  };
  CLI::App* list_verb =
      add_verb(*data, "list", "The data sets known by name", {"neurarium data list", "neurarium data list --json"});
  common(*list_verb);
  list_verb->callback([&context, verb] { context.action = [&context, verb] { return list(context, *verb); }; });

  CLI::App* info_verb =
      add_verb(*data, "info", "Source, licence, citation and hashes of one", {"neurarium data info cifar10"});
  info_verb->add_option("NAME", verb->name, "A data set")->required();
  common(*info_verb);
  info_verb->callback([&context, verb] { context.action = [&context, verb] { return info(context, *verb); }; });

  CLI::App* get_verb =
      add_verb(*data, "get", "Fetch data sets, check every file, put them into place",
               {"neurarium data get cifar10", "neurarium data get fashion-mnist mnist --data-dir /data"});
  get_verb->add_option("NAME", verb->names, "Data sets")->required();
  common(*get_verb);
  get_verb->add_flag("--quiet", context.quiet, "No progress and no notes");
  get_verb->callback([&context, verb] { context.action = [&context, verb] { return get(context, *verb); }; });
}

}  // namespace neurarium
