#include <gmock/gmock.h>

#include <fstream>

#include "neurarium/experiment/toy_study_test.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/npy.hpp"

namespace neurarium {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::message_of;

class Resolve : public testing::FolderTest {
 protected:
  Experiment resolved(const Spec& spec) const { return resolve(spec, registry_, testing::toy_presets()); }
  std::string fault(const Spec& spec) const {
    return message_of<SpecError>([&] { (void)resolved(spec); });
  }
  static Spec study(const std::vector<std::string>& words, const std::string& name = "toy-sum") {
    Spec spec;
    spec.study = name;
    spec.settings = parse_overrides(words);
    return spec;
  }
  Spec file(const std::string& text, const std::vector<std::string>& words = {}) const {
    std::ofstream("my.toml") << text;
    Spec spec;
    spec.file = "my.toml";
    spec.settings = parse_overrides(words);
    return spec;
  }
  static std::string setting(const Experiment& experiment, const std::string& path) {
    const Value* value = find_setting(experiment.settings, path);
    return value ? to_json(*value, -1) : "missing";
  }
  Registry registry_ = testing::toy_registry();
};

TEST_F(Resolve, DefaultsPresetFileAndOverridesInRisingPriority) {
  const Experiment plain = resolved(study({}));
  EXPECT_EQ(setting(plain, "steps"), "40");
  EXPECT_EQ(setting(plain, "train.optimiser.type"), "\"slow\"");
  EXPECT_EQ(setting(plain, "train.optimiser.learning_rate"), "0.1");
  EXPECT_EQ(plain.seed, 0U);

  const Experiment all =
      resolved(file("study = \"toy-sum\"\npreset = \"short\"\nseed = 3\nthreads = 2\n[train]\nepochs = 7\n",
                    {"train.window=5 ms", "seed=4"}));
  EXPECT_EQ(all.preset, "short");
  EXPECT_EQ(setting(all, "steps"), "12");                           // preset
  EXPECT_EQ(setting(all, "train.epochs"), "7");                     // file beats preset
  EXPECT_EQ(setting(all, "train.window"), "0.005");                 // override, in the schema's unit
  EXPECT_EQ(setting(all, "train.optimiser.learning_rate"), "0.5");  // preset
  EXPECT_EQ(all.seed, 4U);
  EXPECT_EQ(all.threads, 2);
  EXPECT_EQ(resolved(study({"preset=long"})).seed, 9U);
}

TEST_F(Resolve, AFileWithoutStudyTrainsANetwork) {
  const Experiment experiment = resolved(
      file("[[layers]]\ntype = \"toy-layer\"\nunits = 9\n[[layers]]\ntype = \"toy-layer\"\n", {"layers.1.units=5"}));
  EXPECT_EQ(experiment.study, "train-network");
  EXPECT_EQ(setting(experiment, "layers.0.units"), "9");
  EXPECT_EQ(setting(experiment, "layers.1.units"), "5");
}

TEST_F(Resolve, AComponentsNameAndItsTableMeanTheSame) {
  EXPECT_EQ(setting(resolved(study({"train.optimiser=fast"})), "train.optimiser"),
            "{\"type\":\"fast\",\"learning_rate\":0.1}");
  const Experiment named =
      resolved(file("study = \"toy-sum\"\n[train]\noptimiser = \"fast\"\n", {"train.optimiser.learning_rate=0.7"}));
  EXPECT_EQ(setting(named, "train.optimiser"), "{\"type\":\"fast\",\"learning_rate\":0.7}");
  // The preset's learning rate belongs to "fast" and does not survive a change of type, but survives its repetition.
  EXPECT_EQ(setting(resolved(study({"preset=short", "train.optimiser=slow"})), "train.optimiser.learning_rate"), "0.1");
  EXPECT_EQ(setting(resolved(study({"preset=short", "train.optimiser=fast"})), "train.optimiser.learning_rate"), "0.5");
}

TEST_F(Resolve, EveryFaultAtOnceWithPlaceAndNearestKey) {
  const std::string text =
      fault(file("study = \"toy-sum\"\n"
                 "stepz = 3\n"
                 "mode = \"fancey\"\n"
                 "seed = -1\n"
                 "[train]\n"
                 "epochs = \"many\"\n"
                 "window = 0\n"
                 "optimiser = {type = \"fats\"}\n"
                 "[[layers]]\n"
                 "type = \"toy-layer\"\n"
                 "units = 0\n",
                 {"trian.epochs=3", "weights=[1,x]"}));
  EXPECT_THAT(text, HasSubstr("my.toml:2:9: stepz: unknown key; did you mean 'steps'?"));
  EXPECT_THAT(text, HasSubstr("my.toml:3:8: mode: 'fancey' is not one of plain, fancy; did you mean 'fancy'?"));
  EXPECT_THAT(text, HasSubstr("my.toml:4:8: seed: out of range: expected in [0, 4294967295], found -1"));
  EXPECT_THAT(text, HasSubstr("my.toml:6:10: train.epochs: expected a whole number, found text"));
  EXPECT_THAT(text, HasSubstr("my.toml:7:10: train.window: out of range: expected > 0, found 0"));
  EXPECT_THAT(text, AllOf(HasSubstr("my.toml:8:"), HasSubstr("no optimiser is called 'fats'; did you mean 'fast'?")));
  EXPECT_THAT(text, AllOf(HasSubstr("my.toml:11:9: layers[0].units"), HasSubstr("≥ 1")));
  EXPECT_THAT(text, HasSubstr("command line (argument 1): trian: unknown key; did you mean 'train'?"));
  EXPECT_THAT(text, HasSubstr("command line (argument 2): weights[1]"));
}

TEST_F(Resolve, UnknownNamesAreFollowedByTheNearest) {
  EXPECT_THAT(fault(study({}, "toy-som")), HasSubstr("no study is called 'toy-som'; did you mean 'toy-sum'?"));
  EXPECT_THAT(fault(study({}, "xyzzy")), HasSubstr("known: toy-sum, train-network"));
  EXPECT_THAT(fault(study({"preset=tiny"})), HasSubstr("'toy-sum' has no preset 'tiny'; presets: short, long"));
  EXPECT_THAT(fault(study({"preset=shirt"})), HasSubstr("did you mean 'short'?"));
  EXPECT_THAT(fault(study({"dataset=cifar11"})),
              AllOf(HasSubstr("no data set is called 'cifar11'"), HasSubstr("'cifar10'?")));
}

TEST_F(Resolve, KeysOfTheTopLevelAreAmongTheNearest) {
  EXPECT_THAT(fault(study({"presett=x"})), HasSubstr("(argument 1): presett: unknown key; did you mean 'preset'?"));
  EXPECT_THAT(fault(study({"thread=2"})), HasSubstr("did you mean 'threads'?"));
  EXPECT_THAT(fault(study({"sed=2", "stepz=3"})),
              AllOf(HasSubstr("did you mean 'seed'?"), HasSubstr("did you mean 'steps'?")));
  EXPECT_THAT(fault(study({"xyzzy=2"})),
              AllOf(HasSubstr("known here: steps, "), HasSubstr("study, preset, seed, seeds, threads")));
}

TEST_F(Resolve, AnAbsurdNumberOfThreadsIsOutOfRange) {
  EXPECT_THAT(fault(study({"threads=4096"})), HasSubstr("threads: out of range: expected in [0, 1024], found 4096"));
  EXPECT_EQ(resolved(study({"threads=1024"})).threads, 1024);
}

TEST_F(Resolve, SeedsIsANumberOfRuns) {
  EXPECT_THAT(fault(study({"seeds=0"})),
              AllOf(HasSubstr("command line (argument 1): seeds"), HasSubstr("[1, 100000]")));
}

TEST_F(Resolve, WordsThatAreNoSettingsAreFaults) {
  const std::string text = message_of<SpecError>([] {
    (void)parse_overrides({"steps", "=3", "a..b=1", "a=1", "a.b=2"});
  });
  EXPECT_THAT(text, HasSubstr("(argument 1): 'steps' is not key.path=value"));
  EXPECT_THAT(text, HasSubstr("(argument 2): '' is not a dotted key"));
  EXPECT_THAT(text, HasSubstr("(argument 3): 'a..b' is not a dotted key"));
  EXPECT_THAT(text, HasSubstr("(argument 5): a.b: a part of this key"));
}

TEST_F(Resolve, ATextStandsForThePartWhoseSettingsFollowOrWentBefore) {
  const auto shown = [](const std::vector<std::string>& words) { return to_json(parse_overrides(words), -1); };
  EXPECT_EQ(shown({"a.part=fast", "a.part.rate=2"}), R"({"a":{"part":{"type":"fast","rate":2}}})");
  EXPECT_EQ(shown({"a.part.rate=2", "a.part=fast"}), R"({"a":{"part":{"rate":2,"type":"fast"}}})");
  EXPECT_EQ(shown({"a.part={type=\"slow\",rate=2}", "a.part=fast"}),
            R"({"a":{"part":"fast"}})");  // a whole part: replaced
  const Experiment found = resolved(study({"train.optimiser=fast", "train.optimiser.learning_rate=0.5"}));
  EXPECT_EQ(found.settings.find_path("train.optimiser.type")->as_text(), "fast");
  EXPECT_EQ(found.settings.find_path("train.optimiser.learning_rate")->as_number(), 0.5);
}

TEST_F(Resolve, FileAndStudyMustAgree) {
  Spec spec = file("study = \"train-network\"\n");
  spec.study = "toy-sum";
  EXPECT_THAT(fault(spec),
              HasSubstr("my.toml:1:9: study: the file is for 'train-network', but 'toy-sum' was asked for"));
  Spec missing;
  missing.file = "nowhere.toml";
  EXPECT_THAT(fault(missing), HasSubstr("nowhere.toml: can't be read"));
}

TEST_F(Resolve, ArraysAreReadFromBesideTheFileThatNamesThem) {
  std::filesystem::create_directories("deep");
  Array start(DType::f64, {2});
  start.as<double>()(1) = 4.5;
  write_npy("deep/start.npy", start);
  std::ofstream("deep/e.toml") << "study = \"toy-sum\"\nstart = \"start.npy\"\ndataset = \"own.npz\"\n";
  Spec spec;
  spec.file = "deep/e.toml";
  const Experiment experiment = resolved(spec);
  EXPECT_EQ(experiment.settings.at("start").as_array()->as<double>()(1), 4.5);
  EXPECT_EQ(experiment.settings.at("dataset").as_text(), (std::filesystem::current_path() / "deep/own.npz").string());
  EXPECT_EQ(resolved(study({"start=deep/start.npy"})).settings.at("start").as_array()->as<double>()(1), 4.5);
  // Few numbers stand in the text, many in a file.
  EXPECT_THAT(to_toml(experiment), HasSubstr("start = [0.0, 4.5]\n"));
  write_npy("deep/start.npy", Array(DType::f64, {33}));
  EXPECT_THAT(to_toml(resolved(spec)), HasSubstr("start = \"inputs/start.npy\"\n"));
}

TEST_F(Resolve, AMissingArrayIsMissingDataUnlessMoreIsWrong) {
  EXPECT_THAT(message_of<DataError>([&] { (void)resolved(study({"start=gone.npy"})); }), HasSubstr("gone.npy"));
  EXPECT_THAT(fault(study({"start=gone.npy", "steps=0"})),
              AllOf(HasSubstr("gone.npy"), HasSubstr("steps: out of range")));
  EXPECT_THAT(fault(study({"start=some text"})), HasSubstr("not the name of a .npy file"));
}

TEST_F(Resolve, TheTextOfAnExperimentIsTheExperiment) {
  const Experiment experiment = resolved(study({"preset=short", "train.window=0.1", "weights=[0.1,1e-17]", "seed=5"}));
  std::ofstream("again.toml") << to_toml(experiment);
  Spec spec;
  spec.file = "again.toml";
  const Experiment again = resolved(spec);
  EXPECT_EQ(to_json(again.settings), to_json(experiment.settings));
  EXPECT_EQ(again.seed, 5U);
  EXPECT_EQ(again.study, "toy-sum");
}

TEST_F(Resolve, NoListEntryNoFault) {
  EXPECT_THAT(fault(study({"layers.0.units=5"})), HasSubstr("layers.0: there is no such entry: the list has 0"));
}

}  // namespace
}  // namespace neurarium
