// Networks that a study takes from runs, changes and keeps: a study that multiplies all numbers by a factor.
#include <gmock/gmock.h>

#include <limits>

#include "neurarium/core/files.hpp"
#include "neurarium/experiment/compare.hpp"
#include "neurarium/experiment/evaluate_run.hpp"
#include "neurarium/experiment/identity.hpp"
#include "neurarium/experiment/network_file.hpp"
#include "neurarium/experiment/toy_study_test.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/npz.hpp"
#include "neurarium/interchange/safetensors.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/train/bare_context.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::message_of;

class Times : public Study {
 public:
  struct Params {
    std::string run;
    std::vector<std::string> others;
    double factor = 2;
    std::vector<std::string> members;
    static Schema fields() {
      return Schema::of<Params>({field("run", &Params::run, "A run.").names_run(),
                                 field("others", &Params::others, "More runs.").names_run(),
                                 field("factor", &Params::factor, "Of all numbers."),
                                 field("members", &Params::members, "Names; none: the run's own.")});
    }
  };
  explicit Times(Params params) : params_(std::move(params)) {}
  void run(RunContext& context) override {
    TrainedNetwork network = context.network(params_.run);
    for (const std::string& other : params_.others) (void)context.network(other);
    (void)context.dataset(network.dataset);
    for (auto& [name, array] : network.state.arrays)
      for (float& x : array.as<float>().flat()) x *= static_cast<float>(params_.factor);
    if (context.stop_requested()) throw Interrupted("stopped");
    if (params_.members.empty()) context.keep("", network);
    for (const std::string& member : params_.members) context.keep(member, network);
    context.answer("done");
  }

 private:
  Params params_;
};

const Registry& house() {
  static const Registry the_registry = [] {
    Registry registry = builtin_registry();
    registry.add<Times::Params>("study", "times", "What if all were more?").makes<Study>([](const Times::Params& p) {
      return std::make_unique<Times>(p);
    });
    return registry;
  }();
  return the_registry;
}

class KeptNetwork : public testing::FolderTest {
 protected:
  /// Four outputs, each of which is `gain` times one of the four inputs.
  static void train(const std::string& out, double gain = 1, const std::string& file = {}) {
    Array eye(DType::f64, {4, 4});
    for (std::size_t i = 0; i < 4; ++i) eye.as<double>()(i, i) = gain;
    Value settings = parse_json(
        R"({"model": {"type": "sequential", "loss": "cross_entropy", "layers": [{"type": "dense", "units": 4}]},
            "train": {"epochs": 0}, "dataset": "memory"})",
        "settings");
    settings.find("model")->find("layers")->as_list()[0].set("weights", Value(std::make_shared<const Array>(eye)));
    Dataset data;
    data.train.x = Array(DType::f32, {3, 4});
    data.train.y = Array(DType::i64, {3});
    for (std::size_t i = 0; i < 3; ++i) {
      data.train.x.as<float>()(i, i) = 0.5F;
      data.train.y.as<std::int64_t>()(i) = static_cast<std::int64_t>(i);
    }
    if (!file.empty()) settings.set("dataset", file);
    RunOptions options;
    options.out = out;
    options.dataset_in_memory = &data;
    run(resolve({"train-network", {}, settings}, house()), house(), options);
  }
  static Experiment times(const std::vector<std::string>& words) {
    return resolve({"times", {}, parse_overrides(words)}, house());
  }
  static Report run_times(const std::vector<std::string>& words, const std::string& out = {}, bool again = false) {
    RunOptions options;
    options.out = out;
    options.again = again;
    return run(times(words), house(), options);
  }
  static float first_weight(const fs::path& run) {
    return open_run(run, house()).model->parameters().front().values.as<float>().flat()[0];
  }
};

TEST_F(KeptNetwork, IsTheNetworkOfItsRun) {
  train("one");
  (void)run_times({"run=one", "factor=3"}, "three");
  EXPECT_EQ(first_weight("three"), 3);
  EvaluateOptions options;
  options.outputs = true;
  const TrainedRun three = open_run("three", house());
  const RunEvaluation found = evaluate_run(three, options);
  EXPECT_EQ(found.outputs[0].second.as<float>()(1, 1), 1.5F);
  EXPECT_EQ(found.outputs[0].second.as<float>()(1, 0), 0);
  EXPECT_EQ(*found.accuracy, 1);
  EXPECT_EQ(three.weights, "three/network.safetensors");
  (void)run_times({"run=three"}, "six");  // a kept network is a source as well
  EXPECT_EQ(first_weight("six"), 6);
}

