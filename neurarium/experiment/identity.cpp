#include "neurarium/experiment/identity.hpp"

#include <algorithm>

#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/data/user_file.hpp"
#include "neurarium/experiment/data_settings.hpp"
#include "neurarium/experiment/run_settings.hpp"
#include "neurarium/experiment/trained_run.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/npy.hpp"
#include "neurarium/interchange/npz.hpp"
#include "neurarium/interchange/toml.hpp"

namespace neurarium {
namespace {

constexpr const char* dataset_file = "inputs/dataset.npz";

std::vector<std::byte> bytes_of(const Dataset& data) { return npz_bytes(user_arrays(data)); }

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

using Leaves = std::vector<std::pair<std::string, std::string>>;
void flatten(const Value& value, const std::string& path, Leaves& leaves) {
  const auto inner = [&](const std::string& key) { return path.empty() ? key : path + '.' + key; };
  if (value.is_table())
    for (const auto& [key, item] : value.as_table()) flatten(item, inner(key), leaves);
  else if (value.is_list() && !value.as_list().empty() && value.as_list().front().is_table())
    for (std::size_t i = 0; i < value.as_list().size(); ++i)
      flatten(value.as_list()[i], inner(std::to_string(i)), leaves);
  else leaves.emplace_back(path, to_json(value, -1));
}

const std::string* find(const Leaves& leaves, const std::string& key) {
  for (const auto& [name, value] : leaves)
    if (name == key) return &value;
  return nullptr;
}

TrainedNetwork open_network(const std::string& run, const Registry& registry, const RunOptions& options) {
  return network_of(open_run(run, registry, options.data_home, [&](const std::string& text) {
    if (options.note && !text.starts_with("reading "))
      options.note(text);  // the study will read them again, and say so
  }));
}

/// Whether the file is an input of some run: data that were in memory, say.
bool lies_in_a_run(const std::filesystem::path& file) {
  return file.is_absolute() && file.parent_path().filename() == "inputs" &&
         is_run_directory(file.parent_path().parent_path());
}

/// Takes the runs that settings name into the identity; `to_hash` says what they are instead of where.
void take_runs(Identity& identity, Experiment& to_hash, const Registry& registry, const RunOptions& options,
               KnownNetworks& known) {
  const Registry::Entry* study = registry.find("study", to_hash.study);
  if (!study) throw SpecError({registry.unknown("study", to_hash.study)});
  for_each_run(to_hash.settings, study->schema, [&](const std::string& key, Value& run) {
    const std::string name = run.as_text();
    auto found = known.find(name);
    if (found == known.end()) found = known.emplace(name, open_network(name, registry, options)).first;
    TrainedNetwork network = found->second;
    if (lies_in_a_run(network.dataset)) {
      const std::string file = "inputs/data-" + network.data_sha256.substr(0, 8) + ".npz";
      if (std::ranges::find(identity.files, file, &RunDirectory::Files::value_type::first) == identity.files.end())
        identity.files.emplace_back(file, read_bytes(network.dataset));
      network.dataset = file;
    }
    run = Value(sha256(content_hash(network.state) + network.data_sha256 + std::to_string(network.seed)));
    identity.parts.emplace_back(key, run.as_text());
    identity.networks.insert_or_assign(name, std::move(network));
  });
}

}  // namespace

Identity identify(const Experiment& experiment, const Registry& registry, const RunOptions& options,
                  KnownNetworks* known) {
  Experiment to_keep = experiment, to_hash = experiment;
  to_hash.preset.clear();
  Identity identity;
  std::string text_of_data;
  if (Value* dataset = to_keep.settings.find("dataset"); dataset && dataset->is_text() && !dataset->as_text().empty()) {
    const std::string name = dataset->as_text();
    if (name == in_memory) {
      if (!options.dataset_in_memory)
        throw SpecError("dataset = \"memory\" needs data in memory", "give the name of a data set or a FILE.npz");
      identity.files.emplace_back(dataset_file, bytes_of(*options.dataset_in_memory));
      *dataset = Value(dataset_file);
      identity.parts.emplace_back("dataset", sha256(identity.files.back().second));
      to_hash.settings.set("dataset", identity.parts.back().second);
    } else if (const auto photographs = photographs_of(name)) {
      text_of_data = folder_listing_hash(*photographs);  // the content itself is compared when it has been read
      identity.parts.emplace_back("dataset", text_of_data);
    } else if (std::filesystem::path(name).is_absolute()) {
      identity.parts.emplace_back("dataset", sha256_file(name));
      to_hash.settings.set("dataset", identity.parts.back().second);
    }
  }
  for (const std::string key : data_settings) {  // other files
    const Value* data = key == "dataset" ? nullptr : to_keep.settings.find(key);
    if (!data || !data->is_text()) continue;
    const auto photographs = photographs_of(data->as_text());
    if (!photographs && !std::filesystem::path(data->as_text()).is_absolute()) continue;
    identity.parts.emplace_back(key, photographs ? ImageFolder(*photographs).sha256() : sha256_file(data->as_text()));
    to_hash.settings.set(key, identity.parts.back().second);
  }
  KnownNetworks own;
  take_runs(identity, to_hash, registry, options, known ? *known : own);
  std::string text = to_toml(to_hash) + text_of_data;
  for (const auto& [key, array] : arrays_of(experiment)) {
    identity.files.emplace_back("inputs/" + key + ".npy", npy_bytes(array->view()));
    identity.parts.emplace_back(key, sha256(identity.files.back().second));
    text += key + " " + identity.parts.back().second + "\n";
  }
  identity.hash = sha256(text);
  identity.toml = to_toml(to_keep);
  identity.parts.emplace_back("experiment.toml", sha256(identity.toml));
  identity.files.emplace_back("experiment.toml", bytes_of(identity.toml));
  return identity;
}

Experiment decided(Experiment experiment, const Registry& registry, const RunOptions& options) {
  const auto home = options.data_home.empty() ? default_data_home() : options.data_home;
  const auto study = registry.make<Study>("study", {experiment.study, experiment.settings});
  const auto is_here = [&](const std::string& dataset) { return is_present(dataset, home); };
  for (auto& [key, value] : study->decided_settings(is_here)) experiment.settings.set(key, std::move(value));
  return experiment;
}

Mismatch mismatch(const Identity& here, const Experiment& experiment, const RunDirectory& directory) {
  const std::string folder = directory.folder().string(), toml = directory.file("experiment.toml").string();
  const std::string elsewhere = ", or begin anew in another place: neurarium run " + toml + " --out DIRECTORY";
  const std::string text_there = read_text(toml);
  const auto hash_there = [&](const std::string& part) -> std::string {
    const Value* inputs = directory.entry("inputs");
    const Value* hash = inputs && inputs->is_table() ? inputs->find(part) : nullptr;
    return hash && hash->is_text() ? hash->as_text() : "";
  };
  if (const std::string hash = hash_there("experiment.toml"); !hash.empty() && hash != sha256(text_there))
    return {toml + " was edited since the run began", "put it back as it was" + elsewhere};
  if (std::string differing = differences(here.toml, text_there); !differing.empty()) return {std::move(differing), ""};
  for (const auto& [part, hash] : here.parts) {
    const std::string there = hash_there(part);
    if (there.empty() || there == hash || part == "experiment.toml") continue;
    const Value* setting = find_setting(experiment.settings, part);
    const std::string name = setting && setting->is_text() ? setting->as_text() : "";
    if (name == in_memory) return {"the data in memory are others than those it began with", ""};
    if (!name.empty()) return {name + " has changed since the run began", "put it back as it was" + elsewhere};
    return {"the array " + part + " has another content", "put it back as it was" + elsewhere};
  }
  return {"the content of its arrays or of its data, or its experiment.toml, was changed since",
          "put them back as they were" + elsewhere};
}

std::string differences(const std::string& toml_here, const std::string& toml_there, std::size_t most) {
  Leaves here, there;
  flatten(parse_toml(toml_here, "this experiment"), {}, here);
  flatten(parse_toml(toml_there, "experiment.toml"), {}, there);
  std::vector<std::string> lines;
  for (const auto& [key, value] : here) {
    const std::string* other = find(there, key);
    if (!other) lines.push_back(key + " = " + value + ", not there");
    else if (*other != value) lines.push_back(key + " = " + value + ", there " + *other);
  }
  for (const auto& [key, value] : there)
    if (!find(here, key)) lines.push_back(key + " is not set, there " + value);
  std::string text;
  for (std::size_t i = 0; i < std::min(most, lines.size()); ++i) text += (i ? "; " : "") + lines[i];
  if (lines.size() > most) text += "; and " + std::to_string(lines.size() - most) + " more";
  return text;
}

}  // namespace neurarium
