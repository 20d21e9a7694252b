// Files out of a tar archive (gzip-compressed or plain), by name.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace neurarium {

/// Calls `take` with the content of each regular file that `wanted` accepts, in the order of the archive. Returning false from
/// `take` ends the reading. Nothing is written. Source: POSIX.1-2001 (ustar) with pax and GNU long names skipped.
/// A DataError if the archive is damaged or cut short.
void read_tar(const std::filesystem::path& archive, const std::function<bool(const std::string& name)>& wanted,
              const std::function<bool(const std::string& name, std::span<const std::byte> content)>& take);

}  // namespace neurarium
