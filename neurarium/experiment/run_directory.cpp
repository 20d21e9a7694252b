#include "neurarium/experiment/run_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/interchange/json.hpp"

namespace fs = std::filesystem;

namespace neurarium {
namespace {

constexpr const char* marker = "neurarium run 1";  // run.json's "format"
constexpr std::size_t padding = 16384;             // of the lock file: room for the last words on a full disk

SpecError cannot_write(const fs::path& folder, const std::error_code& error) {
  return SpecError(folder.string() + ": the run directory can't be made: " + error.message(),
                   "choose a place that can be written with --out");
}

}  // namespace

bool is_run_directory(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_regular_file(folder / "run.json", error)) return false;
  try {
    const Value record = parse_json(read_text(folder / "run.json"), "run.json");
    const Value* format = record.find("format");
    return format && format->is_text() && format->as_text() == marker;
  } catch (const Error&) {
    return false;
  }
}

RunDirectory::RunDirectory(fs::path folder) : folder_(std::move(folder)) {
  if (!folder_.has_filename()) folder_ = folder_.parent_path();  // "out/" is "out"
  std::error_code error;
  const auto status = fs::status(folder_, error);
  if (status.type() == fs::file_type::not_found) return;
  if (status.type() == fs::file_type::none)
    throw SpecError(folder_.string() + ": can't be looked at: " + error.message(), "choose another place with --out");
  if (!is_run_directory(folder_))
    throw SpecError(folder_.string() + (fs::is_directory(status) ? " exists and is not a run directory"
                                                                 : " exists and is not a folder"),
                    "nothing was touched; choose a new folder with --out, or remove it");
  exists_ = true;
  record_ = parse_json(read_text(file("run.json")), file("run.json").string());
}

RunDirectory::~RunDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

std::string RunDirectory::text(const std::string& key) const {
  const Value* value = record_.find(key);
  return value && value->is_text() ? value->as_text() : std::string();
}

bool RunDirectory::has(const std::string& name) const {
  std::error_code error;
  return fs::exists(folder_ / name, error);
}

void RunDirectory::take_lock(const fs::path& folder) {
  if (lock_ >= 0) ::close(lock_);
  const fs::path path = folder / ".lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0)
    throw SpecError(path.string() + ": can't be opened: " + std::strerror(errno), "choose another place with --out");
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    std::string owner(32, '\0');
    owner.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(lock_, owner.data(), owner.size()))));
    ::close(lock_);
    lock_ = -1;
    throw Error(folder.string() + " is in use by another process (" + owner.substr(0, owner.find('\n')) +
                "); wait until it has ended, or choose another place with --out");
  }
  std::string content = "process " + std::to_string(::getpid()) + '\n';
  content.resize(padding, '\n');
  const ssize_t written = ::pwrite(lock_, content.data(), content.size(), 0);
  if (written == static_cast<ssize_t>(content.size())) return;
  const int code = written < 0 ? errno : ENOSPC;  // after a short write errno holds something older
  throw Error(path.string() + ": can't write: " + std::strerror(code) + "; free some space and run again");
}

void RunDirectory::lock() {
  if (lock_ >= 0) return;
  take_lock(folder_);
  record_ = parse_json(read_text(file("run.json")), file("run.json").string());  // as its last holder left it
  // What a killed process was just writing aside (write_atomically) belongs to nobody now.
  std::vector<fs::path> left;
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    const std::string ending = entry.path().extension().string();
    const bool aside = ending.starts_with(".part") && ending.find_first_not_of("0123456789", 5) == std::string::npos;
    if (aside && ending.size() > 5 && entry.is_regular_file()) left.push_back(entry.path());
  }
  for (const fs::path& path : left) fs::remove(path);
}

void RunDirectory::create(const Files& files) {
  record_.set("format", marker);
  const fs::path parent = folder_.has_parent_path() ? folder_.parent_path() : fs::path(".");
  const fs::path aside = parent / ("." + folder_.filename().string() + ".part" + std::to_string(::getpid()));
  std::error_code error;
  fs::create_directories(parent, error);
  if (!error) fs::create_directory(aside, error);
  if (error) throw cannot_write(folder_, error);
  try {
    take_lock(aside);
    for (const auto& [name, content] : files) {
      fs::create_directories((aside / name).parent_path());
      write_atomically(aside / name, std::span<const std::byte>(content));
    }
    write_atomically(aside / "run.json", to_json(record_) + "\n");
    fs::rename(aside, folder_, error);
    if (error && is_run_directory(folder_)) {  // another process was a moment faster
      take_lock(folder_);                      // if that still works on it, this says so, and names it
      throw Error(folder_.string() +
                  " is in use by another process: it was made by one a moment ago; run again to see its state");
    }
    if (error) throw cannot_write(folder_, error);
  } catch (...) {
    fs::remove_all(aside, error);
    throw;
  }
  exists_ = made_here_ = true;
}

void RunDirectory::remove() noexcept {
  if (!made_here_) return;
  std::error_code error;
  fs::remove_all(folder_, error);
  exists_ = made_here_ = false;
}

void RunDirectory::begin_writing() {
  if (!old_result_) return;
  old_result_ = false;
  // In this order a process that is killed in between leaves nothing that could be taken for a finished or resumable run.
  for (const char* name : {"checkpoint.safetensors", "network.safetensors"}) fs::remove(file(name));
  save_record();
  for (const char* name : {"report.json", "report.html", "metrics.csv", "arrays", "pictures", "charts", "members"})
    fs::remove_all(folder_ / name);
}

void RunDirectory::save_record() { write_atomically(file("run.json"), to_json(record_) + "\n"); }

void RunDirectory::save_last_record() noexcept {
  try {
    if (lock_ >= 0) [[maybe_unused]]
      const int truncated = ::ftruncate(lock_, 0);
    save_record();
  } catch (...) {  // the directory keeps its last status; the error itself is on its way to the user
  }
}

}  // namespace neurarium