TEST_F(KeptNetwork, HasTheNumbersOfItsUnitsThatAreNotLearned) {
  RunOptions options;
  options.out = "digits";
  const Spec spec{"eventprop-digits",
                  {},
                  parse_overrides({"dataset=formants:training_samples=64,test_samples=32", "hidden=[12]",
                                   "tau_spread=0.8", "train.epochs=1"})};
  const Report report = run(resolve(spec, house()), house(), options);
  const auto figure = [&](const char* name) {
    return std::ranges::find(report.figures, name, &Figure::name)->value.as_number();
  };
  const RunEvaluation found = evaluate_run(open_run(options.out, house()), {});
  EXPECT_EQ(found.accuracy, figure("test_accuracy"));
  EXPECT_NEAR(found.loss.value(), figure("test_loss"), 1e-6);

  const fs::path file = "digits/network.safetensors";
  TrainedNetwork network = read_network(file);
  const std::string same = content_hash(network.state);
  network.state.description = completed(network.state.description, house());
  EXPECT_EQ(content_hash(network.state), same);
  // As it was written before these were kept.
  bool erased = false;
  for (Value& layer : network.state.description.settings.find("layers")->as_list())
    erased = layer.erase("time_constants") || erased;
  ASSERT_TRUE(erased);
  write_network(file, network);
  const std::string said = message_of<DataError>([&] { (void)open_run(options.out, house()); });
  EXPECT_THAT(said, ::testing::AllOf(HasSubstr("time_constants"), HasSubstr("--again")));
}

TEST_F(KeptNetwork, OfAnUnfinishedRunIsThereOnceItIsDone) {
  train("one");
  std::stop_source stop;
  stop.request_stop();
  RunOptions options;
  options.out = "three", options.stop = stop.get_token();
  EXPECT_THROW((void)run(times({"run=one", "factor=3"}), house(), options), Interrupted);
  EXPECT_THAT(message_of<DataError>([] { (void)open_run("three", house()); }),
              ::testing::AllOf(HasSubstr("three: is unfinished (interrupted), and has kept no network so far"),
                               HasSubstr("go on with: neurarium run --resume three")));
  options.stop = {}, options.resume = true;
  (void)run(times({"run=one", "factor=3"}), house(), options);
  EXPECT_EQ(first_weight("three"), 3);
}

TEST_F(KeptNetwork, StaysWhenTheRunItCameFromIsGoneAndMayBeMoved) {
  train("one");
  (void)run_times({"run=one"}, "two");
  fs::remove_all("one");
  fs::rename("two", "moved");
  EXPECT_EQ(first_weight("moved"), 2);
  (void)run_times({"run=moved", "factor=-1"}, "less");
  EXPECT_EQ(first_weight("less"), -2);
  EXPECT_THROW(run_times({"run=one"}, "moved", true), DataError);  // only the work itself needs its source
}

TEST_F(KeptNetwork, IsOneOfSeveralByItsName) {
  train("one");
  (void)run_times({"run=one", "members=[\"first\",\"the second\"]"}, "both");
  EXPECT_THAT(message_of<SpecError>([] { (void)open_run("both", house()); }),
              AllOf(HasSubstr("both keeps several networks: first, the_second"), HasSubstr("both/first")));
  EXPECT_EQ(first_weight("both/first"), 2);
  EXPECT_EQ(first_weight("both/members/the_second/"), 2);
  EXPECT_EQ(open_run("both/first", house()).name(), "both/first");
  EXPECT_THAT(message_of<DataError>([] { (void)open_run("both/third", house()); }),
              AllOf(HasSubstr("both: has no network 'third'"), HasSubstr("first, the_second")));
  EXPECT_THAT(message_of<DataError>([] { (void)open_run("one/third", house()); }), HasSubstr("give the run alone"));
  EXPECT_THAT(message_of<DataError>([] { (void)open_run("nowhere/at/all", house()); }), HasSubstr("not a run"));
  (void)run_times({"run=both/first", "factor=5"}, "ten");
  EXPECT_EQ(first_weight("ten"), 10);
}

TEST_F(KeptNetwork, OneThatIsLostIsSaidToBeLost) {
  train("one");
  const auto message = [](const char* run) { return message_of<DataError>([&] { (void)open_run(run, house()); }); };
  (void)run_times({"run=one"}, "two");
  fs::remove("two/network.safetensors");
  EXPECT_THAT(message("two"),
              AllOf(HasSubstr("two/network.safetensors: is missing"), HasSubstr("neurarium run --again two")));
  (void)run_times({"run=one"}, "two", true);
  EXPECT_EQ(first_weight("two"), 2);
  (void)run_times({"run=one", "members=[\"first\",\"second\"]"}, "both");
  fs::remove("both/members/first/network.safetensors");
  EXPECT_THAT(message("both/first"), HasSubstr("both/members/first/network.safetensors: is missing"));
  EXPECT_THAT(message("both/third"), HasSubstr("has no network 'third'"));
  EXPECT_EQ(first_weight("both/second"), 2);
  fs::remove("both/members/second/network.safetensors");
  EXPECT_THAT(message("both"), HasSubstr("both/members/first/network.safetensors: is missing"));
}

