#include "neurarium/report/plotly.hpp"

#include <array>
#include <system_error>

#include "neurarium/core/files.hpp"

namespace neurarium {
namespace {

CatalogueEntry entry_of(std::string doc, std::string package, std::string version) {
  CatalogueEntry entry;
  entry.name = "plotly";
  entry.doc = std::move(doc);
  entry.kind = "npm";
  entry.package = std::move(package);
  entry.version = std::move(version);
  entry.licence = "MIT";
  entry.citation = "Plotly Technologies Inc. Collaborative data science. Montréal, 2015.";
  return entry;
}

std::optional<std::filesystem::path> found(const CatalogueEntry& entry, const std::filesystem::path& home) {
  const CatalogueFile& file = entry.files.front();
  const auto path = home / entry.name / file.name;
  std::error_code none;
  if (std::filesystem::file_size(path, none) != file.bytes || none || sha256_file(path) != file.sha256)
    return std::nullopt;
  return path;
}

}  // namespace

std::span<const CatalogueEntry> plotly_entries() {
  static const std::array<CatalogueEntry, 2> entries = [] {
    CatalogueEntry flat = entry_of("plotly.js without 3-D, which draws the charts of most pages",
                                   "plotly.js-cartesian-dist-min", "4.1.1");
    flat.archive_sha256 = "c5f9a84666b97e571a04de689e09319869e60900e265c89eac2f71d0b5a0de88";
    flat.archive_bytes = 501252;
    flat.files = {{"plotly-cartesian.min.js", "package/plotly-cartesian.min.js", 1500041,
                   "79542150855a52c567260e3137095dbe2b744e6d702a5cabe67da246942fba7a"}};
    flat.package_files = flat.files;
    CatalogueEntry complete =
        entry_of("plotly.js, which draws the charts of pages with 3-D charts", "plotly.js-dist-min", "4.1.2");
    complete.archive_sha256 = "4d4a67f627e33fa3b5296134210d5ba51e5312d7d287436fcc29eb533018e1b8";
    complete.archive_bytes = 1663865;
    complete.files = {{"plotly.min.js", "package/plotly.min.js", 4834409,
                       "2f645d1bade8182fce161b7f10f89402f8b315805250ff4a94672a28d23c390a"}};
    complete.package_files = complete.files;
    return std::array{std::move(flat), std::move(complete)};
  }();
  return entries;
}

PlotlyFiles find_plotly(const std::filesystem::path& home) {
  return {found(plotly_entries()[0], home), found(plotly_entries()[1], home)};
}

void get_plotly(const std::filesystem::path& home, const std::function<void(const FetchProgress&)>& progress,
                std::stop_token stop) {
  for (const CatalogueEntry& entry : plotly_entries()) get_dataset(entry, home, progress, stop);
}

}  // namespace neurarium
