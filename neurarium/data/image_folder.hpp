// ImageFolder: a folder of photographs, each of its own size. They are read one by one, when asked for: a folder may be
// larger than memory.
//
// Taken are all PNG and JPEG files at any depth, known by their first bytes and not by their names, in the order of the
// bytes of their paths ("a/b.jpg"). Names that begin with '.' are left out, as `ls` does; links to folders are not
// followed. What can't be taken is listed with the reason, and nothing is half taken: opening the folder decodes every
// file once to its end, keeping only its size.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/pool.hpp"

namespace neurarium {

/// Called between photographs on the calling thread. It may throw (Interrupted, say) to stop the work.
using PhotographProgress = std::function<void(std::size_t done, std::size_t total)>;

class ImageFolder {
 public:
  struct Skipped {
    std::string path;  ///< inside the folder, with '/'
    std::string reason;
  };

  /// Looks at every file. DataError if there is no such folder, or nothing in it can be read as a photograph.
  /// With a pool, files are decoded side by side; the result is the same.
  explicit ImageFolder(std::filesystem::path folder, const PhotographProgress& progress = {},
                       WorkerPool* pool = nullptr);

  const std::filesystem::path& folder() const noexcept { return folder_; }
  std::size_t size() const noexcept { return photographs_.size(); }
  const std::string& path(std::size_t i) const { return photographs_.at(i).path; }  ///< inside the folder, with '/'
  std::size_t height(std::size_t i) const { return photographs_.at(i).height; }
  std::size_t width(std::size_t i) const { return photographs_.at(i).width; }
  const std::vector<Skipped>& skipped() const noexcept { return skipped_; }
  /// Over names and contents of the photographs; files that were skipped do not count.
  const std::string& sha256() const noexcept { return sha256_; }

  /// Photograph i as bytes [height, width, 3], red, green, blue. DataError if the file is no longer what it was when the
  /// folder was opened. May be called from several threads.
  Array read(std::size_t i) const;

 private:
  struct Photograph {
    std::string path;
    std::size_t height = 0, width = 0;
    std::string sha256;
  };
  std::filesystem::path folder_;
  std::vector<Photograph> photographs_;
  std::vector<Skipped> skipped_;
  std::string sha256_;
};

/// SHA-256 over names and sizes of all files of the folder: quick, and enough to notice that photographs were added, taken
/// away or replaced. DataError if there is no such folder.
std::string folder_listing_hash(const std::filesystem::path& folder);

/// Rows [first_row, first_row + rows) of a photograph.
struct PhotographPart {
  std::size_t photograph = 0, first_row = 0, rows = 0;
};

/// What is learned from and what is held out, a pure function of the folder's order: every fifth photograph (the fifth,
/// the tenth …) is held out, of two to four the last one, and of a single one the lower fifth.
struct PhotographSplit {
  std::vector<PhotographPart> training, held_out;
};
PhotographSplit split_photographs(const ImageFolder& folder);

}  // namespace neurarium