TEST_F(KeptNetwork, GoesWhenItsRunIsComputedAnew) {
  train("one");
  (void)run_times({"run=one", "members=[\"first\"]"}, "out");
  fs::create_directories("out/members/old");
  fs::copy("out/members/first/network.safetensors", "out/members/old");
  (void)run_times({"run=one", "members=[\"first\"]"}, "out", true);
  EXPECT_TRUE(fs::exists("out/members/first"));
  EXPECT_FALSE(fs::exists("out/members/old"));
}

TEST_F(KeptNetwork, CountsInComparisons) {
  train("one");
  (void)run_times({"run=one"}, "two");
  (void)run_times({"run=one", "factor=3"}, "three");
  (void)run_times({"run=one", "members=[\"first\"]"}, "first");
  EXPECT_THAT(compare_runs("two", "two").differences, ::testing::IsEmpty());
  EXPECT_THAT(compare_runs("two", "three").differences,
              ::testing::Contains(HasSubstr("network.safetensors: dense1.weight: 4 of 16 entries differ")));
  EXPECT_THAT(compare_runs("two", "first").differences,
              ::testing::IsSupersetOf({HasSubstr("network.safetensors: only in the first run"),
                                       HasSubstr("members/first/network.safetensors: only in the second run")}));
}

TEST_F(KeptNetwork, ARunCountsAsWhatItIsNotWhereItLies) {
  train("one");
  train("other", 2);
  const auto hash = [](const std::vector<std::string>& words) { return identify(times(words), house(), {}).hash; };
  const std::string as_it_is = hash({"run=one"});
  EXPECT_EQ(hash({"run=./one/"}), as_it_is);
  EXPECT_EQ(hash({"run=" + fs::absolute("one").string()}), as_it_is);
  EXPECT_NE(hash({"run=other"}), as_it_is);
  EXPECT_NE(hash({"run=one", "others=[\"other\"]"}), hash({"run=one", "others=[\"one\"]"}));
  fs::copy("one", "copy", fs::copy_options::recursive);
  EXPECT_EQ(hash({"run=copy"}), as_it_is);
  EXPECT_EQ(run_times({"run=copy"}).run, "runs/times-" + as_it_is.substr(0, 8));
  const Value record = parse_json(read_text("runs/times-" + as_it_is.substr(0, 8) + "/run.json"), "run.json");
  EXPECT_EQ(record.at("inputs").at("run").as_text().size(), 64u);
  const Identity identity = identify(times({"run=one", "others=[\"other\"]"}), house(), {});
  EXPECT_EQ(identity.parts[0].first, "run");
  EXPECT_EQ(identity.parts[1].first, "others.0");
}

TEST_F(KeptNetwork, ARunOnOtherDataIsAnotherRun) {
  Array x(DType::f32, {2, 4}), y(DType::i64, {2});
  x.as<float>()(1, 1) = 1;
  y.as<std::int64_t>()(1) = 1;
  write_npz("mine.npz", {{"x", x}, {"y", y}});
  train("one", 1, "mine.npz");
  const std::string before = identify(times({"run=one"}), house(), {}).hash;
  (void)run_times({"run=one"}, "two");
  EXPECT_EQ(open_run("two", house()).dataset, fs::absolute("mine.npz").string());
  x.as<float>()(1, 1) = 7;
  write_npz("mine.npz", {{"x", x}, {"y", y}});
  EXPECT_NE(identify(times({"run=one"}), house(), {}).hash, before);
  EXPECT_THAT(message_of<SpecError>([] { run_times({"run=one"}, "two"); }), HasSubstr("one has changed since"));
}

TEST_F(KeptNetwork, AMissingRunIsSaidBeforeADirectoryIsMade) {
  EXPECT_THAT(message_of<DataError>([] { run_times({"run=nowhere"}, "out"); }),
              AllOf(HasSubstr("nowhere"), HasSubstr("is not a run directory")));
  EXPECT_FALSE(fs::exists("out"));
  EXPECT_FALSE(fs::exists("runs"));
  EXPECT_THAT(message_of<SpecError>([] { BareContext(house(), 1, 0).network("one"); }), HasSubstr("no run 'one' here"));
}

TEST_F(KeptNetwork, AStudyThatBreaksItsNumbersKeepsNothing) {
  train("one");
  EXPECT_THROW(run_times({"run=one", "factor=1e39"}, "out"), NumericError);  // beyond float
  EXPECT_FALSE(fs::exists("out/network.safetensors"));
}

