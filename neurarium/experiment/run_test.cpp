// What a run leaves behind, and where.
#include <gmock/gmock.h>
#include <pthread.h>

#include <fstream>
#include <optional>

#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/experiment/report_files.hpp"
#include "neurarium/experiment/run_directory.hpp"
#include "neurarium/experiment/run_fixture_test.hpp"
#include "neurarium/experiment/run_recorder.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/npy.hpp"

namespace fs = std::filesystem;

namespace neurarium {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using testing::message_of;
using testing::ToyStudy;

class Run : public testing::RunTest {};

TEST_F(Run, LeavesACompleteDirectoryNamedAfterTheExperiment) {
  const Report report = run_toy();
  EXPECT_THAT(report.run, MatchesRegex("runs/toy-sum-[0-9a-f]{8}"));
  EXPECT_EQ(report.question, "What is the sum?");
  for (const char* file : {"experiment.toml", "run.json", "metrics.csv", "report.json", "report.html",
                           "checkpoint.safetensors", "arrays/sum.npy", "pictures/stripes.png", "charts/chart.json"})
    EXPECT_TRUE(fs::is_regular_file(fs::path(report.run) / file)) << file;
  for (const auto& file : fs::recursive_directory_iterator(report.run))
    EXPECT_EQ(file.path().string().find(".part"), std::string::npos) << file.path();
  const Value run = record(report.run);
  EXPECT_EQ(run.at("status").as_text(), "finished");
  EXPECT_EQ(run.at("exit_status").as_integer(), 0);
  EXPECT_EQ(run.at("choices").at("engine").as_text(), "plain addition");
  EXPECT_EQ(run.at("seed").as_integer(), 0);
  EXPECT_GE(run.at("threads").as_integer(), 1);
  for (const char* key : {"version", "compiler", "instruction_set", "started", "ended", "wall_seconds"})
    EXPECT_TRUE(run.find(key)) << key;
  const std::string metrics = read_text(fs::path(report.run) / "metrics.csv");
  EXPECT_EQ(std::count(metrics.begin(), metrics.end(), '\n'), 41);
  EXPECT_THAT(metrics, ::testing::StartsWith("step,sum\n0,0."));
}

TEST_F(Run, NameDependsOnSettingsAndSeedButNotOnThreads) {
  const std::string name = run_toy().run;
  EXPECT_EQ(run_toy({"threads=2"}).run, name);
  EXPECT_NE(run_toy({"seed=1"}).run, name);
  EXPECT_NE(run_toy({"train.window=1 ms"}).run, name);
}

TEST_F(Run, AFinishedRunIsReadBackAndAgainComputesItAnew) {
  int steps = 0;
  ToyStudy::at_step() = [&](std::int64_t) { ++steps; };
  const Report first = run_toy({}, to("out"));
  EXPECT_EQ(steps, 40);
  const Report second = run_toy({}, to("out"));
  EXPECT_EQ(steps, 40);
  EXPECT_EQ(to_json(to_value(second)), to_json(to_value(first)));
  RunOptions again = to("out");
  again.again = true;
  (void)run_toy({}, again);
  EXPECT_EQ(steps, 80);
}

TEST_F(Run, AnotherExperimentInTheSamePlaceIsRefused) {
  (void)run_toy({}, to("out"));
  const std::string before = read_text("out/report.json");
  EXPECT_THAT(message_of<SpecError>([&] {
                (void)run_toy({"steps=5", "mode=fancy"}, to("out"));
              }),
              AllOf(HasSubstr("steps = 5, there 40"), HasSubstr("mode = \"fancy\", there \"plain\"")));
  EXPECT_EQ(read_text("out/report.json"), before);
}

TEST_F(Run, AWrongSettingThatOnlyTheRunFindsLeavesNothingInTheWay) {
  ToyStudy::at_step() = [](std::int64_t) { throw SpecError("mode: does not go with the data"); };
  EXPECT_THAT(message_of<SpecError>([&] { (void)run_toy({"mode=fancy"}, to("out")); }), HasSubstr("does not go"));
  EXPECT_FALSE(fs::exists("out"));
  ToyStudy::at_step() = {};
  EXPECT_EQ(run_toy({}, to("out")).study, "toy-sum");
  ToyStudy::at_step() = [](std::int64_t step) {
    if (step == 1) throw SpecError("too late");
  };
  EXPECT_THAT(message_of<SpecError>([&] { (void)run_toy({}, to("late")); }), HasSubstr("too late"));
  EXPECT_EQ(record("late").at("status").as_text(), "failed");  // it had begun: its rows are kept
  RunOptions again = to("out");
  again.again = true;
  ToyStudy::at_step() = [](std::int64_t) { throw SpecError("not now"); };
  EXPECT_THAT(message_of<SpecError>([&] { (void)run_toy({}, again); }), HasSubstr("not now"));
  EXPECT_TRUE(fs::exists("out/report.json"));  // an earlier result is never removed
}

TEST_F(Run, ALiveRunHoldsItsDirectory) {
  std::string message;
  ToyStudy::at_step() = [&](std::int64_t step) {
    if (step == 5) message = message_of<Error>([&] { (void)run_toy({}, resuming("out")); });
  };
  (void)run_toy({}, to("out"));
  EXPECT_THAT(message, HasSubstr("out is in use by another process (process " + std::to_string(::getpid()) + ")"));
}

TEST_F(Run, PlacesThatAreNoRunDirectoryAreLeftAlone) {
  fs::create_directory("folder");
  std::ofstream("folder/precious") << "x";
  EXPECT_THAT(message_of<SpecError>([&] { (void)run_toy({}, to("folder")); }),
              HasSubstr("folder exists and is not a run directory"));
  EXPECT_EQ(std::distance(fs::directory_iterator("folder"), {}), 1);
  std::ofstream("file") << "x";
  EXPECT_THAT(message_of<SpecError>([&] { (void)run_toy({}, to("file")); }),
              HasSubstr("file exists and is not a folder"));
  EXPECT_THAT(message_of<SpecError>([&] { (void)run_toy({}, to("file/below")); }), HasSubstr("file/below"));
  EXPECT_THAT(message_of<SpecError>([&] { (void)run_toy({}, to("/proc/neurarium/run")); }), HasSubstr("--out"));
}

TEST_F(Run, FailuresLeaveStatusAndError) {
  EXPECT_THAT(message_of<Error>([&] { (void)run_toy({"fail_at=15"}, to("failed")); }), HasSubstr("failed on purpose"));
  EXPECT_EQ(record("failed").at("status").as_text(), "failed");
  EXPECT_EQ(record("failed").at("exit_status").as_integer(), 1);
  EXPECT_THAT(record("failed").at("error").as_text(), HasSubstr("step 15 failed on purpose"));
  EXPECT_THAT(message_of<NumericError>([&] { (void)run_toy({"nan_at=15"}, to("diverged")); }),
              HasSubstr("sum: not a finite number at step 15"));
  EXPECT_EQ(record("diverged").at("status").as_text(), "diverged");
  EXPECT_EQ(record("diverged").at("exit_status").as_integer(), 4);
  RunOptions options = to("nodata");
  options.data_home = "empty";
  EXPECT_THAT(message_of<DataError>([&] { (void)run_toy({"dataset=mnist"}, options); }),
              HasSubstr("neurarium data get mnist"));
  EXPECT_FALSE(fs::exists("nodata"));  // missing data are found before anything is made
}

TEST_F(Run, ThreadsThatCannotBeStartedAreAFailedRun) {
  pthread_attr_t before, huge;  // no address space holds such stacks
  ASSERT_EQ(::pthread_getattr_default_np(&before), 0);
  ASSERT_EQ(::pthread_getattr_default_np(&huge), 0);
  ASSERT_EQ(::pthread_attr_setstacksize(&huge, std::size_t{1} << 46), 0);
  ASSERT_EQ(::pthread_setattr_default_np(&huge), 0);
  const std::string message = message_of<Error>([&] { (void)run_toy({"threads=3"}, to("out")); });
  ASSERT_EQ(::pthread_setattr_default_np(&before), 0);
  EXPECT_THAT(message, AllOf(HasSubstr("can't start 3 threads"), HasSubstr("--threads")));
  EXPECT_EQ(record("out").at("status").as_text(), "failed");
  EXPECT_EQ(record("out").at("exit_status").as_integer(), 1);
  EXPECT_THAT(record("out").at("error").as_text(), HasSubstr("can't start 3 threads"));
  EXPECT_EQ(run_toy({"threads=3"}, to("out")).study, "toy-sum");
}

TEST_F(Run, NamesThatCannotBeFilesAndNamesGivenTwiceDoNotLoseAFinishedRun) {
  Experiment toy = experiment();
  RunDirectory directory("out");
  directory.create({});
  const RunOptions options;
  RunRecorder recorder(toy, registry_, options, directory);
  const Array one(DType::f64, {1}), two(DType::f64, {2});
  recorder.array("hidden layer.weight", one);
  recorder.array("hidden/layer.weight", two);
  recorder.array("hidden layer.weight", one);  // the same again replaces it
  recorder.array("../escape", one);
  EXPECT_EQ(read_npy("out/arrays/hidden_layer.weight.npy").size(), 1U);
  EXPECT_EQ(read_npy("out/arrays/hidden_layer.weight-2.npy").size(), 2U);
  EXPECT_TRUE(fs::exists("out/arrays/_.._escape.npy"));
  EXPECT_EQ(std::distance(fs::directory_iterator("out/arrays"), {}), 3);
  const Array pixels(DType::u8, {1, 1, 3});
  recorder.add(Picture{"what it sees", "", "", pixels, false});
  recorder.add(Picture{"what it sees", "", "", pixels, false});
  recorder.add(Table{"what it sees", "", "", {}, {}});
  recorder.add(Figure{"loss", 1.0, "", "", {}, {}});
  recorder.add(Figure{"loss", 2.0, "", "", {}, {}});
  write_report(recorder.report(), "out");
  EXPECT_TRUE(fs::exists("out/pictures/what_it_sees.png"));
  EXPECT_TRUE(fs::exists("out/pictures/what_it_sees-2.png"));
  EXPECT_EQ(std::get<Table>(recorder.report().exhibits[2]).name, "what it sees");
  EXPECT_EQ(recorder.report().find("loss_2")->value.as_number(), 2);
}

TEST_F(Run, StateIsReadAgainOnceTheDirectoryIsHeld) {
  RunDirectory other("out");
  other.create({});
  RunDirectory directory("out");
  other.record().set("status", "finished");  // … between our look and our lock
  other.save_record();
  EXPECT_EQ(directory.text("status"), "");
  EXPECT_THAT(message_of<Error>([&] { directory.lock(); }), HasSubstr("in use by another process"));
  RunDirectory{"elsewhere"}.create({});
  std::optional<RunDirectory> first(std::in_place, "elsewhere");
  RunDirectory second("elsewhere");
  first->lock();
  first->record().set("status", "finished");
  first->save_record();
  first.reset();
  second.lock();
  EXPECT_EQ(second.text("status"), "finished");
}

TEST_F(Run, TheSlowerOfTwoFirstStartsHearsThatTheDirectoryIsInUse) {
  std::optional<RunDirectory> faster(std::in_place, "out");
  RunDirectory slower("out"), late("out");
  faster->create({});
  EXPECT_THAT(message_of<Error>([&] { slower.create({}); }),
              AllOf(HasSubstr("in use by another process (process "), ::testing::Not(HasSubstr("can't be made"))));
  faster.reset();
  EXPECT_THAT(message_of<Error>([&] { late.create({}); }), HasSubstr("made by one a moment ago"));
  EXPECT_EQ(std::distance(fs::directory_iterator("."), {}), 1);  // nothing written aside is left
}

}  // namespace
}  // namespace neurarium
