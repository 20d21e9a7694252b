#include "neurarium/experiment/compare.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/experiment/checkpoint_file.hpp"
#include "neurarium/experiment/network_file.hpp"
#include "neurarium/experiment/report_files.hpp"
#include "neurarium/experiment/run_directory.hpp"
#include "neurarium/experiment/run_place.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/npy.hpp"
#include "neurarium/interchange/safetensors.hpp"

namespace fs = std::filesystem;

namespace neurarium {
namespace {

/// Figures as report.json keeps them, in order. (read_report would also read every picture.)
struct StoredFigures {
  Value figures;
  explicit StoredFigures(const fs::path& run) {
    if (!is_run_directory(run))
      throw DataError(run.string(), "is not a run directory", "give two directories that `neurarium run` made");
    const fs::path file = run / "report.json";
    if (!fs::exists(file))
      throw DataError(run.string(), "has no report: the run is not finished",
                      "finish it with: neurarium run --resume " + run.string());
    const Value report = parse_json(read_text(file), file.string());
    const Value* found = report.find("figures");
    if (!found || !found->is_table()) throw DataError(file.string(), "'figures' is missing");
    figures = *found;
  }
};

bool same_bits(const Value& a, const Value& b) {
  if (a.is_integer() && b.is_integer()) return a.as_integer() == b.as_integer();
  if (a.is_integer() || b.is_integer()) return false;
  if (a.is_number() && b.is_number())
    return std::bit_cast<std::uint64_t>(a.as_number()) == std::bit_cast<std::uint64_t>(b.as_number());
  if (a.is_list() && b.is_list()) return std::ranges::equal(a.as_list(), b.as_list(), same_bits);
  return a.kind() == b.kind() && to_json(a, -1) == to_json(b, -1);
}

std::string shown(const Value& value) { return value.is_null() ? "missing" : to_json(value, -1); }

void compare_arrays(const std::string& what, const Array* a, const Array* b, std::vector<std::string>& differences) {
  if (!a || !b) {
    differences.push_back(what + ": only in the " + (a ? "first" : "second") + " run");
    return;
  }
  if (a->dtype() != b->dtype() || a->shape() != b->shape()) {
    differences.push_back(what + ": " + std::string(name_of(a->dtype())) + to_string(a->shape()) + " and " +
                          std::string(name_of(b->dtype())) + to_string(b->shape()));
    return;
  }
  const std::size_t item = item_size(a->dtype());
  const std::byte *x = a->view().data(), *y = b->view().data();
  std::size_t count = 0, first = 0;
  for (std::size_t i = 0; i < a->size(); ++i)
    if (std::memcmp(x + i * item, y + i * item, item) != 0 && count++ == 0) first = i;
  if (count == 0) return;
  const auto entry = [&](const Array& array) {
    return with_dtype(array.dtype(),
                      [&]<class T>() { return to_json(Value(static_cast<double>(array.as<T>().flat()[first])), -1); });
  };
  differences.push_back(what + ": " + std::to_string(count) + " of " + std::to_string(a->size()) +
                        " entries differ, first entry " + std::to_string(first) + ": " + entry(*a) + " and " +
                        entry(*b));
}

std::set<std::string> array_names(const fs::path& run) {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(run / "arrays", error))
    if (file.path().extension() == ".npy") names.insert(file.path().filename().string());
  return names;
}

void compare_array_files(const fs::path& a, const fs::path& b, std::vector<std::string>& differences) {
  const auto in_a = array_names(a), in_b = array_names(b);
  std::set<std::string> all = in_a;
  all.insert(in_b.begin(), in_b.end());
  for (const std::string& name : all) {
    Array first, second;
    if (in_a.contains(name)) first = read_npy(a / "arrays" / name);
    if (in_b.contains(name)) second = read_npy(b / "arrays" / name);
    compare_arrays("arrays/" + name, in_a.contains(name) ? &first : nullptr, in_b.contains(name) ? &second : nullptr,
                   differences);
  }
}

/// What a run has learned: its checkpoint, its network, and those that it keeps under names.
std::set<std::string> weight_files(const fs::path& run) {
  std::set<std::string> files;
  std::error_code error;
  for (const char* name : {checkpoint_file, network_file})
    if (fs::exists(run / name, error)) files.insert(name);
  for (const std::string& member : members_of(run))
    files.insert((fs::path(members_folder) / member / network_file).string());
  return files;
}

/// Arrays of times that a study measured, as it saves them for a resume: "run.0.epoch_seconds". They differ between equal
/// runs, as figures in seconds do.
bool is_time_array(const std::string& key) { return key.ends_with("_seconds") || key.ends_with(".seconds"); }

void compare_weights(const std::string& name, const fs::path& a, const fs::path& b,
                     std::vector<std::string>& differences) {
  const SafeTensors first = read_safetensors(a / name), second = read_safetensors(b / name);
  const auto find = [](const SafeTensors& file, const std::string& key) -> const Array* {
    for (const auto& [other, array] : file.arrays)
      if (other == key) return &array;
    return nullptr;
  };
  const std::string what = name == checkpoint_file ? "checkpoint: " : name + ": ";
  for (const auto& [key, array] : first.arrays) {
    const Array* other = find(second, key);
    if (other && name == checkpoint_file && is_time_array(key)) continue;
    compare_arrays(what + key, &array, other, differences);
  }
  for (const auto& [key, array] : second.arrays)
    if (!find(first, key)) compare_arrays(what + key, nullptr, &array, differences);
}

void compare_all_weights(const fs::path& a, const fs::path& b, std::vector<std::string>& differences) {
  const std::set<std::string> in_a = weight_files(a), in_b = weight_files(b);
  std::set<std::string> all = in_a;
  all.insert(in_b.begin(), in_b.end());
  for (const std::string& name : all) {
    if (in_a.contains(name) && in_b.contains(name)) compare_weights(name, a, b, differences);
    else differences.push_back(name + ": only in the " + (in_a.contains(name) ? "first" : "second") + " run");
  }
}

}  // namespace

bool is_time_or_rate(const std::string& unit) {
  static const std::set<std::string> times = {"s", "ms", "us", "µs", "ns", "min", "h"};
  if (times.contains(unit)) return true;
  const std::size_t slash = unit.rfind('/');
  return slash != std::string::npos && times.contains(unit.substr(slash + 1));
}

Comparison compare_runs(const fs::path& a, const fs::path& b) {
  const Value first = StoredFigures(a).figures, second = StoredFigures(b).figures;
  std::vector<std::string> names;
  for (const Value* figures : {&first, &second})
    for (const auto& [name, figure] : figures->as_table())
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  Comparison comparison;
  for (const std::string& name : names) {
    const Value *x = first.find(name), *y = second.find(name);
    const auto part = [](const Value* figure, const char* key) {
      const Value* found = figure ? figure->find(key) : nullptr;
      return found ? *found : Value();
    };
    FigurePair pair{name, {}, part(x, "value"), part(y, "value")};
    const Value unit = part(x ? x : y, "unit");
    if (unit.is_text()) pair.unit = unit.as_text();
    pair.timing = is_time_or_rate(pair.unit);
    pair.same = x && y && same_bits(pair.a, pair.b);
    if (!pair.same && !pair.timing)
      comparison.differences.push_back("figure " + name + ": " + (x ? shown(pair.a) : "missing") + " and " +
                                       (y ? shown(pair.b) : "missing"));
    comparison.figures.push_back(std::move(pair));
  }
  compare_array_files(a, b, comparison.differences);
  compare_all_weights(a, b, comparison.differences);
  return comparison;
}

}  // namespace neurarium
