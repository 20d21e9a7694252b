// neurarium data: the data sets known by name, and how they get onto this machine.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <iostream>
#include <span>

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

/// What one name stands for: a data set, or the packages of the library that draws the charts of a report, which `get` and
/// `info` know, too.
std::span<const CatalogueEntry> entries_named(const std::string& name) {
  return name == plotly_entries()[0].name ? plotly_entries() : std::span(&catalogue_entry(name), 1);
}
bool is_here(const std::string& name, const std::filesystem::path& home) {
  if (name != plotly_entries()[0].name) return is_present(name, home);
  const PlotlyFiles found = find_plotly(home);
  return found.flat && found.complete;
}

std::string size_text(std::uint64_t bytes) {
  return bytes >= 1'000'000 ? std::to_string((bytes + 500'000) / 1'000'000) + " MB" : std::to_string(bytes) + " B";
}

std::string source_text(std::span<const CatalogueEntry> entries) {
  std::string text;
  for (const CatalogueEntry& entry : entries)
    text += (text.empty() ? "" : ", ") +
            (entry.kind == "built-in"  ? "built in"
             : entry.kind == "by-hand" ? entry.package + " from " + entry.page
             : entry.kind == "made"
                 ? "made here: spoken by " + entry.package + " (Debian package), heard by our inner ear"
                 : (entry.kind == "npm" ? "npm package " : "Debian package ") + entry.package + " " + entry.version);
  return text;
}

std::string doc_text(std::span<const CatalogueEntry> entries) {
  std::string text;
  for (const CatalogueEntry& entry : entries) text += (text.empty() ? "" : "; ") + entry.doc;
  return text;
}

std::uint64_t download_bytes(std::span<const CatalogueEntry> entries) {
  std::uint64_t sum = 0;
  for (const CatalogueEntry& entry : entries) sum += entry.archive_bytes;
  return sum;
}

std::vector<CatalogueFile> files_of(std::span<const CatalogueEntry> entries) {
  std::vector<CatalogueFile> files;
  for (const CatalogueEntry& entry : entries) files.insert(files.end(), entry.files.begin(), entry.files.end());
  return files;
}

std::string samples_text(const CatalogueEntry& entry) {
  return std::to_string(entry.train_samples) + (entry.test_samples ? " + " + std::to_string(entry.test_samples) : "");
}

Value to_value(std::span<const CatalogueEntry> entries, const std::filesystem::path& home) {
  const CatalogueEntry& entry = entries.front();
  Value value = Value::table();
  value.set("name", entry.name);
  value.set("doc", doc_text(entries));
  value.set("sample", entry.shape);
  value.set("train_samples", entry.train_samples);
  value.set("test_samples", entry.test_samples);
  Value classes = Value::list();
  for (const std::string& name : entry.classes) classes.as_list().emplace_back(name);
  value.set("classes", std::move(classes));
  value.set("source", source_text(entries));
  value.set("licence", entry.licence);
  value.set("citation", entry.citation);
  value.set("download_bytes", download_bytes(entries));
  Value files = Value::list();
  std::uint64_t bytes = 0;
  for (const CatalogueFile& file : files_of(entries)) {
    bytes += file.bytes;
    Value item = Value::table();
    item.set("name", file.name);
    item.set("bytes", file.bytes);
    item.set("sha256", file.sha256);
    files.as_list().push_back(std::move(item));
  }
  value.set("bytes", bytes);
  value.set("present", is_here(entry.name, home));
  value.set("folder", (home / entry.name).string());
  value.set("files", std::move(files));
  return value;
}

ExitCode list(const CliContext& context, const DataVerb& verb) {
  const auto home = verb.home();
  if (context.json) {
    Value sets = Value::list();
    for (const CatalogueEntry& entry : catalogue()) sets.as_list().push_back(to_value({&entry, 1}, home));
    Value all = Value::table();
    all.set("home", home.string());
    all.set("data_sets", std::move(sets));
    std::cout << to_json(all) << '\n';
    return ExitCode::done;
  }
  const PlotlyFiles plotly = find_plotly(home);
  std::vector<std::vector<std::string>> rows = {{"name", "samples", "sample", "on disk", "here", "what"}};
  for (const CatalogueEntry& entry : catalogue())
    rows.push_back({entry.name, samples_text(entry), entry.shape, entry.files.empty() ? "-" : size_text(entry.bytes()),
                    is_present(entry.name, home) ? "yes" : "no", entry.doc});
  std::cout << table_text(rows) << "\nYour own: any FILE.npz with arrays x and y (and x_test, y_test),\n"
            << "images:FOLDER, photographs (PNG and JPEG) from which patches are drawn,\n"
            << "spikes:FOLDER, spikes in HDF5 files, laid out as the Heidelberg digits are,\n"
            << "or interaural-phase:SETTINGS, sounds for two ears as spikes.\n"
            << "Charts of the report page: plotly ("
            << (plotly.flat && plotly.complete ? "here"
                : plotly.complete              ? "here, but pages get smaller with the rest: neurarium data get plotly"
                : plotly.flat                  ? "here but for 3-D; the rest: neurarium data get plotly"
                                               : "get it once: neurarium data get plotly")
            << ").\nData folder: " << home.string() << '\n';
  return ExitCode::done;
}

ExitCode info(const CliContext& context, const DataVerb& verb) {
  const auto home = verb.home();
  const std::span<const CatalogueEntry> entries = entries_named(verb.name);
  const CatalogueEntry& entry = entries.front();
  if (context.json) {
    std::cout << to_json(to_value(entries, home)) << '\n';
    return ExitCode::done;
  }
  std::vector<std::vector<std::string>> rows = {{"source", source_text(entries)}, {"licence", entry.licence}};
  if (entry.train_samples > 0)
    rows.insert(rows.begin(), {{"samples", samples_text(entry) + (entry.test_samples ? " (train + test)" : "")},
                               {"sample", entry.shape}});
  std::string classes;
  for (const std::string& name : entry.classes) classes += (classes.empty() ? "" : ", ") + name;
  if (!classes.empty()) rows.insert(rows.begin() + 2, {"classes", classes});
  if (!entry.citation.empty()) rows.push_back({"citation", entry.citation});
  const bool here = is_here(entry.name, home);
  if (entry.kind != "built-in") {
    if (download_bytes(entries) > 0) rows.push_back({"download", size_text(download_bytes(entries))});
    rows.push_back({"folder", (home / entry.name).string()});
    rows.push_back({"here", here                      ? "yes"
                            : entry.kind == "by-hand" ? "no: put the files, unpacked, into that folder"
                                                      : "no: run `neurarium data get " + entry.name + "`"});
  }
  std::cout << entry.name << ": " << doc_text(entries) << '\n' << table_text(rows, "  ");
  if (entry.files.empty()) return ExitCode::done;
  std::cout << "  files, with SHA-256:\n";
  for (const CatalogueFile& file : files_of(entries)) std::cout << "    " << file.sha256 << "  " << file.name << '\n';
  return ExitCode::done;
}

ExitCode get(const CliContext& context, const DataVerb& verb) {
  const auto home = verb.home();
  for (const std::string& name : verb.names)
    entries_named(name);  // a slip in the last name shows before the first download
  ProgressMeter meter(context.quiet);
  Value results = Value::list();
  for (const std::string& name : verb.names) {
    std::string outcome;
    const auto show = [&](const FetchProgress& progress) {
      if (progress.phase == "done") outcome = progress.note;
      else if (!progress.note.empty()) meter.note(name + ": " + std::string(progress.phase) + ": " + progress.note);
      else meter.show({progress.phase, progress.done, progress.total, progress.unit, {}});
    };
    std::string outcomes;
    for (const CatalogueEntry& entry : entries_named(name)) {
      get_dataset(entry, home, show, catch_interrupts());
      meter.clear();
      const std::string what = entries_named(name).size() > 1 ? entry.package + ": " + outcome : outcome;
      if (!context.json) std::cout << name << ": " << what << std::endl;
      outcomes += (outcomes.empty() ? "" : "; ") + what;
    }
    Value result = to_value(entries_named(name), home);
    result.set("outcome", outcomes);
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
  add_data_make_verb(*data, context);
  add_data_encode_verb(*data, context);
}

}  // namespace neurarium
