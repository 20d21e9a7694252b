// A folder that is there as long as its object, in the system's place for such things.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "neurarium/core/errors.hpp"

namespace neurarium {

class TemporaryFolder {
 public:
  /// NAME-XXXXXX with six characters that make it new.
  explicit TemporaryFolder(const std::string& name) {
    std::string pattern = (std::filesystem::temp_directory_path() / (name + "-XXXXXX")).string();
    if (!::mkdtemp(pattern.data()))
      throw Error(pattern + ": can't be made; set TMPDIR to a folder that can be written to");
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace neurarium
