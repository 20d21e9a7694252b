#include "neurarium/report/plotly.hpp"

#include <gtest/gtest.h>

#include "neurarium/core/files.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

TEST(Plotly, FoundOnlyIfItIsTheRightFile) {
  const fs::path home = fs::temp_directory_path() / "neurarium-plotly-test";
  fs::remove_all(home);
  EXPECT_FALSE(find_plotly(home).flat || find_plotly(home).complete);
  // Something else of the right size is not it.
  fs::create_directories(home / "plotly");
  for (const CatalogueEntry& entry : plotly_entries())
    for (const CatalogueFile& file : entry.files)
      write_atomically(home / "plotly" / file.name, std::string(file.bytes, ' '));
  EXPECT_FALSE(find_plotly(home).flat || find_plotly(home).complete);
  fs::remove_all(home);
}

TEST(Plotly, IsFetchedLikeADataSetButIsNone) {
  std::string packages;
  for (const CatalogueEntry& entry : plotly_entries()) {
    EXPECT_EQ(entry.kind, "npm");
    EXPECT_EQ(entry.name, "plotly");
    EXPECT_EQ(entry.archive_sha256.size(), 64u);
    ASSERT_EQ(entry.files.size(), 1u);
    EXPECT_EQ(entry.files.front().sha256.size(), 64u);
    packages += entry.package + "@" + entry.version + " ";
  }
  EXPECT_EQ(packages, "plotly.js-cartesian-dist-min@4.1.1 plotly.js-dist-min@4.1.2 ");
  EXPECT_THROW(catalogue_entry("plotly"), SpecError);
}

TEST(Plotly, FittingIsTheSmallestThatDraws) {
  const fs::path flat = "flat", complete = "complete";
  const PlotlyFiles none, both{flat, complete}, only_flat{flat, {}}, only_complete{{}, complete};
  EXPECT_FALSE(none.fitting(false) || none.fitting(true));
  EXPECT_EQ(both.fitting(false), flat);
  EXPECT_EQ(both.fitting(true), complete);
  EXPECT_EQ(only_flat.fitting(false), flat);
  EXPECT_EQ(only_flat.fitting(true), flat);
  EXPECT_EQ(only_complete.fitting(false), complete);
  EXPECT_EQ(only_complete.fitting(true), complete);
}

}  // namespace
}  // namespace neurarium
