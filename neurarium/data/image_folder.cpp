#include "neurarium/data/image_folder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "neurarium/core/files.hpp"
#include "neurarium/data/image_file.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_file = std::uintmax_t{1} << 30;

struct Listing {
  fs::path root;
  std::vector<std::string> files;  ///< inside the root
  std::vector<ImageFolder::Skipped> skipped;

  std::string inside(const fs::path& path) const { return path.lexically_relative(root).generic_string(); }

  void walk(const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      const fs::path& path = entry->path();
      if (path.filename().native().starts_with('.')) continue;
      std::error_code unknown;
      const fs::file_status status = entry->status(unknown);
      if (fs::is_directory(status) && entry->is_symlink(unknown))
        skipped.push_back({inside(path), "is a link to a folder; these are not followed"});
      else if (fs::is_directory(status)) walk(path);
      else if (fs::is_regular_file(status)) files.push_back(inside(path));
      else if (status.type() == fs::file_type::not_found) skipped.push_back({inside(path), "is a link to nothing"});
      else skipped.push_back({inside(path), unknown ? "can't be looked at: " + unknown.message() : "is not a file"});
    }
    if (!error) return;
    if (folder == root) throw DataError(root.string(), "the folder can't be read: " + error.message());
    skipped.push_back({inside(folder), "the folder can't be read: " + error.message()});
  }
};

Listing list_files(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found)
    throw DataError(folder.string(), "not found", "give the path of a folder of photographs: images:FOLDER");
  if (status.type() == fs::file_type::none) throw DataError(folder.string(), "can't be looked at: " + error.message());
  if (!fs::is_directory(status))
    throw DataError(folder.string(), "is a file, expected a folder of photographs", "give the folder that it lies in");
  Listing listing{folder, {}, {}};
  listing.walk(folder);
  std::ranges::sort(listing.files);
  return listing;
}

/// What is wrong, without the name of the file in front of it: lists of skipped files have that beside it.
std::string reason_of(const DataError& error) {
  const std::string text = error.what();
  return text.starts_with(error.file() + ": ") ? text.substr(error.file().size() + 2) : text;
}

/// The whole file if it begins like a photograph, else its first bytes: nobody wants a film in memory.
std::vector<std::byte> photograph_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DataError(path.string(), std::string("can't be read: ") + std::strerror(errno));
  std::array<char, 16> buffer{};
  file.read(buffer.data(), buffer.size());
  const auto first = std::as_bytes(std::span(buffer)).first(static_cast<std::size_t>(file.gcount()));
  if (first.size() < 2 || (first[0] != std::byte{0xff} && first[0] != std::byte{0x89}))
    return {first.begin(), first.end()};
  std::error_code error;
  if (fs::file_size(path, error) > largest_file) throw DataError(path.string(), "has more than 1 GiB");
  return read_bytes(path);
}

}  // namespace

ImageFolder::ImageFolder(fs::path folder, const PhotographProgress& progress, WorkerPool* pool)
    : folder_(std::move(folder)) {
  Listing listing = list_files(folder_);
  skipped_ = std::move(listing.skipped);
  struct Outcome {
    Photograph photograph;
    std::string fault;
  };
  std::vector<Outcome> outcomes(listing.files.size());
  const auto look_at = [&](std::size_t i) {
    Photograph& photograph = outcomes[i].photograph;
    photograph.path = listing.files[i];
    try {
      const fs::path path = folder_ / photograph.path;
      const std::vector<std::byte> bytes = photograph_bytes(path);
      const ImageSize size = check_image(bytes, path.string());
      photograph.height = size.height;
      photograph.width = size.width;
      photograph.sha256 = neurarium::sha256(bytes);
    } catch (const DataError& error) {
      outcomes[i].fault = reason_of(error);
    }
  };
  const std::size_t at_once = pool ? static_cast<std::size_t>(pool->threads()) : 1;
  for (std::size_t i = 0; i < outcomes.size(); i += at_once) {
    if (progress) progress(i, outcomes.size());
    const std::size_t count = std::min(at_once, outcomes.size() - i);
    if (pool) pool->run(count, [&](std::size_t k) { look_at(i + k); });
    else look_at(i);
  }
  std::string content;
  for (Outcome& outcome : outcomes) {
    Photograph& photograph = outcome.photograph;
    if (!outcome.fault.empty()) {
      skipped_.push_back({photograph.path, outcome.fault});
      continue;
    }
    content += photograph.sha256 + "  " + photograph.path + "\n";
    photographs_.push_back(std::move(photograph));
  }
  std::ranges::sort(skipped_, {}, &Skipped::path);
  if (photographs_.empty()) {
    const std::string mend = "PNG and JPEG are read, at any depth of the folder";
    if (skipped_.empty()) throw DataError(folder_.string(), "the folder holds no files", mend);
    throw DataError(folder_.string(),
                    "none of its " + std::to_string(skipped_.size()) + " files can be read; " + skipped_[0].path +
                        ": " + skipped_[0].reason,
                    mend);
  }
  sha256_ = neurarium::sha256(content);
  if (progress) progress(outcomes.size(), outcomes.size());
}

Array ImageFolder::read(std::size_t i) const {
  const Photograph& photograph = photographs_.at(i);
  const fs::path path = folder_ / photograph.path;
  const std::vector<std::byte> bytes = photograph_bytes(path);
  if (neurarium::sha256(bytes) != photograph.sha256)
    throw DataError(path.string(), "has changed since the folder was opened", "run again");
  return decode_image(bytes, path.string());
}

std::string folder_listing_hash(const fs::path& folder) {
  const Listing listing = list_files(folder);
  std::string text;
  for (const std::string& file : listing.files) {
    std::error_code error;
    text += std::to_string(fs::file_size(folder / file, error)) + "  " + file + "\n";
  }
  return sha256(text);
}

PhotographSplit split_photographs(const ImageFolder& folder) {
  PhotographSplit split;
  const std::size_t count = folder.size();
  if (count == 1) {
    const std::size_t height = folder.height(0), above = height - height / 5;
    split.training.push_back({0, 0, above});
    split.held_out.push_back({0, above, height - above});
    return split;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const bool held_out = count < 5 ? i + 1 == count : i % 5 == 4;
    (held_out ? split.held_out : split.training).push_back({i, 0, folder.height(i)});
  }
  return split;
}

}  // namespace neurarium
