// What a run was given: arrays and data in memory are kept, so that the directory repeats itself.
#include <gmock/gmock.h>

#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/experiment/identity.hpp"
#include "neurarium/experiment/run_fixture_test.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/npy.hpp"
#include "neurarium/interchange/npz.hpp"

namespace fs = std::filesystem;

namespace neurarium {
namespace {

using ::testing::HasSubstr;
using testing::message_of;
using testing::ToyStudy;

class RunInputs : public testing::RunTest {};

TEST_F(RunInputs, ArraysAndDataInMemoryLetTheDirectoryRepeatItself) {
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

TEST_F(RunInputs, TheDivisorOfDataInMemoryIsPartOfTheRun) {
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

/// Looks beside its data at others, by default at those in beside.npz, if they are there.
class Beside : public Study {
 public:
  struct Params {
    std::string other = "usual";
    static Schema fields() { return Schema::of<Params>({field("other", &Params::other, "Other data.")}); }
  };
  explicit Beside(Params params) : params_(std::move(params)) {}
  std::vector<std::pair<std::string, Value>> decided_settings(
      const std::function<bool(const std::string&)>& is_here) const override {
    const std::string usual = fs::absolute("beside.npz").string();
    if (params_.other != "usual") return {};
    return {{"other", is_here(usual) ? usual : ""}};
  }
  void run(RunContext& context) override { context.answer(params_.other.empty() ? "none" : "some"); }

 private:
  Params params_;
};

class OtherData : public RunInputs {
 protected:
  OtherData() {
    registry_.add<Beside::Params>("study", "beside", "What is beside it?").makes<Study>([](const Beside::Params& p) {
      return std::make_unique<Beside>(p);
    });
  }
  Experiment beside(const std::vector<std::string>& words) {
    return resolve({"beside", {}, parse_overrides(words)}, registry_);
  }
};

TEST_F(OtherData, PhotographsCountAsWhatTheyAreNotWhereTheyLie) {
  const fs::path photographs = fs::path(NEURARIUM_SOURCE_DIR) / "tests/data/photographs";
  const auto hash = [&](const std::string& folder) {
    return identify(beside({"other=images:" + folder}), registry_, {}).hash;
  };
  fs::create_directory("one");
  fs::copy_file(photographs / "colour.png", "one/a.png");
  fs::copy("one", "copy");
  const std::string before = hash("one");
  EXPECT_EQ(hash("copy"), before);
  fs::copy_file(photographs / "grey.png", "one/a.png", fs::copy_options::overwrite_existing);
  EXPECT_NE(hash("one"), before);
  EXPECT_THROW(hash("nowhere"), DataError);
}

TEST_F(OtherData, WhatAStudyDecidesByTheMachineIsPartOfTheRun) {
  const Report without = run(beside({}), registry_, {});
  EXPECT_EQ(without.answer, "none");
  Array x(DType::f32, {2, 1});
  write_npz("beside.npz", {{"x", x}});
  const Report with = run(beside({}), registry_, {});
  EXPECT_EQ(with.answer, "some");
  EXPECT_NE(with.run, without.run);
  EXPECT_THAT(read_text(with.run + "/experiment.toml"), HasSubstr("beside.npz"));
  EXPECT_EQ(run(beside({"other="}), registry_, {}).run, without.run);
  EXPECT_EQ(run(beside({"other=beside.npz"}), registry_, {}).run, with.run);
  EXPECT_THROW(beside({"other=usuall"}), SpecError);
}

TEST_F(RunInputs, ResumeComparesDataInMemoryWithTheFileThatKeepsThem) {
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

}  // namespace
}  // namespace neurarium
