#include <algorithm>
#include <exception>

#include "neurarium/core/files.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/data/spike_dataset.hpp"
#include "neurarium/experiment/data_settings.hpp"
#include "neurarium/experiment/experiment.hpp"
#include "neurarium/experiment/run_settings.hpp"
#include "neurarium/interchange/npy.hpp"
#include "neurarium/interchange/toml.hpp"
#include "neurarium/train/adversarial.hpp"

namespace neurarium {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string nearest_or_all(std::string_view word, const std::vector<std::string>& known, const std::string& what) {
  if (const std::string near = nearest(word, known); !near.empty()) return "did you mean '" + near + "'?";
  return known.empty() ? "there are no " + what : what + ": " + joined(known);
}

std::string path_of(const std::string& path, const std::string& key) { return path.empty() ? key : path + '.' + key; }

bool is_place_in_list(const std::string& key) {
  return !key.empty() && key.size() < 9 && std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
}

constexpr std::int64_t most_threads = 1024, most_seeds = 100000;
const std::vector<std::string> top_level = {"study", "preset",  "seed",
                                            "seeds", "threads", "sweep"};  // beside the study's own fields

class Resolver {
 public:
  Resolver(const Spec& spec, const Registry& registry, std::span<const Preset> presets)
      : spec_(spec), registry_(registry), presets_(presets) {}

  Experiment resolve() {
    Value file = read_file();
    Value settings = spec_.settings.is_null() ? Value::table() : spec_.settings;
    experiment_.study = name_of_study(file, settings);
    const Registry::Entry* study = registry_.find("study", experiment_.study);
    if (!study) {
      Fault unknown = registry_.unknown("study", experiment_.study);
      fault(study_place_, "study", unknown.what, unknown.mend);
    }
    Value preset = read_preset(file, settings);
    for (Value* layer : {&preset, &file, &settings}) take_top_level(*layer);
    if (study) {
      Value all = study->schema.defaults();
      for (const Value* layer : {&preset, &file, &settings}) lay_over(all, *layer, {});
      complete(*study, std::move(all));
      const Value* const given[] = {&preset, &file, &settings};
      find_idle_adversaries(study->schema, given, experiment_.settings, registry_, {}, faults_);
    }
    if (data_error_ && faults_.size() == data_faults_) std::rethrow_exception(data_error_);
    if (!faults_.empty()) throw SpecError(std::move(faults_));
    return std::move(experiment_);
  }

 private:
  void fault(const Location& where, std::string key, std::string what, std::string mend = {}) {
    faults_.push_back({where, std::move(key), std::move(what), std::move(mend)});
  }

  Value read_file() {
    if (spec_.file.empty()) return Value::table();
    std::string text;
    try {
      text = read_text(spec_.file);
    } catch (const DataError& error) {
      throw SpecError(error.what(), "give a study (`neurarium list study`) or a TOML file");
    }
    return parse_toml(text, spec_.file.string());
  }

  /// Removes `key` from the layer and returns it.
  static std::optional<Value> take(Value& layer, std::string_view key) {
    const Value* found = layer.find(key);
    if (!found) return std::nullopt;
    Value value = *found;
    layer.erase(key);
    return value;
  }
  std::optional<std::string> take_text(Value& layer, const std::string& key, Location* place = nullptr) {
    const auto value = take(layer, key);
    if (!value) return std::nullopt;
    if (!value->is_text()) {
      fault(value->where(), key, "expected text, found " + std::string(value->kind()));
      return std::nullopt;
    }
    if (place) *place = value->where();
    return value->as_text();
  }

  std::string name_of_study(Value& file, Value& settings) {
    const auto in_file = take_text(file, "study", &study_place_);
    const auto in_settings = take_text(settings, "study", &study_place_);
    if (in_settings) return *in_settings;
    if (!spec_.study.empty() && in_file && *in_file != spec_.study)
      fault(study_place_, "study", "the file is for '" + *in_file + "', but '" + spec_.study + "' was asked for",
            "leave one of them out");
    if (!spec_.study.empty()) return spec_.study;
    return in_file.value_or("train-network");
  }

