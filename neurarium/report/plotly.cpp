#include "neurarium/report/plotly.hpp"

#include <system_error>

#include "neurarium/core/files.hpp"

namespace neurarium {

const CatalogueEntry& plotly_entry() {
  static const CatalogueEntry entry = [] {
    CatalogueEntry e;
    e.name = "plotly";
    e.doc = "plotly.js, which draws the charts of the report page";
    e.kind = "npm";
    e.package = "plotly.js-dist-min";
    e.version = "4.1.2";
    e.archive_sha256 = "4d4a67f627e33fa3b5296134210d5ba51e5312d7d287436fcc29eb533018e1b8";
    e.archive_bytes = 1663865;
    e.licence = "MIT";
    e.citation = "Plotly Technologies Inc. Collaborative data science. Montréal, 2015.";
    e.package_files = {{"plotly.min.js", "package/plotly.min.js", 4834409,
                        "2f645d1bade8182fce161b7f10f89402f8b315805250ff4a94672a28d23c390a"}};
    e.files = e.package_files;
    return e;
  }();
  return entry;
}

std::optional<std::filesystem::path> find_plotly(const std::filesystem::path& home) {
  const CatalogueFile& file = plotly_entry().files.front();
  const auto path = home / plotly_entry().name / file.name;
  std::error_code none;
  if (std::filesystem::file_size(path, none) != file.bytes || none || sha256_file(path) != file.sha256)
    return std::nullopt;
  return path;
}

void get_plotly(const std::filesystem::path& home, const std::function<void(const FetchProgress&)>& progress,
                std::stop_token stop) {
  get_dataset(plotly_entry(), home, progress, std::move(stop));
}

}  // namespace neurarium
