#include "neurarium/report/html.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <regex>

#include "neurarium/core/files.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/report/chart_fixture_test.hpp"

namespace neurarium {
namespace {

using ::testing::UnitTest;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}
bool holds(const std::string& text, const std::string& part) { return count(text, part) > 0; }

Picture noise(std::size_t height, std::size_t width) {
  Array pixels(DType::u8, {height, width, 3});
  std::uint32_t state = 1;
  for (std::uint8_t& byte : pixels.as<std::uint8_t>().flat())
    byte = static_cast<std::uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
  return {"noise", "Noise", "Nothing to be seen.", std::move(pixels), false};
}

Report sample() {
  Report report;
  report.study = "xor-surface";
  report.question = "What does <it> look like?";
  report.answer = "Flat & wide.";
  report.figures = {{"surface_min", 0.992675623, "", "Smallest error", 0.992675623, "notebook"},
                    {"train_seconds", 0.412345, "s", "Time", {}, ""}};
  report.exhibits.push_back(
      Picture{"dots", "Two dots", "One \"black\", one white.", blank_image(1, 2, {0, 0, 0}), false});
  report.exhibits.push_back(chart_of(line(3)));
  report.exhibits.push_back(Table{"runs", "Runs", "", {"name", "loss"}, {{"<first>", "0.5"}, {"second", "12"}}});
  report.exhibits.push_back(Remark{"A slip", "It sums over k.\n\nIt should not."});
  return report;
}

/// A stand-in for plotly.min.js.
class Library {
 public:
  explicit Library(std::string_view content, const std::string& which = {})
      : path_(std::filesystem::temp_directory_path() /
              ("neurarium-library-" + std::string(UnitTest::GetInstance()->current_test_info()->name()) + which +
               ".js")) {
    write_atomically(path_, content);
  }
  ~Library() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(ReportPage, HoldsEverythingInOrder) {
  PageContext context;
  context.command = "neurarium run xor-surface --seed 0";
  context.experiment_toml = "study = \"xor-surface\"\n";
  context.provenance = Value::table();
  context.provenance.set("instruction_set", "AVX-512");
  context.times = Value::table();
  context.times.set("train", 75.2);
  const std::string page = report_page(sample(), context);
  std::size_t at = 0;
  for (const char* part :
       {"<!DOCTYPE html>", "XOR surface</h1>", "What does &lt;it&gt; look like?", "Flat &amp; wide.", "surface_min",
        "Smallest error", "0.992675623", "notebook", "Two dots", "data:image/png;base64,", "Loss while training",
        "&lt;first&gt;", "A slip", "neurarium run xor-surface --seed 0", "Instruction set", "AVX-512", "1 min 15 s",
        "study = &quot;xor-surface&quot;", "</html>"}) {
    const std::size_t found = page.find(part, at);
    EXPECT_NE(found, std::string::npos) << part << " is missing, or not in its place";
    if (found != std::string::npos) at = found;
  }
}

TEST(ReportPage, CaptionsAreTheAlternativeText) {
  EXPECT_TRUE(holds(report_page(sample(), {}), "alt=\"One &quot;black&quot;, one white.\""));
}

TEST(ReportPage, SmallPicturesAreEnlargedByAWholeNumber) {
  const std::string page = report_page(sample(), {});
  EXPECT_TRUE(holds(page, "<img class=\"pixelated\" width=\"700\" height=\"350\""));  // 2 × 1, 350-fold
}

TEST(ReportPage, TheFirstPictureIsShownLarger) {
  Report report;
  for (int k = 0; k < 2; ++k)
    report.exhibits.push_back(Picture{"map", "A map", "", blank_image(329, 329, {0, 0, 0}), false});
  const std::string page = report_page(report, {});
  const std::size_t first = page.find("width=\"658\" height=\"658\""),
                    second = page.find("width=\"329\" height=\"329\"");
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(second, std::string::npos);
  EXPECT_LT(first, second);
  EXPECT_EQ(count(page, "class=\"pixelated near\""), 2u);  // on a phone both as they are
}

TEST(ReportPage, NarrowPicturesThatFollowOneAnotherShareARow) {
  Report report;
  const auto add = [&](const char* name, std::size_t width) {
    report.exhibits.push_back(Picture{name, name, "", blank_image(300, width, {0, 0, 0}), false});
  };
  add("lead", 300), add("one", 300), add("two", 300), add("wide", 600), add("alone", 300);
  const std::string page = report_page(report, {});
  ASSERT_EQ(count(page, "<div class=\"row\">"), 1u);
  const std::string row = page.substr(page.find("<div class=\"row\">"));
  EXPECT_EQ(row.find("id=\"lead\""), std::string::npos);
  EXPECT_LT(row.find("id=\"two\""), row.find("</figure>\n</div>"));
  EXPECT_GT(row.find("id=\"wide\""), row.find("</figure>\n</div>"));
}

TEST(ReportPage, FiguresHaveTheDecimalsOfTheirReference) {
  Report report;
  report.figures = {{"a", 0.99267562312, "", "", 0.992675623, ""},
                    {"b", 0.06322340513, "", "", 0.05, ""},
                    {"c", 18422.31, "1/s", "", 1.5, ""}};
  const std::string page = report_page(report, {});
  EXPECT_EQ(count(page, ">0.992675623</td>"), 2u);
  EXPECT_TRUE(holds(page, ">0.0632234</td>"));
  EXPECT_TRUE(holds(page, ">18,422</td>"));
}

TEST(ReportPage, AsksForNothingFromElsewhere) {
  Report report = sample();
  report.figures[0].reference_source = "https://example.org/paper";  // a citation is text
  const Library library("window.Plotly = {};");
  for (const bool with_library : {false, true}) {
    PageContext context;
    if (with_library) context.plotly.complete = library.path();
    const std::string page = report_page(report, context);
    EXPECT_FALSE(std::regex_search(page, std::regex("(src|href)\\s*=\\s*[\"']?(https?:)?//")));
    EXPECT_FALSE(std::regex_search(page, std::regex("url\\(\\s*[\"']?(?!data:)|@import|<link|<iframe|<object|<embed")));
    EXPECT_TRUE(holds(page, "default-src 'none'"));
    EXPECT_TRUE(holds(page, "form-action 'none'"));  // nor sends anything there
    EXPECT_TRUE(holds(page, "https://example.org/paper"));
  }
}

TEST(ReportPage, WithoutTheLibraryChartsAreTablesAndSayHow) {
  const std::string page = report_page(sample(), {});
  EXPECT_TRUE(holds(page, "neurarium data get plotly"));
  EXPECT_FALSE(holds(page, "id=\"chart-library\">"));
  EXPECT_TRUE(holds(page, "<td>2</td><td>1.41421</td>"));
}

TEST(ReportPage, TheLibraryIsInlinedOnceAndOnlyForCharts) {
  const Library library("window.Plotly = {};");
  PageContext context;
  context.plotly.complete = library.path();
  Report report = sample();
  report.exhibits.push_back(chart_of(line(5)));
  const std::string page = report_page(report, context);
  EXPECT_EQ(count(page, "id=\"chart-library\">H4sI"), 1u);  // H4sI: a gzip header in base64
  EXPECT_EQ(count(page, "class=\"chart\""), 2u);
  EXPECT_FALSE(holds(page, "class=\"missing\""));
  report.exhibits.clear();
  EXPECT_FALSE(holds(report_page(report, context), "id=\"chart-library\">"));
}

/// The packed library in a page, empty if there is none.
std::string library_in(const std::string& page) {
  const std::string mark = "id=\"chart-library\">";
  const std::size_t at = page.find(mark);
  return at == std::string::npos ? "" : page.substr(at + mark.size(), page.find('<', at) - at - mark.size());
}

TEST(ReportPage, TheSmallestLibraryThatDrawsAllIsInlined) {
  const Library flat("window.Plotly = {};"), complete("window.Plotly = {solid: true};", "-complete");
  const auto in = [](bool solid, const PlotlyFiles& files) {
    Report report = sample();
    if (solid) {
      Trace trace = line(3);
      trace.z = {1, 2, 3};
      Chart chart = chart_of(trace);
      chart.name = "solid";
      report.exhibits.push_back(std::move(chart));
    }
    PageContext context;
    context.plotly = files;
    return report_page(report, context);
  };
  const std::string only_flat = library_in(in(false, {flat.path(), {}}));
  const std::string only_complete = library_in(in(false, {{}, complete.path()}));
  ASSERT_FALSE(only_flat.empty() || only_complete.empty());
  ASSERT_NE(only_flat, only_complete);
  const PlotlyFiles both{flat.path(), complete.path()};
  EXPECT_EQ(library_in(in(false, both)), only_flat);
  EXPECT_EQ(library_in(in(true, both)), only_complete);
  EXPECT_EQ(library_in(in(true, {{}, complete.path()})), only_complete);

  // The flat library draws the flat chart; the other one is a table that says how to get it drawn.
  const std::string page = in(true, {flat.path(), {}});
  EXPECT_EQ(library_in(page), only_flat);
  EXPECT_EQ(count(page, "<div class=\"chart"), 1u);
  EXPECT_EQ(count(page, "class=\"missing\""), 1u);
  EXPECT_GT(page.find("class=\"missing\""), page.find("id=\"solid\""));
}

TEST(ReportPage, NoLibraryForChartsThatItCannotDraw) {
  const Library flat("window.Plotly = {};");
  Report report;
  Trace trace = line(3);
  trace.z = {1, 2, 3};
  report.exhibits.push_back(chart_of(trace));
  PageContext context;
  context.plotly.flat = flat.path();
  EXPECT_EQ(library_in(report_page(report, context)), "");
}

TEST(ReportPage, SameReportSameBytes) {
  const Library library("window.Plotly = {};");
  PageContext context;
  context.plotly.complete = library.path();
  EXPECT_EQ(report_page(sample(), context), report_page(sample(), context));
}

TEST(ReportPage, StaysBelowItsLimitAndSaysWhatItCost) {
  Report report = sample();
  for (int k = 0; k < 3; ++k) report.exhibits.push_back(noise(900, 1000));  // 2.7 MB of noise each
  Trace long_line = line(60'000);
  report.exhibits.push_back(chart_of(long_line));
  // A library that does not compress, of the size of the real one when packed.
  const Picture filler = noise(1000, 500);
  const Library library(std::string_view(reinterpret_cast<const char*>(filler.pixels.view().data()), 1'480'000));
  PageContext context;
  context.plotly.complete = library.path();
  const std::string page = report_page(report, context);
  EXPECT_LT(page.size(), context.size_limit);
  EXPECT_GT(page.size(), 2'000'000u);
  EXPECT_TRUE(holds(page, "the whole picture is pictures/noise.png"));
  EXPECT_TRUE(holds(page, "Thinned to keep this page small"));
}

TEST(ReportPage, TheStyleSheetKnowsDarkPhoneAndPaper) {
  const std::string page = report_page({}, {});
  EXPECT_TRUE(holds(page, "prefers-color-scheme: dark"));
  EXPECT_TRUE(holds(page, "@media print"));
  EXPECT_TRUE(holds(page, "width=device-width"));
}

}  // namespace
}  // namespace neurarium
