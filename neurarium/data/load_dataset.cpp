#include <cstdlib>

#include "neurarium/data/catalogue.hpp"
#include "neurarium/data/cifar10.hpp"
#include "neurarium/data/formants.hpp"
#include "neurarium/data/generators.hpp"
#include "neurarium/data/idx.hpp"
#include "neurarium/data/interaural_dataset.hpp"
#include "neurarium/data/intervals.hpp"
#include "neurarium/data/spike_dataset.hpp"
#include "neurarium/data/user_file.hpp"
#include "neurarium/data/yin_yang.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

bool is_user_file(const std::string& name) { return name.ends_with(".npz"); }

std::string command_for(const std::string& name) { return "run: neurarium data get " + name; }

/// Where an IDX file is: in the home or where the system's package puts it, compressed or not. When it is nowhere, where it should be.
fs::path find_idx(const CatalogueEntry& entry, const fs::path& home, const std::string& stem) {
  std::error_code error;
  for (const fs::path& folder : {home / entry.name, fs::path(entry.also_in)})
    for (const char* ending : {"", ".gz"})
      if (!folder.empty() && fs::exists(folder / (stem + ending), error)) return folder / (stem + ending);
  throw DataError((home / entry.name / stem).string(), "not found", command_for(entry.name));
}

Dataset load_idx(const CatalogueEntry& entry, const fs::path& home) {
  Dataset data;
  const auto split = [&](const std::string& stem) {
    const fs::path pictures = find_idx(entry, home, stem + "-images-idx3-ubyte");
    const fs::path labels = find_idx(entry, home, stem + "-labels-idx1-ubyte");
    return read_idx_pictures(pictures, labels, {28, 28}, entry.classes.size(), command_for(entry.name));
  };
  data.train = split("train");
  data.test = split("t10k");
  return data;
}

Dataset load_cifar10(const CatalogueEntry& entry, const fs::path& home) {
  const fs::path folder = home / entry.name;
  const std::string mend = command_for(entry.name);
  std::error_code error;
  const auto paths = [&](const fs::path& in, const char* ending) {
    std::vector<fs::path> all;
    for (int i = 1; i <= 5; ++i) all.push_back(in / ("data_batch_" + std::to_string(i) + ending));
    return all;
  };
  Dataset data;
  // The pictures are taken only if none of the official files is there: half a set of those is a fault to be named.
  if (fs::exists(folder / "data_batch_1.png", error) && !fs::exists(folder / "data_batch_1.bin", error)) {
    data.train = read_cifar10_png(paths(folder, ".png"), folder / "train_lables.json", mend);
    data.test = read_cifar10_png(std::vector{folder / "test_batch.png"}, folder / "test_lables.json", mend);
    return data;
  }
  const fs::path unpacked = folder / "cifar-10-batches-bin";  // as the official archive unpacks
  const fs::path in = fs::exists(unpacked / "data_batch_1.bin", error) ? unpacked : folder;
  data.train = read_cifar10_binary(paths(in, ".bin"), mend);
  data.test = read_cifar10_binary(std::vector{in / "test_batch.bin"}, mend);
  return data;
}

bool all_there(const std::vector<CatalogueFile>& files, const fs::path& folder) {
  for (const CatalogueFile& file : files) {
    std::error_code error;
    if (fs::file_size(folder / file.name, error) != file.bytes || error) return false;
  }
  return true;
}

}  // namespace

fs::path default_data_home() {
  const auto variable = [](const char* name) -> fs::path {
    const char* value = std::getenv(name);
    return value ? value : "";
  };
  if (fs::path own = variable("NEURARIUM_DATA"); !own.empty()) return own;
  if (const fs::path xdg = variable("XDG_DATA_HOME"); xdg.is_absolute()) return xdg / "neurarium";
  const fs::path user = variable("HOME");
  return (user.empty() ? fs::current_path() : user) / ".local/share/neurarium";
}

std::optional<fs::path> photographs_of(const std::string& name) {
  constexpr std::string_view prefix = "images:";
  if (!name.starts_with(prefix)) return std::nullopt;
  return fs::path(name.substr(prefix.size()));
}

bool is_present(const std::string& name, const fs::path& home) {
  std::error_code error;
  if (const auto folder = photographs_of(name)) return fs::is_directory(*folder, error);
  if (is_interaural_dataset(name) || is_intervals(name) || is_yin_yang(name) || is_formants(name)) return true;
  if (is_spike_dataset(name)) return is_spike_dataset_present(name, home);
  if (is_user_file(name)) return fs::is_regular_file(name, error);
  const CatalogueEntry& entry = catalogue_entry(name);
  return entry.kind == "built-in" || all_there(entry.files, home / name) ||
         all_there(entry.package_files, home / name) ||
         (!entry.also_in.empty() && all_there(entry.files, entry.also_in)) ||
         (name == "cifar10" && all_there(entry.files, home / name / "cifar-10-batches-bin"));
}

Dataset load_dataset(const std::string& name, const fs::path& home, const PhotographProgress& progress,
                     WorkerPool* pool) {
  if (const auto folder = photographs_of(name)) {
    Dataset data;
    data.name = name;
    data.divisor = 255;
    data.photographs = std::make_shared<const ImageFolder>(*folder, progress, pool);
    data.sha256 = data.photographs->sha256();
    return data;
  }
  if (is_interaural_dataset(name)) return interaural_dataset(name, pool);
  if (is_intervals(name)) return intervals_dataset(name, pool);
  if (is_yin_yang(name)) return yin_yang_dataset(name, pool);
  if (is_formants(name)) return formants_dataset(name);
  if (is_spike_dataset(name)) return load_spike_dataset(name, home);
  if (is_user_file(name)) {
    std::error_code error;
    if (!fs::exists(name, error))
      throw DataError(name, "not found", "give the path of an NPZ file with arrays x and y");
    return read_user_npz(name);
  }
  const CatalogueEntry& entry = catalogue_entry(name);
  if (entry.kind == "built-in") return xor_dataset();
  Dataset data = name == "cifar10" ? load_cifar10(entry, home) : load_idx(entry, home);
  data.name = name;
  data.classes = entry.classes;
  data.divisor = 255;
  data.sha256 = content_hash(data);
  return data;
}

}  // namespace neurarium