class NetworkFile : public testing::FolderTest {
 protected:
  static TrainedNetwork network() {
    Array weight(DType::f32, {1, 2}), bias(DType::f32, {1});
    weight.as<float>()(0, 1) = 3;
    const Value settings = parse_json(R"({"inputs": [2], "layers": [{"type": "dense", "units": 1}]})", "settings");
    return {{{"sequential", settings}, {{"dense1.weight", weight}, {"dense1.bias", bias}}}, "xor", "0123", 7};
  }
  static void write_anew(const std::function<void(SafeTensors&)>& change) {
    SafeTensors content = read_safetensors("good.safetensors");
    std::erase_if(content.metadata, [](const auto& text) { return text.first == "neurarium.sha256"; });
    change(content);
    write_safetensors("bad.safetensors", content);
  }
  static std::string fault() {
    return message_of<DataError>([] { (void)read_network("bad.safetensors"); });
  }
};

TEST_F(NetworkFile, ReadsBackWhatWasWritten) {
  write_network("good.safetensors", network());
  const TrainedNetwork again = read_network("good.safetensors");
  EXPECT_EQ(content_hash(again.state), content_hash(network().state));
  EXPECT_EQ(again.dataset, "xor");
  EXPECT_EQ(again.data_sha256, "0123");
  EXPECT_EQ(again.seed, 7u);
  EXPECT_EQ(again.state.description.type, "sequential");
}

TEST_F(NetworkFile, SaysWhatIsWrongWithIt) {
  write_network("good.safetensors", network());
  std::vector<std::byte> bytes = read_bytes("good.safetensors");
  bytes.back() ^= std::byte{4};
  write_atomically("bad.safetensors", std::span<const std::byte>(bytes));
  EXPECT_THAT(fault(), HasSubstr("is damaged: its content is not what was written"));
  bytes.resize(bytes.size() - 3);
  write_atomically("bad.safetensors", std::span<const std::byte>(bytes));
  EXPECT_THAT(fault(), HasSubstr("bad.safetensors"));
  write_anew([](SafeTensors& file) { file.metadata.front().second = "neurarium model 2"; });
  EXPECT_THAT(fault(), HasSubstr("expected the format 'neurarium model 1', found 'neurarium model 2'"));
  write_anew([](SafeTensors& file) { file.metadata.clear(); });
  EXPECT_THAT(fault(), HasSubstr("found none"));
  write_anew(
      [](SafeTensors& file) { file.arrays[0].second.as<float>().flat()[0] = std::numeric_limits<float>::infinity(); });
  EXPECT_THAT(fault(), HasSubstr("is not a finite number"));
  write_anew([](SafeTensors& file) { std::erase_if(file.metadata, [](auto& t) { return t.first == "type"; }); });
  EXPECT_THAT(fault(), HasSubstr("does not say which network"));
}

TEST(NetworkState, NumbersMustBeThoseOfItsLayers) {
  const Value settings = parse_json(R"({"inputs": [2], "layers": [{"type": "dense", "units": 1}]})", "settings");
  const Array weight(DType::f32, {1, 2}), bias(DType::f32, {1});
  const auto fault = [&](const NamedArrays& arrays) {
    return message_of<Error>([&] { (void)network_with({{"sequential", settings}, arrays}, house(), "my file"); });
  };
  EXPECT_THAT(fault({{"dense1.weight", weight}}), HasSubstr("my file: the numbers of 'dense1.bias' are missing"));
  EXPECT_THAT(fault({{"dense1.weight", weight}, {"dense1.bias", bias}, {"dense2.bias", bias}}),
              HasSubstr("my file: 1 arrays belong to no layer"));
  EXPECT_THAT(fault({{"dense1.weight", weight}, {"dense1.bias", Array(DType::f32, {2})}}),
              AllOf(HasSubstr("my file, dense1.bias"), HasSubstr("[1]"), HasSubstr("[2]")));
}

TEST(NetworkState, HashesWhatItIsInAnyOrder) {
  const Array weight(DType::f32, {1, 2}), bias(DType::f32, {1});
  const auto hash = [](const char* settings, const NamedArrays& arrays) {
    return content_hash({{"sequential", parse_json(settings, "settings")}, arrays});
  };
  const std::string plain = hash(R"({"inputs": [2]})", {{"a", weight}, {"b", bias}});
  EXPECT_EQ(hash(R"({"inputs": [2], "seed": 7})", {{"b", bias}, {"a", weight}}), plain);
  EXPECT_NE(hash(R"({"inputs": [3]})", {{"a", weight}, {"b", bias}}), plain);
  Array other = bias;
  other.as<float>()(0) = 1;
  EXPECT_NE(hash(R"({"inputs": [2]})", {{"a", weight}, {"b", other}}), plain);
  EXPECT_NE(hash(R"({"inputs": [2]})", {{"b", weight}, {"a", bias}}), plain);
}

}  // namespace
}  // namespace neurarium
