// Reports as files, and what compare finds in them.
#include <gmock/gmock.h>

#include "neurarium/experiment/compare.hpp"
#include "neurarium/experiment/report_files.hpp"
#include "neurarium/experiment/run_fixture_test.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/npy.hpp"
#include "neurarium/interchange/safetensors.hpp"

namespace fs = std::filesystem;

namespace neurarium {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;

class ReportFiles : public testing::RunTest {};

TEST_F(ReportFiles, ReportsSurviveTheRoundTrip) {
  const Report first = run_toy({}, to("out"));
  const Report back = read_report("out");
  ASSERT_EQ(back.figures.size(), 4U);
  EXPECT_EQ(back.find("sum")->value.as_number(), first.find("sum")->value.as_number());
  EXPECT_EQ(back.find("sum")->reference.as_number(), 20.5);
  EXPECT_EQ(back.find("sum")->reference_source, "made up");
  EXPECT_TRUE(back.find("nothing")->value.is_null());
  EXPECT_EQ(to_json(back.find("list")->value, -1), "[1.5,2.0,3]");
  ASSERT_EQ(back.exhibits.size(), 4U);
  const auto& picture = std::get<Picture>(back.exhibits[0]);
  EXPECT_EQ(picture.caption, "Dark to light.");
  ASSERT_EQ(picture.pixels.shape(), (Shape{2, 3, 3}));
  for (std::size_t i = 0; i < 18; ++i) EXPECT_EQ(picture.pixels.as<std::uint8_t>().flat()[i], i * 14);
  const auto& chart = std::get<Chart>(back.exhibits[1]);
  EXPECT_TRUE(chart.log_y);
  EXPECT_EQ(chart.z_label, "z");
  EXPECT_EQ(chart.x_names, (std::vector<std::string>{"left", "right"}));
  EXPECT_EQ(chart.traces[0].labels[2], "c");
  EXPECT_TRUE(std::isnan(chart.traces[0].y[1]));
  EXPECT_EQ(chart.traces[0].y[2], 1e-300);
  EXPECT_EQ(chart.traces[1].kind, Trace::Kind::surface);
  EXPECT_EQ(chart.traces[1].grid.as<float>()(0, 1), 0.1F);
  EXPECT_EQ(std::get<Table>(back.exhibits[2]).rows[1][1], "ü \"quoted\"");
  EXPECT_EQ(std::get<Remark>(back.exhibits[3]).text, "A paragraph.\n\nAnother.");
  fs::remove("out/charts/chart.json");
  EXPECT_THAT(message_of<DataError>([] { (void)read_report("out"); }), HasSubstr("chart.json"));
}

TEST_F(ReportFiles, CompareFindsTheFirstDifferingEntry) {
  (void)run_toy({}, to("a"));
  (void)run_toy({"seed=1"}, to("b"));
  const Comparison same = compare_runs("a", "a"), other = compare_runs("a", "b");
  EXPECT_THAT(same.differences, IsEmpty());
  ASSERT_EQ(other.figures.size(), 4U);
  EXPECT_FALSE(other.figures[0].same);
  EXPECT_TRUE(other.figures[1].same);  // NaN and NaN
  EXPECT_TRUE(other.figures[3].timing);
  ASSERT_EQ(other.differences.size(), 3U);
  EXPECT_THAT(other.differences[0], HasSubstr("figure sum: "));
  EXPECT_THAT(other.differences[1], HasSubstr("arrays/sum.npy: 2 of 2 entries differ, first entry 0"));
  EXPECT_THAT(other.differences[2], HasSubstr("checkpoint: sum: 2 of 2"));
  fs::remove("b/arrays/sum.npy");
  EXPECT_THAT(compare_runs("a", "b").differences[1], HasSubstr("arrays/sum.npy: only in the first run"));
  EXPECT_THAT(message_of<DataError>([] { (void)compare_runs("a", "nowhere"); }), HasSubstr("nowhere"));
}

TEST_F(ReportFiles, CompareLeavesTimesInCheckpointsOut) {
  (void)run_toy({}, to("a"));
  (void)run_toy({}, to("b"));
  const auto add = [](const char* run, const char* name, double number) {
    const fs::path file = fs::path(run) / "checkpoint.safetensors";
    SafeTensors content = read_safetensors(file);
    Array array(DType::f64, {1});
    array.as<double>().flat()[0] = number;
    content.arrays.emplace_back(name, std::move(array));
    write_safetensors(file, content);
  };
  add("a", "run.0.epoch_seconds", 1), add("b", "run.0.epoch_seconds", 2);
  EXPECT_THAT(compare_runs("a", "b").differences, IsEmpty());
  add("a", "run.0.surrogate.epoch_seconds", 1);  // a part that is missing is no matter of time
  EXPECT_THAT(compare_runs("a", "b").differences, ::testing::SizeIs(1));
  add("b", "run.0.surrogate.epoch_seconds", 1), add("a", "run.0.counts", 1), add("b", "run.0.counts", 2);
  EXPECT_THAT(compare_runs("a", "b").differences,
              ::testing::ElementsAre(HasSubstr("checkpoint: run.0.counts: 1 of 1")));
}

TEST(TimeOrRate, IsToldByTheUnit) {
  for (const char* unit : {"s", "ms", "us", "1/s", "samples/s", "min", "images/min"})
    EXPECT_TRUE(is_time_or_rate(unit)) << unit;
  for (const char* unit : {"", "V", "%", "m", "bits", "class", "mV/cm"}) EXPECT_FALSE(is_time_or_rate(unit)) << unit;
}

}  // namespace
}  // namespace neurarium
