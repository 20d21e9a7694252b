#include "neurarium/experiment/sweep_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "neurarium/core/files.hpp"
#include "neurarium/experiment/checkpoint_file.hpp"
#include "neurarium/experiment/run_directory.hpp"
#include "neurarium/interchange/json.hpp"

namespace fs = std::filesystem;

namespace neurarium {
namespace {

bool has_visible_files(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (!entry.path().filename().string().starts_with('.')) return true;
  return false;
}

/// The study whose sweep the folder holds, or "".
std::string study_there(const fs::path& folder) {
  try {
    const Value table = parse_json(read_text(folder / "sweep.json"), "sweep.json");
    const Value *format = table.find("format"), *study = table.find("study");
    const bool ours = format && format->is_text() && format->as_text() == "neurarium sweep 1";
    return ours && study && study->is_text() ? study->as_text() : "";
  } catch (const Error&) {
    return "";
  }
}

/// The same by the runs in it, "" if there is none: sweep.json can be written anew from them.
std::string study_of_members(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder / "members", error))
    if (is_run_directory(entry.path())) return RunDirectory(entry.path()).text("study");
  return "";
}

/// Longer lists are courses and populations, not figures.
constexpr std::size_t longest_list = 16;

bool is_numeric(const Value& value) { return value.is_number() || value.is_bool() || value.is_null(); }

double number_of(const Value& value) {
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();  // not finite
  return value.is_bool() ? static_cast<double>(value.as_bool()) : value.as_number();
}

}  // namespace

SweepFolder::SweepFolder(const fs::path& folder, const std::string& study) {
  const std::string name = folder.string();
  std::error_code error;
  const bool is_there = fs::exists(folder, error);
  if (is_there && !fs::is_directory(folder, error))
    throw SpecError(name + " exists and is not a folder", "choose another place with --out");
  if (is_there && has_visible_files(folder)) {
    std::string there = study_there(folder);
    if (there.empty()) there = study_of_members(folder);
    if (there.empty() && fs::exists(folder / "sweep.json", error))
      throw SpecError((folder / "sweep.json").string() + ": is damaged, or not of a sweep, and there are no runs in " +
                          (folder / "members").string() + " to write it anew from",
                      "nothing was touched; remove the folder, or choose a new one with --out");
    if (there.empty())
      throw SpecError(name + " exists and is not the folder of a sweep",
                      "nothing was touched; choose a new one with --out");
    if (there != study)
      throw SpecError(name + " holds a sweep of '" + there + "', and this is one of '" + study + "'",
                      "nothing was touched; choose another place with --out");
  }
  fs::create_directories(folder, error);
  if (error) throw SpecError(name + ": can't be made: " + error.message(), "choose another place with --out");
  lock_ = ::open((folder / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0)
    throw SpecError(name + ": can't be written: " + std::strerror(errno), "choose another place with --out");
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(lock_);
  throw Error("another process works on the sweep in " + name +
              "; wait until it has ended, or choose another place "
              "with --out");
}

SweepFolder::~SweepFolder() {
  if (lock_ >= 0) ::close(lock_);
}

Member::Member(fs::path folder) : folder_(std::move(folder)) {
  if (!is_run_directory(folder_)) return;
  try {
    record_ = parse_json(read_text(folder_ / "run.json"), "run.json");
  } catch (const Error&) {  // its run says what is wrong
  }
}

std::string Member::text(const char* key) const {
  const Value* value = record_.is_table() ? record_.find(key) : nullptr;
  return value && value->is_text() ? value->as_text() : "";
}

bool Member::is_finished(const std::string& hash) const {
  std::error_code error;
  return text("status") == "finished" && text("experiment_hash") == hash && fs::exists(folder_ / "report.json", error);
}

bool Member::is_to_be_resumed() const {
  const std::string status = text("status");
  std::error_code error;
  if (!exists() || status == "finished" || status == "diverged") return false;
  return status != "failed" || fs::exists(folder_ / "checkpoint.safetensors", error);
}

std::string Member::fault_of_checkpoint() const {
  try {
    (void)read_checkpoint(RunDirectory(folder_));
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

bool Member::is_held() const {
  const int file = ::open((folder_ / ".lock").c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return false;
  const bool held = ::flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(file);
  return held;
}

double Member::seconds() const {
  const Value* seconds = record_.is_table() ? record_.find("wall_seconds") : nullptr;
  return seconds && seconds->is_number() ? seconds->as_number() : 0;
}

// Those that are one number come first: they are what a sweep shows if it can't show all.
std::vector<std::pair<std::string, double>> Member::figures(std::vector<SweepFigure>& known) const {
  const fs::path file = folder_ / "report.json";
  const Value report = parse_json(read_text(file), file.string());
  const Value* figures = report.find("figures");
  if (!figures || !figures->is_table())
    throw DataError(file.string(), "'figures' is missing", "run again with --again");
  std::vector<std::pair<std::string, double>> numbers;
  const auto add = [&](const std::string& name, const Value& value, const Value& entry) {
    numbers.emplace_back(name, number_of(value));
    if (std::ranges::find(known, name, &SweepFigure::name) != known.end()) return;
    const auto word = [&](const char* key) {
      const Value* found = entry.find(key);
      return found && found->is_text() ? found->as_text() : std::string();
    };
    known.push_back({name, word("unit"), word("meaning")});
  };
  const auto each_value = [&](const auto& look) {
    for (const auto& [name, entry] : figures->as_table())
      if (const Value* value = entry.is_table() ? entry.find("value") : nullptr) look(name, *value, entry);
  };
  each_value([&](const std::string& name, const Value& value, const Value& entry) {
    if (is_numeric(value)) add(name, value, entry);
  });
  each_value([&](const std::string& name, const Value& value, const Value& entry) {
    if (!value.is_list() || value.as_list().size() > longest_list || !std::ranges::all_of(value.as_list(), is_numeric))
      return;
    for (std::size_t k = 0; k < value.as_list().size(); ++k)
      add(name + "[" + std::to_string(k) + "]", value.as_list()[k], entry);
  });
  return numbers;
}

}  // namespace neurarium
