#include "neurarium/report/plotly.hpp"

#include <gtest/gtest.h>

#include "neurarium/core/files.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

TEST(Plotly, FoundOnlyIfItIsTheRightFile) {
  const fs::path home = fs::temp_directory_path() / "neurarium-plotly-test";
  fs::remove_all(home);
  EXPECT_FALSE(find_plotly(home).has_value());
  // Something else of the right size is not it.
  fs::create_directories(home / "plotly");
  const CatalogueFile& file = plotly_entry().files.front();
  write_atomically(home / "plotly" / "plotly.min.js", std::string(file.bytes, ' '));
  EXPECT_FALSE(find_plotly(home).has_value());
  fs::remove_all(home);
}

TEST(Plotly, IsFetchedLikeADataSetButIsNone) {
  const CatalogueEntry& entry = plotly_entry();
  EXPECT_EQ(entry.kind, "npm");
  EXPECT_EQ(entry.package + "@" + entry.version, "plotly.js-dist-min@4.1.2");
  EXPECT_EQ(entry.archive_sha256.size(), 64u);
  EXPECT_EQ(entry.files.front().sha256.size(), 64u);
  EXPECT_THROW(catalogue_entry("plotly"), SpecError);
}

}  // namespace
}  // namespace neurarium
