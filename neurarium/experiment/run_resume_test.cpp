// Runs that stop and go on: the same bits, and what is refused.
#include <gmock/gmock.h>

#include <fstream>

#include "neurarium/core/files.hpp"
#include "neurarium/experiment/compare.hpp"
#include "neurarium/experiment/run_fixture_test.hpp"
#include "neurarium/experiment/run_recorder.hpp"
#include "neurarium/interchange/json.hpp"

namespace fs = std::filesystem;

namespace neurarium {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;
using testing::ToyStudy;

class RunResume : public testing::RunTest {};

TEST_F(RunResume, AStopWritesACheckpointAndResumeEndsWithTheSameBits) {
  (void)run_toy({}, to("whole"));
  std::stop_source stop;
  ToyStudy::at_step() = [&](std::int64_t step) {
    if (step == 17) stop.request_stop();
  };
  RunOptions options = to("stopped");
  options.stop = stop.get_token();
  EXPECT_THAT(message_of<Interrupted>([&] { (void)run_toy({}, options); }),
              HasSubstr("go on with: neurarium run --resume stopped"));
  ToyStudy::at_step() = {};
  EXPECT_EQ(record("stopped").at("status").as_text(), "interrupted");
  EXPECT_EQ(record("stopped").at("exit_status").as_integer(), 130);
  EXPECT_FALSE(fs::exists("stopped/report.json"));
  EXPECT_THAT(message_of<SpecError>([&] { (void)run_toy({}, to("stopped")); }),
              AllOf(HasSubstr("stopped is unfinished (interrupted)"), HasSubstr("--resume"), HasSubstr("--again")));
  (void)run_toy({}, resuming("stopped"));
  EXPECT_THAT(compare_runs("whole", "stopped").differences, IsEmpty());
  EXPECT_EQ(read_text("whole/metrics.csv"), read_text("stopped/metrics.csv"));
  EXPECT_EQ(record("stopped").at("resumed").as_integer(), 1);
}

TEST_F(RunResume, AKilledRunResumesToTheSameBits) {
  (void)run_toy({}, to("whole"));
  for (const int step : {3, 10, 11, 39}) {  // 3: before the first checkpoint
    const std::string out = "killed" + std::to_string(step);
    run_killed(out, step);
    EXPECT_EQ(record(out).at("status").as_text(), "running");
    std::ofstream(out + "/metrics.csv.part4711") << "half";  // as if killed while writing
    EXPECT_THAT(message_of<SpecError>([&] { (void)run_toy({}, to(out)); }), HasSubstr("its process has ended"));
    (void)run_toy({}, resuming(out));
    EXPECT_THAT(compare_runs("whole", out).differences, IsEmpty());
    EXPECT_EQ(read_text("whole/metrics.csv"), read_text(out + "/metrics.csv"));
    EXPECT_EQ(record(out).at("status").as_text(), "finished");
    EXPECT_FALSE(fs::exists(out + "/metrics.csv.part4711"));
  }
}

TEST_F(RunResume, RowsOfMetricsThatAResumedStudyReplaysAreNotWrittenTwice) {
  const auto add = [](MetricsFile& metrics, int from, int to) {
    for (int i = from; i < to; ++i) metrics.add({{"epoch", i}, {"loss", 1.0 / (i + 1)}});
  };
  MetricsFile whole;
  add(whole, 0, 6);
  whole.write("whole.csv");
  MetricsFile replays, goes_on;
  replays.restore("whole.csv", 3);  // the checkpoint knew three rows
  add(replays, 0, 6);
  replays.write("replays.csv");
  EXPECT_EQ(read_text("replays.csv"), read_text("whole.csv"));
  goes_on.restore("whole.csv", 3);
  add(goes_on, 3, 6);
  goes_on.write("goes_on.csv");
  EXPECT_EQ(read_text("goes_on.csv"), read_text("whole.csv"));
  MetricsFile damaged;
  EXPECT_THAT(message_of<ResumeError>([&] { damaged.restore("whole.csv", 7); }), HasSubstr("has 6 rows"));
}

TEST_F(RunResume, ResumeRefusesAnotherExperimentAndAnotherInstructionSet) {
  run_killed("out", 20);
  EXPECT_THAT(message_of<ResumeError>([&] { (void)run_toy({"seed=8"}, resuming("out")); }),
              AllOf(HasSubstr("out holds another experiment"), HasSubstr("seed = 8, there 0")));
  Value changed = record("out");
  changed.set("instruction_set", "abacus");
  write_atomically("out/run.json", to_json(changed));
  EXPECT_THAT(message_of<ResumeError>([&] { (void)run_toy({}, resuming("out")); }),
              AllOf(HasSubstr("'abacus'"), HasSubstr("--allow-isa-change")));
  RunOptions allowed = resuming("out");
  allowed.allow_isa_change = true;
  EXPECT_EQ(run_toy({}, allowed).study, "toy-sum");
  EXPECT_THAT(message_of<ResumeError>([&] { (void)run_toy({}, resuming("nowhere")); }),
              HasSubstr("no run of this experiment to resume"));
  EXPECT_FALSE(fs::exists("nowhere"));
}

TEST_F(RunResume, AnEditedExperimentAndOtherArraysAreToldApart) {
  const auto array = [](double x) {
    Array start(DType::f64, {40});
    start.as<double>()(0) = x;
    Spec spec;
    spec.study = "toy-sum";
    spec.settings.set("start", std::make_shared<const Array>(start));
    return spec;
  };
  const auto run_resumed = [&](const Spec& spec) {
    return message_of<ResumeError>([&] { (void)run(resolve(spec, registry_), registry_, resuming("out")); });
  };
  (void)run(resolve(array(1), registry_), registry_, to("out"));
  EXPECT_EQ(record("out").at("inputs").at("experiment.toml").as_text(), sha256(read_text("out/experiment.toml")));
  EXPECT_THAT(run_resumed(array(2)), HasSubstr("the array start has another content"));
  const std::string toml = read_text("out/experiment.toml");
  std::string edited = toml;
  edited.replace(edited.find("steps = 40"), 10, "steps = 41");
  write_atomically("out/experiment.toml", edited);
  Spec from_directory;
  from_directory.file = "out/experiment.toml";
  EXPECT_THAT(run_resumed(from_directory), AllOf(HasSubstr("out/experiment.toml was edited since the run began"),
                                                 HasSubstr("--out DIRECTORY"), ::testing::Not(HasSubstr("--resume"))));
  write_atomically("out/experiment.toml", toml);
  EXPECT_EQ(run(resolve(from_directory, registry_), registry_, resuming("out")).study, "toy-sum");
}

TEST_F(RunResume, GoOnResumesOrBegins) {
  RunOptions options = to("out");
  options.go_on = true;
  (void)run_toy({}, to("whole"));
  run_killed("out", 25);
  std::int64_t first = -1;
  ToyStudy::at_step() = [&](std::int64_t step) {
    if (first < 0) first = step;
  };
  (void)run_toy({}, options);
  EXPECT_EQ(first, 20);
  EXPECT_THAT(compare_runs("whole", "out").differences, IsEmpty());
  options.out = "new";
  first = -1;
  (void)run_toy({}, options);
  EXPECT_EQ(first, 0);
}

TEST_F(RunResume, AnotherVersionOfTheProgramDoesNotResumeAndSaysWhoseResultItShows) {
  std::string notes;
  RunOptions noting = to("done");
  noting.note = [&](const std::string& line) { notes += line + "\n"; };
  (void)run_toy({}, noting);
  const auto change = [](const std::string& out, const char* key, const char* value) {
    Value changed = record(out);
    changed.set(key, value);
    write_atomically(out + "/run.json", to_json(changed));
  };
  notes.clear();
  (void)run_toy({}, noting);
  EXPECT_THAT(notes, ::testing::Not(HasSubstr("version")));
  change("done", "version", "0.0.1");
  notes.clear();
  (void)run_toy({}, noting);
  EXPECT_THAT(notes, AllOf(HasSubstr("computed by version 0.0.1"), HasSubstr("--again")));

  run_killed("out", 20);
  const std::string version = record("out").at("version").as_text();
  change("out", "version", "0.0.1");
  RunOptions allowed = resuming("out");
  allowed.allow_isa_change = true;
  for (const RunOptions& options : {resuming("out"), allowed})
    EXPECT_THAT(message_of<ResumeError>([&] { (void)run_toy({}, options); }),
                AllOf(HasSubstr("begun by version 0.0.1"), HasSubstr("--again")));
  change("out", "version", version.c_str());
  change("out", "compiler", "Fortran 66");
  EXPECT_THAT(message_of<ResumeError>([&] { (void)run_toy({}, resuming("out")); }),
              AllOf(HasSubstr("Fortran 66"), HasSubstr("--allow-isa-change")));
  EXPECT_EQ(run_toy({}, allowed).study, "toy-sum");
}

}  // namespace
}  // namespace neurarium
