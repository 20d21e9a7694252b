#include "neurarium/experiment/sweep_result.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "neurarium/experiment/sweep_charts.hpp"
#include "neurarium/experiment/sweep_page.hpp"

namespace neurarium {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using State = SweepRun::State;

/// Points rate = 0.01, 0.1, 1 with two seeds: error = point + seed.
SweepResult sample() {
  SweepResult result;
  result.study = "toy";
  result.folder = "out";
  result.keys = {"train.rate"};
  result.points = {{0.01}, {0.1}, {1.0}};
  result.seeds = {0, 1};
  result.figures = {{"error", "mV", "How wrong."}, {"epochs", "", "Passes."}};
  result.figure = "error";
  for (std::size_t point = 0; point < 3; ++point)
    for (std::uint64_t seed = 0; seed < 2; ++seed) {
      SweepRun& run = result.runs.emplace_back();
      run.point = point;
      run.seed = seed;
      run.name = "toy-" + std::to_string(point) + std::to_string(seed);
      run.folder = std::filesystem::path("out/members") / run.name;
      run.state = State::finished;
      run.seconds = 1.5;
      run.figures = {{"error", static_cast<double>(point + seed)}, {"epochs", 5}};
    }
  return result;
}

SweepResult with_failures(int first, int second) {
  SweepResult result = sample();
  for (const auto& [place, code] : {std::pair{2, first}, std::pair{5, second}}) {
    result.runs[place].state = State::failed;
    result.runs[place].exit_code = code;
    result.runs[place].error = "it \"broke\",\ntwice";
    result.runs[place].figures.clear();
  }
  return result;
}

TEST(SweepResults, SummaryOfAPointTakesItsFinishedRuns) {
  const SampleSummary whole = sample().summary(1, "error");
  EXPECT_EQ(whole.n, 2U);
  EXPECT_EQ(whole.mean, 1.5);
  EXPECT_NEAR(whole.sd, std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(whole.high - 1.5, 12.706204736432095 * 0.5, 1e-9);  // t(0.975, 1) · sd / √2
  EXPECT_EQ(with_failures(1, 1).summary(1, "error").mean, 2);
}

TEST(SweepResults, ExitCodeIsTheOneThatAllFailuresShare) {
  EXPECT_EQ(sample().exit_code(), ExitCode::done);
  EXPECT_EQ(with_failures(4, 4).exit_code(), ExitCode::diverged);
  EXPECT_EQ(with_failures(3, 4).exit_code(), ExitCode::failed);
  EXPECT_EQ(with_failures(137, 137).exit_code(), ExitCode::failed);
  SweepResult stopped = sample();
  stopped.runs[0].state = State::stopped;
  EXPECT_EQ(stopped.exit_code(), ExitCode::interrupted);
}

TEST(SweepResults, CsvHasARowPerRun) {
  SweepResult result = with_failures(4, 4);
  result.points[0][0] = 0.1 + 0.2;
  result.points[1][0] = "a,\"b\"";
  EXPECT_THAT(csv_text(result), ::testing::StartsWith("train.rate,seed,status,error,epochs,wall_seconds,run\n"
                                                      "0.30000000000000004,0,finished,0.0,5.0,1.5,out/members/toy-00\n"
                                                      "0.30000000000000004,1,finished,1.0,5.0,1.5,out/members/toy-01\n"
                                                      "\"a,\"\"b\"\"\",0,failed,,,1.5,out/members/toy-10\n"));
}

TEST(SweepResults, JsonHasPointsAndRuns) {
  const Value value = to_value(with_failures(4, 4));
  EXPECT_EQ(value.at("status").as_text(), "failed");
  EXPECT_EQ(value.at("failed").as_integer(), 2);
  const Value& point = value.at("points").as_list().at(1);
  EXPECT_EQ(point.at("settings").at("train.rate").as_number(), 0.1);
  EXPECT_EQ(point.at("figures").at("error").at("n").as_integer(), 1);
  EXPECT_EQ(point.at("figures").at("error").at("mean").as_number(), 2);
  EXPECT_TRUE(point.at("figures").at("error").at("sd").is_null());
  EXPECT_EQ(value.at("runs").as_list().at(2).at("exit_code").as_integer(), 4);
  EXPECT_EQ(to_value(sample()).at("status").as_text(), "finished");
}

TEST(SweepCharts, LineAndBandOverTheSweptSetting) {
  const SweepResult result = sample();
  const Chart chart = *sweep_chart(result, result.figures[0]);
  EXPECT_TRUE(chart.log_x);  // 0.01, 0.1, 1
  EXPECT_EQ(chart.y_label, "error, mV");
  ASSERT_EQ(chart.traces.size(), 3U);
  EXPECT_EQ(chart.traces[0].kind, Trace::Kind::band);
  EXPECT_THAT(chart.traces[0].x, ElementsAre(0.01, 0.1, 1.0, 1.0, 0.1, 0.01));
  EXPECT_EQ(chart.traces[0].y[1], result.summary(1, "error").high);
  EXPECT_EQ(chart.traces[0].y[4], result.summary(1, "error").low);
  EXPECT_THAT(chart.traces[1].y, ElementsAre(0.5, 1.5, 2.5));
  EXPECT_THAT(chart.traces[2].y, ElementsAre(0, 1, 1, 2, 2, 3));
}

TEST(SweepCharts, EvenStepsAreNotLogarithmic) {
  SweepResult result = sample();
  result.points = {{1}, {50}, {100}};
  EXPECT_FALSE(sweep_chart(result, result.figures[0])->log_x);
}

TEST(SweepCharts, ASecondKeyGivesOneLinePerValue) {
  SweepResult result = sample();
  result.keys = {"train.optimiser", "train.rate"};
  result.points = {{"sgd", 1}, {"sgd", 2}, {"adam", 1}};
  const Chart chart = *sweep_chart(result, result.figures[0]);
  ASSERT_EQ(chart.traces.size(), 3U);  // the band of one point has no width
  EXPECT_EQ(chart.traces[1].name, "optimiser = sgd");
  EXPECT_THAT(chart.traces[1].x, ElementsAre(1, 2));
  EXPECT_EQ(chart.traces[2].name, "optimiser = adam");
  EXPECT_EQ(chart.x_label, "train.rate");
}

TEST(SweepCharts, WordsGiveBarsAndSeedsAloneGivePoints) {
  SweepResult result = sample();
  result.points = {{"a"}, {"b"}, {"c"}};
  EXPECT_EQ(sweep_chart(result, result.figures[0])->traces.at(0).kind, Trace::Kind::bars);
  result.keys.clear();
  result.points = {{}};
  result.runs.resize(2);
  const Chart chart = *sweep_chart(result, result.figures[0]);
  EXPECT_EQ(chart.x_label, "seed");
  EXPECT_THAT(chart.traces.back().y, ElementsAre(0, 1));
  EXPECT_FALSE(sweep_chart(result, {"nothing", "", ""}));
}

TEST(SweepPages, SayWhatWasFound) {
  const Report report = sweep_report(with_failures(4, 4));
  EXPECT_EQ(report.study, "toy-sweep");
  EXPECT_EQ(report.answer,
            "4 of 6 runs finished, 2 failed; error: from 0.5 ± 0.71 mV (train.rate = 0.01) to 2 mV (train.rate = 1.0)");
  const auto table = [&](const std::string& name) {
    for (const Exhibit& exhibit : report.exhibits)
      if (const auto* found = std::get_if<Table>(&exhibit); found && found->name == name) return *found;
    return Table{};
  };
  ASSERT_EQ(table("failed").rows.size(), 2U);
  EXPECT_THAT(table("failed").rows[0], ElementsAre("toy-10", "0.1", "0", "4", "it \"broke\",\ntwice"));
  EXPECT_THAT(table("points").rows[0], ElementsAre("0.01", "2", "0.5 ± 0.71"));
  EXPECT_EQ(table("points").rows[1][1], "1 of 2");
  EXPECT_EQ(table("runs").rows.size(), 6U);
  bool constant = false;
  for (const Exhibit& exhibit : report.exhibits)
    if (const auto* remark = std::get_if<Remark>(&exhibit)) constant |= remark->text == "epochs = 5.";
  EXPECT_TRUE(constant);
}

}  // namespace
}  // namespace neurarium
