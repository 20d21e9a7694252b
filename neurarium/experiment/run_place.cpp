#include "neurarium/experiment/run_place.hpp"

#include <algorithm>

#include "neurarium/core/errors.hpp"
#include "neurarium/experiment/network_file.hpp"
#include "neurarium/experiment/run_directory.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// The run that `place` would be a member of, or nothing.
fs::path run_above(const fs::path& place) {
  const auto folder_of = [](const fs::path& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
  };
  fs::path above = folder_of(place);
  if (is_run_directory(above)) return above;
  if (above.filename() == members_folder && is_run_directory(folder_of(above))) return folder_of(above);
  return {};
}

/// A run that has kept a network and has lost it is another matter than one which never had any.
void require_not_lost(const fs::path& run, const std::string& file) {
  const RunDirectory directory(run);
  const Value* kept = directory.entry("networks");
  if (!kept || !kept->is_list()) return;
  for (const Value& name : kept->as_list())
    if (name.is_text() && (file.empty() || name.as_text() == file) && !is_file(run / name.as_text()))
      throw DataError((run / name.as_text()).string(), "is missing: the run has kept its network there",
                      "put it back, or compute it anew with: neurarium run --again " + run.string());
}

}  // namespace

std::vector<std::string> members_of(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder / members_folder, error))
    if (is_file(entry.path() / network_file)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

RunPlace find_run(const fs::path& name) {
  fs::path place = name;
  if (!place.has_filename()) place = place.parent_path();  // "out/" is "out"
  if (place.filename() == network_file) place = place.has_parent_path() ? place.parent_path() : fs::path(".");
  if (is_run_directory(place)) {
    if (is_file(place / network_file)) return {place, {}, place / network_file};
    const std::vector<std::string> members = members_of(place);
    if (members.empty()) {
      require_not_lost(place, {});
      return {place, {}, {}};
    }
    throw SpecError(place.string() + " keeps several networks: " + joined(members),
                    "name one of them: " + (place / members.front()).string());
  }
  const fs::path run = run_above(place);
  if (run.empty()) throw DataError(name.string(), "is not a run directory", "give one that `neurarium run` made");
  const std::string member = place.filename().string();
  if (const fs::path file = run / members_folder / member / network_file; is_file(file)) return {run, member, file};
  require_not_lost(run, (fs::path(members_folder) / member / network_file).generic_string());
  const std::vector<std::string> members = members_of(run);
  throw DataError(run.string(), "has no network '" + member + "'",
                  members.empty() ? "give the run alone" : "it keeps " + joined(members));
}

}  // namespace neurarium