  Value read_preset(Value& file, Value& settings) {
    Location place;
    const auto in_file = take_text(file, "preset", &place);
    const auto in_settings = take_text(settings, "preset", &place);
    experiment_.preset = in_settings ? *in_settings : in_file.value_or("");
    if (experiment_.preset.empty()) return Value::table();
    std::vector<std::string> known;
    for (const Preset& preset : presets_) {
      if (preset.study != experiment_.study) continue;
      if (preset.name == experiment_.preset)
        return parse_toml(preset.toml, std::string(preset.study) + "." + std::string(preset.name) + ".toml");
      known.emplace_back(preset.name);
    }
    if (registry_.find("study", experiment_.study))
      fault(place, "preset", "'" + experiment_.study + "' has no preset '" + experiment_.preset + "'",
            nearest_or_all(experiment_.preset, known, "presets"));
    return Value::table();
  }

  void take_top_level(Value& layer) {
    take(layer, "study");  // a preset may repeat its study's name
    const auto sweep = take(layer, "sweep");
    std::erase_if(experiment_.axes, [&](const SweepAxis& axis) {  // settings below a part leave it as it is
      const Value* given = find_setting(layer, axis.key);
      return given && (!given->is_table() || given->find("type"));
    });
    if (sweep) take_axes(*sweep, {});
    take_number(layer, "seeds", 1, most_seeds, [&](std::int64_t x) { experiment_.seeds = x; });
    take_number(layer, "seed", 0, static_cast<std::int64_t>(largest_seed),
                [&](std::int64_t x) { experiment_.seed = static_cast<std::uint64_t>(x); });
    take_number(layer, "threads", 0, most_threads, [&](std::int64_t x) { experiment_.threads = static_cast<int>(x); });
  }
  /// [sweep] of a layer: lists of values, by dotted keys or in tables.
  void take_axes(const Value& sweep, const std::string& path) {
    if (sweep.is_list() && std::ranges::find(top_level, path) != top_level.end()) {
      fault(sweep.where(), "sweep." + path, "an experiment can't list several of these",
            path == "seed" ? "give seeds = " + std::to_string(sweep.as_list().size()) : "make a file for each");
    } else if (sweep.is_list()) {
      std::erase_if(experiment_.axes, [&](const SweepAxis& axis) { return axis.key == path; });
      experiment_.axes.push_back({path, sweep.as_list()});
    } else if (sweep.is_table()) {
      for (const auto& [key, value] : sweep.as_table()) take_axes(value, path_of(path, key));
    } else {
      fault(sweep.where(), path_of("sweep", path), "expected a list of values, found " + std::string(sweep.kind()),
            "give [0.1, 1], say");
    }
  }
  template <class Set>
  void take_number(Value& layer, const std::string& key, std::int64_t smallest, std::int64_t largest, Set set) {
    const auto value = take(layer, key);
    if (!value) return;
    if (!value->is_integer()) {
      fault(value->where(), key, "expected a whole number, found " + std::string(value->kind()));
    } else if (value->as_integer() < smallest || value->as_integer() > largest) {
      fault(value->where(), key,
            "out of range: expected in [" + std::to_string(smallest) + ", " + std::to_string(largest) + "], found " +
                std::to_string(value->as_integer()));
    } else {
      set(value->as_integer());
    }
  }

  /// As neurarium::merge, and besides: a table of numbers laid on a list changes entries of the list, and a component's
  /// name and its table mean the same.
  void lay_over(Value& base, const Value& over, const std::string& path) {
    if (base.is_list() && over.is_table() && !over.as_table().empty() &&
        std::ranges::all_of(over.as_table(), [](const auto& entry) { return is_place_in_list(entry.first); })) {
      for (const auto& [key, value] : over.as_table()) {
        const std::size_t place = std::stoul(key);
        if (place >= base.as_list().size())
          fault(value.where(), path_of(path, key),
                "there is no such entry: the list has " + std::to_string(base.as_list().size()) + ", counted from 0");
        else lay_over(base.as_list()[place], value, path_of(path, key));
      }
      return;
    }
    if (base.is_text() && !base.as_text().empty() && over.is_table() && !over.find("type")) {
      Value named = Value::table();
      named.set("type", base);
      base = std::move(named);
    }
    const Value* old_type = base.find("type");
    if (over.is_text() && old_type) {
      if (!old_type->is_text() || old_type->as_text() != over.as_text()) base = over;
      return;
    }
    if (!base.is_table() || !over.is_table()) {
      base = over;
      return;
    }
    const Value* new_type = over.find("type");
    if (old_type && new_type && old_type->is_text() && new_type->is_text() &&
        old_type->as_text() != new_type->as_text()) {
      base = over;
      return;
    }
    for (const auto& [key, value] : over.as_table()) {
      if (Value* entry = base.find(key)) lay_over(*entry, value, path_of(path, key));
      else base.set(key, value);
    }
  }

