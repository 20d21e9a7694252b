#include <gmock/gmock.h>
#include <pthread.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <optional>

#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/experiment/compare.hpp"
#include "neurarium/experiment/report_files.hpp"
#include "neurarium/experiment/run_directory.hpp"
#include "neurarium/experiment/run_recorder.hpp"
#include "neurarium/experiment/toy_study_test.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/npy.hpp"

namespace fs = std::filesystem;

namespace neurarium {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using testing::message_of;
using testing::ToyStudy;

class Run : public testing::FolderTest {
 protected:
  Experiment experiment(const std::vector<std::string>& words = {}) const {
    Spec spec;
    spec.study = "toy-sum";
    spec.settings = parse_overrides(words);
    return resolve(spec, registry_, testing::toy_presets());
  }
  Report run_toy(const std::vector<std::string>& words = {}, RunOptions options = {}) const {
    return run(experiment(words), registry_, options);
  }
  static RunOptions to(const std::string& out) {
    RunOptions options;
    options.out = out;
    return options;
  }
  static RunOptions resuming(const std::string& out) {
    RunOptions options = to(out);
    options.resume = true;
    return options;
  }
  static Value record(const std::string& out) { return parse_json(read_text(fs::path(out) / "run.json"), "run.json"); }
  /// Runs in a child process that kills itself, hard, at `step`.
  void run_killed(const std::string& out, std::int64_t step) const {
    const pid_t child = ::fork();
    if (child == 0) {
      ToyStudy::at_step() = [step](std::int64_t now) {
        if (now == step) ::raise(SIGKILL);
      };
      (void)run_toy({}, to(out));
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  Registry registry_ = testing::toy_registry();
};

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

TEST_F(Run, AStopWritesACheckpointAndResumeEndsWithTheSameBits) {
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

TEST_F(Run, AKilledRunResumesToTheSameBits) {
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

TEST_F(Run, RowsOfMetricsThatAResumedStudyReplaysAreNotWrittenTwice) {
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

TEST_F(Run, ResumeRefusesAnotherExperimentAndAnotherInstructionSet) {
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

TEST_F(Run, AnotherExperimentInTheSamePlaceIsRefused) {
  (void)run_toy({}, to("out"));
  const std::string before = read_text("out/report.json");
  EXPECT_THAT(message_of<SpecError>([&] {
                (void)run_toy({"steps=5", "mode=fancy"}, to("out"));
              }),
              AllOf(HasSubstr("steps = 5, there 40"), HasSubstr("mode = \"fancy\", there \"plain\"")));
  EXPECT_EQ(read_text("out/report.json"), before);
}

TEST_F(Run, AnEditedExperimentAndOtherArraysAreToldApart) {
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

TEST_F(Run, GoOnResumesOrBegins) {
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

TEST_F(Run, ArraysAndDataInMemoryLetTheDirectoryRepeatItself) {
  Dataset data;
  data.name = "mine";
  data.train.x = Array(DType::f64, {2, 1});
  data.train.x.as<double>()(0, 0) = 0.25;
  data.train.y = Array(DType::f64, {2, 1});
  Array start(DType::f64, {40});
  start.as<double>()(0) = 100;
  Spec spec;
  spec.study = "toy-sum";
  spec.settings.set("start", std::make_shared<const Array>(start));
  spec.settings.set("dataset", in_memory);
  RunOptions options = to("out");
  options.dataset_in_memory = &data;
  const Report first = run(resolve(spec, registry_), registry_, options);
  EXPECT_GT(first.find("sum")->value.as_number(), 100.25);
  EXPECT_TRUE(fs::is_regular_file("out/inputs/start.npy"));
  EXPECT_TRUE(fs::is_regular_file("out/inputs/dataset.npz"));

  Spec from_directory;
  from_directory.file = "out/experiment.toml";
  const Experiment again = resolve(from_directory, registry_);
  EXPECT_EQ(run(again, registry_, to("again")).find("sum")->value.as_number(), first.find("sum")->value.as_number());
  EXPECT_EQ(record("again").at("experiment_hash").as_text(), record("out").at("experiment_hash").as_text());
  data.train.x.as<double>()(0, 0) = 0.5;  // other data, other run
  EXPECT_THAT(message_of<SpecError>([&] { (void)run(resolve(spec, registry_), registry_, options); }),
              HasSubstr("the data in memory are others"));
}

TEST_F(Run, TheDivisorOfDataInMemoryIsPartOfTheRun) {
  Dataset data;
  data.train.x = Array(DType::u8, {2, 1});
  data.train.x.as<std::uint8_t>()(0, 0) = 51;
  Spec spec;
  spec.study = "toy-sum";
  spec.settings.set("dataset", in_memory);
  const auto run_with = [&](double divisor) {
    data.divisor = divisor;
    RunOptions options;
    options.dataset_in_memory = &data;
    return run(resolve(spec, registry_), registry_, options);
  };
  const Report raw = run_with(1), shares = run_with(255);
  EXPECT_NE(raw.run, shares.run);
  Spec from_directory;
  from_directory.file = raw.run + "/experiment.toml";
  EXPECT_EQ(load_dataset(find_setting(resolve(from_directory, registry_).settings, "dataset")->as_text(), {}).divisor,
            1);
  from_directory.file = shares.run + "/experiment.toml";
  EXPECT_EQ(load_dataset(find_setting(resolve(from_directory, registry_).settings, "dataset")->as_text(), {}).divisor,
            255);
}

TEST_F(Run, ResumeComparesDataInMemoryWithTheFileThatKeepsThem) {
  Dataset data;
  data.train.x = Array(DType::f64, {2, 1});
  data.train.y = Array(DType::f64, {2, 1});
  Spec spec;
  spec.study = "toy-sum";
  spec.settings.set("dataset", in_memory);
  std::stop_source stop;
  ToyStudy::at_step() = [&](std::int64_t step) {
    if (step == 17) stop.request_stop();
  };
  RunOptions options = to("out");
  options.dataset_in_memory = &data;
  options.stop = stop.get_token();
  EXPECT_THROW(run(resolve(spec, registry_), registry_, options), Interrupted);
  ToyStudy::at_step() = {};
  Spec from_directory;
  from_directory.file = "out/experiment.toml";
  Value changed = record("out");
  ASSERT_TRUE(changed.at("data").find("dataset"));  // by its role: the name is another when the directory is resumed
  changed.find("data")->set("dataset", "0000");
  const std::string before = read_text("out/run.json");
  write_atomically("out/run.json", to_json(changed));
  EXPECT_THAT(
      message_of<ResumeError>([&] { (void)run(resolve(from_directory, registry_), registry_, resuming("out")); }),
      HasSubstr("are not those that this run began with"));
  write_atomically("out/run.json", before);
  EXPECT_EQ(run(resolve(from_directory, registry_), registry_, resuming("out")).study, "toy-sum");
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

TEST_F(Run, AnotherVersionOfTheProgramDoesNotResumeAndSaysWhoseResultItShows) {
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

TEST_F(Run, ReportsSurviveTheRoundTrip) {
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

TEST_F(Run, CompareFindsTheFirstDifferingEntry) {
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

TEST(TimeOrRate, IsToldByTheUnit) {
  for (const char* unit : {"s", "ms", "us", "1/s", "samples/s", "min", "images/min"})
    EXPECT_TRUE(is_time_or_rate(unit)) << unit;
  for (const char* unit : {"", "V", "%", "m", "bits", "class", "mV/cm"}) EXPECT_FALSE(is_time_or_rate(unit)) << unit;
}

}  // namespace
}  // namespace neurarium