  /// At the top level more is known than the study's own schema can say.
  void take_unknown_keys(const Schema& schema, Value& all) {
    std::vector<std::string> known = schema.names();
    known.insert(known.end(), top_level.begin(), top_level.end());
    for (std::size_t i = 0; i < all.as_table().size();) {
      const auto& [key, value] = all.as_table()[i];
      if (schema.find(key)) {
        ++i;
        continue;
      }
      const std::string near = nearest(key, known);
      fault(value.where(), key, "unknown key",
            near.empty() ? "known here: " + joined(known) : "did you mean '" + near + "'?");
      all.as_table().erase(all.as_table().begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  void complete(const Registry::Entry& study, Value all) {
    take_unknown_keys(study.schema, all);
    ReadContext context{&registry_, &faults_, {}, [&](const std::string& file, const Location& where) {
                          return load_array(file, where);
                        }};
    experiment_.settings = study.schema.complete(all, context);
    const Value usual = study.schema.defaults();
    for (const char* key : data_settings)
      if (Value* data = experiment_.settings.find(key); data && data->is_text())
        if (data->as_text() != usual.at(key).as_text())
          check_data(key, *data);  // what a study's own words mean, it knows
    for_each_run(experiment_.settings, study.schema, [&](const std::string&, Value& run) {
      run = Value(whole_folder(run.as_text(), run.where()).string()).at_location(run.where());
    });
  }

  std::filesystem::path from_here(const std::filesystem::path& file, const Location& where) const {
    if (file.is_absolute()) return file.lexically_normal();
    const bool in_spec_file = !spec_.file.empty() && where.source == spec_.file.string();
    const auto folder =
        in_spec_file ? std::filesystem::absolute(spec_.file).parent_path() : std::filesystem::current_path();
    return (folder / file).lexically_normal();
  }

  /// With and without a slash at its end it is the same folder, and so the same experiment.
  std::filesystem::path whole_folder(const std::filesystem::path& folder, const Location& where) const {
    return from_here(folder / "", where).parent_path();
  }

  Value::SharedArray load_array(const std::string& file, const Location& where) {
    if (!file.ends_with(".npy")) throw SpecError("'" + file + "' is not the name of a .npy file");
    try {
      return std::make_shared<const Array>(read_npy(from_here(file, where)));
    } catch (const DataError& error) {
      if (!data_error_) data_error_ = std::current_exception();
      ++data_faults_;
      throw SpecError(error.what());
    }
  }

  void check_data(const std::string& key, Value& data) {
    const std::string& name = data.as_text();
    if (const auto folder = photographs_of(name)) {
      if (folder->empty()) return fault(data.where(), key, "'images:' names no folder", "give images:FOLDER");
      data = Value("images:" + whole_folder(*folder, data.where()).string()).at_location(data.where());
      return;
    }
    if (is_spike_dataset(name)) {
      if (const auto path = path_of_spike_dataset(name))
        data = Value(spike_dataset_with_path(name, from_here(*path, data.where()))).at_location(data.where());
      return;
    }
    if (name.find_first_of("./:") != std::string::npos) {
      if (name.find(':') == std::string::npos)
        data = Value(from_here(name, data.where()).string()).at_location(data.where());
      return;
    }
    std::vector<std::string> known;
    for (const CatalogueEntry& entry : catalogue()) known.push_back(entry.name);
    if (name.empty() || name == in_memory || std::ranges::find(known, name) != known.end()) return;
    fault(data.where(), key, "no data set is called '" + name + "'",
          nearest_or_all(name, known, "data sets") +
              (nearest(name, known).empty() ? ", your own FILE.npz, or images:FOLDER" : ""));
  }

  const Spec& spec_;
  const Registry& registry_;
  std::span<const Preset> presets_;
  Experiment experiment_;
  std::vector<Fault> faults_;
  Location study_place_;
  std::exception_ptr data_error_;  ///< the first unreadable .npy: if nothing else is wrong, it is thrown as it is
  std::size_t data_faults_ = 0;
};

}  // namespace

Experiment resolve(const Spec& spec, const Registry& registry, std::span<const Preset> presets) {
  return Resolver(spec, registry, presets).resolve();
}

}  // namespace neurarium
