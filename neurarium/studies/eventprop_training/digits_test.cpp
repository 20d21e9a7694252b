// eventprop-digits on small files in the layout of the Heidelberg digits: what it reports, that voices are kept apart, that neither threads
// nor a stop change a bit, and what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>

#include "neurarium/core/normal.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/data/spike_file.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/studies/eventprop_training/digits_findings.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

class Desk : public contracts::TestContext {
 public:
  explicit Desk(int threads = 1) : TestContext(house(), threads, 3) {}
  Dataset dataset(const std::string& name) override {
    asked.push_back(name);
    return load_dataset(name, "nowhere");
  }
  bool checkpoint_due(double) override { return false; }
  void keep(const std::string&, const TrainedNetwork& network) override { kept = network; }
  void answer(std::string line) override { said = std::move(line); }
  double figure(const std::string& name) const {
    for (const Figure& f : figures)
      if (f.name == name) return f.value.as_number();
    throw InternalError("no figure " + name);
  }
  std::vector<std::string> asked;
  TrainedNetwork kept;
  std::string said;
};

/// Three words, rising, falling and steady tones of 300 ms, by voices of their own height and speed.
class Digits : public testing::Test {
 protected:
  Digits() : folder(fs::temp_directory_path() / ("neurarium-digits-" + std::to_string(::getpid()))) {
    fs::create_directories(folder);
    write("shd_train.h5", {0, 1, 2, 3}), write("shd_test.h5", {4, 5}), write("shd_valid.h5", {6});
  }
  ~Digits() override { fs::remove_all(folder); }

  void write(const char* file, const std::vector<std::int64_t>& speakers) const {
    SpikeFileHead head;
    head.classes = {"up", "down", "level"};
    for (const std::int64_t speaker : speakers)
      for (std::int64_t k = 0; k < 18; ++k) head.labels.push_back(k % 3), head.speakers.push_back(speaker);
    write_spike_file(folder / file, head, [&](std::size_t k) {
      const Stream stream(5, file);
      const auto sample = static_cast<std::uint32_t>(k);
      const double slope = head.labels[k] == 0 ? 1 : head.labels[k] == 1 ? -1 : 0;
      const double height = 350 + 25 * (static_cast<double>(head.speakers[k] % 4) - 1.5);
      TimedSpikes spikes;
      for (std::uint32_t e = 0; e < 120; ++e) {
        const double t = 0.3 * (e + 0.5) / 120;
        const double unit = height + slope * 250 * (t / 0.3 - 0.5) + 20 * normal(stream, {0, sample, e, 0});
        spikes.times.push_back(t), spikes.units.push_back(std::clamp<std::int64_t>(std::llround(unit), 0, 699));
      }
      return spikes;
    });
  }
  Value settings(std::initializer_list<std::pair<const char*, Value>> more = {}) const {
    Value table = Value::table(), train = Value::table(), adam = Value::table();
    adam.set("type", "adam"), adam.set("learning_rate", 0.01);
    train.set("epochs", 6), train.set("batch_size", 12), train.set("shard_size", 4), train.set("optimiser", adam);
    table.set("dataset", "shd:" + folder.string() + ",dt=0.005,duration=0.35,channels=28");
    table.set("hidden", Value::List{24}), table.set("input_mean", 0.5), table.set("input_sd", 0.4);
    table.set("recurrent_sd", 0.1), table.set("train", train);
    for (const auto& [key, value] : more) table.set(key, value);
    return table;
  }
  fs::path folder;
};

void run_study(Desk& desk, const Value& table) {
  house()
      .make<Study>("study", {"eventprop-digits", resolve({"eventprop-digits", {}, table}, house()).settings})
      ->run(desk);
}

/// Everything that training can do to samples and units.
Value with_all_tricks(Value table) {
  for (const auto& [key, value] : std::initializer_list<std::pair<const char*, Value>>{{"channel_shift", 2},
                                                                                       {"time_dilation", 0.1},
                                                                                       {"spike_dropout", 0.05},
                                                                                       {"delay_copies", 3},
                                                                                       {"hidden_dropout", 0.05},
                                                                                       {"tau_spread", 0.3},
                                                                                       {"learn_time_constants", true},
                                                                                       {"silent_push", 0.01}})
    table.set(key, value);
  Value blend = Value::table(), ease_in = Value::table(), stopping = Value::table(), train = table.at("train");
  blend.set("share", 0.5), ease_in.set("start", 0.1);
  stopping.set("patience", 100), stopping.set("on", "accuracy");
  train.set("blend", blend), train.set("ease_in", ease_in), train.set("early_stopping", stopping);
  table.set("train", train);
  return table;
}

TEST_F(Digits, HeidelbergFilesAreLearnedFromEndToEnd) {
  Desk desk;
  run_study(desk, settings());
  EXPECT_GT(desk.figure("test_accuracy"), 0.6);  // chance: 0.33; 36 samples, s.e. 0.08
  EXPECT_EQ(desk.figure("test_samples"), 36);
  EXPECT_EQ(desk.figure("train_samples"), 72);
  EXPECT_NEAR(desk.figure("chance_accuracy"), 1. / 3, 1e-12);
  EXPECT_GT(desk.figure("hidden_spikes_per_sample"), 1);
  EXPECT_THAT(desk.said, HasSubstr("Voices never heard"));
  EXPECT_THROW(desk.figure("validation_accuracy"), InternalError);
  EXPECT_THROW(desk.figure("silent_labels"), InternalError);  // outputs do not fire
  // What it kept answers as it reported.
  const auto model = network_with<Trainable>(desk.kept.state, house(), "this test");
  const Dataset data = load_dataset(desk.kept.dataset, "nowhere");
  EXPECT_EQ(evaluate(*model, data.test, 1, desk).accuracy, desk.figure("test_accuracy"));
}

TEST_F(Digits, ThePresetsForTheHeidelbergFilesRunOnSmallOnes) {
  for (const char* preset : {"shd", "ssc"}) {
    SCOPED_TRACE(preset);
    const std::string kind = preset, files = (folder / kind).string();
    fs::create_directories(files);
    for (const char* part : {"train", "test", "valid"})
      fs::copy_file(folder / (std::string("shd_") + part + ".h5"), folder / kind / (kind + "_" + part + ".h5"));
    Value table = Value::table(), train = Value::table();
    train.set("epochs", 2);
    table.set("preset", preset), table.set("train", train), table.set("hidden", Value::List{16});
    table.set("dataset", kind + ":" + files + ",dt=0.005,duration=0.35");
    if (kind == "ssc") table.set("validation", "spikes:" + files + "/ssc_valid.h5,dt=0.005,duration=0.35");
    Desk desk;
    run_study(desk, table);
    EXPECT_EQ(desk.figure("epochs"), 2);
    EXPECT_EQ(desk.figure("validation_samples"), 18);
    EXPECT_EQ(desk.figure("test_samples"), 36);
    EXPECT_TRUE(std::isfinite(desk.figure("test_loss")));
  }
}

TEST_F(Digits, TheBestEpochIsChosenByVoicesThatAreNotLearnedFrom) {
  Desk desk;
  run_study(desk, with_all_tricks(settings({{"validation_speakers", Value::List{1, 3}}})));
  EXPECT_EQ(desk.figure("train_samples"), 36);
  EXPECT_EQ(desk.figure("validation_samples"), 36);
  EXPECT_EQ(desk.figure("test_samples"), 36);
  ASSERT_EQ(desk.asked.size(), 2u);
  EXPECT_THAT(desk.asked[1], HasSubstr("test_speakers=[1,3]"));
  const auto model = network_with<Trainable>(desk.kept.state, house(), "this test");
  const Dataset held = load_dataset(desk.asked[1], "nowhere");
  EXPECT_EQ(evaluate(*model, held.test, 1, desk).accuracy, desk.figure("validation_accuracy"));
  EXPECT_GE(desk.figure("best_epoch"), 1);

  Desk file;  // the same by a file, as SSC has one
  const std::string valid = "spikes:" + (folder / "shd_valid.h5").string() + ",dt=0.005,duration=0.35,channels=28";
  run_study(file, settings({{"validation", valid}}));
  EXPECT_EQ(file.figure("validation_samples"), 18);
  EXPECT_EQ(file.figure("train_samples"), 72);
}

TEST_F(Digits, HeldOutTrainingSamplesAreNotCalledVoices) {
  Value table = settings(), stopping = Value::table(), train = table.at("train");
  stopping.set("patience", 100), stopping.set("held_out", 0.2);
  train.set("early_stopping", stopping), table.set("train", train);
  Desk desk;
  run_study(desk, table);
  EXPECT_EQ(desk.figure("validation_samples"), 0);
  EXPECT_THAT(desk.said, HasSubstr("chosen by training samples that were held out"));
}

TEST_F(Digits, HasTheSameBitsWithAnyThreadsAndAfterAStop) {
  const Value table = with_all_tricks(settings({{"validation_speakers", Value::List{2}}}));
  Desk one(1), two(2), stopped(2);
  run_study(one, table), run_study(two, table);
  stopped.stop_after(9);
  EXPECT_THROW(run_study(stopped, table), Interrupted);
  stopped.stop_after(-1);
  run_study(stopped, table);
  for (const Desk* other : {&two, &stopped}) {
    EXPECT_EQ(content_hash(one.kept.state), content_hash(other->kept.state));
    for (const char* name : {"test_accuracy", "validation_accuracy", "hidden_spikes_per_sample", "silent_units"})
      EXPECT_EQ(one.figure(name), other->figure(name)) << name;
  }
}

TEST_F(Digits, EachVoiceIsLeftOutOnce) {
  Desk one(1), stopped(1);
  const Value table = settings({{"validation_speakers", Value::List{0, 1, 3}}, {"leave_one_out", true}});
  run_study(one, table);
  const auto each = [](const Desk& desk) {
    std::vector<double> all;
    for (const Figure& f : desk.figures)
      if (f.name == "left_out_accuracy_each")
        for (const Value& value : f.value.as_list()) all.push_back(value.as_number());
    return all;
  };
  ASSERT_EQ(each(one).size(), 3u);
  EXPECT_NEAR(one.figure("left_out_accuracy"), (each(one)[0] + each(one)[1] + each(one)[2]) / 3, 1e-12);
  EXPECT_EQ(one.asked.size(), 3u);  // the test is not even read with the others
  stopped.stop_after(20);
  EXPECT_THROW(run_study(stopped, table), Interrupted);
  stopped.stop_after(-1);
  run_study(stopped, table);
  EXPECT_EQ(each(one), each(stopped));
}

TEST_F(Digits, SilentUnitsArePushedUntilTheyFire) {
  const Dataset data = load_dataset(settings().at("dataset").as_text(), "nowhere");
  DigitsNetworkParams params;
  params.hidden = {6, 4}, params.input_mean = 0.001, params.input_sd = 0, params.recurrent = false;
  const Component description = digits_network(params, data.train.entry_shape(), 0.005, 3, 1);
  const auto model = build_model<Trainable>(description, house(), "this test");
  WorkerPool pool(2);
  const HiddenSpikes before = count_hidden_spikes(*model, *data.train.spikes, pool);
  EXPECT_EQ(before.layers, (std::vector<std::string>{"eventprop_lif1", "eventprop_lif2"}));
  EXPECT_EQ(before.silent_share(), 1);
  EXPECT_EQ(push_silent_units(*model, before, 0.3), 10u);
  HiddenSpikes after = before;
  int pushes = 0;
  do after = count_hidden_spikes(*model, *data.train.spikes, pool);
  while (push_silent_units(*model, after, 0.3) > 0 && ++pushes < 50);
  EXPECT_EQ(after.silent_share(), 0);
  EXPECT_GT(after.per_sample(), 0);
  // When they fire is as often as they do.
  const auto rasters =
      hidden_raster(state_of_network(description, *model), house(), SpikesView(*data.train.spikes).part(0, 1));
  const HiddenSpikes first = count_hidden_spikes(*model, SpikesView(*data.train.spikes).part(0, 1), pool);
  ASSERT_EQ(rasters.size(), 2u);
  for (std::size_t l = 0; l < 2; ++l)
    for (std::size_t u = 0; u < first.counts[l].size(); ++u)
      EXPECT_EQ(std::ranges::count(rasters[l].fired, static_cast<double>(u)), first.counts[l][u]);
}

TEST_F(Digits, TimeConstantsAreDrawnAroundTheirMean) {
  DigitsNetworkParams params;
  params.hidden = {4000}, params.tau_spread = 0.5;
  const Component made = digits_network(params, {70, 28}, 0.005, 3, 1);
  const Value& layer = made.settings.at("layers").as_list().at(1);
  double sum = 0, least = 1;
  for (const Value& tau : layer.at("time_constants").as_list())
    sum += tau.as_number(), least = std::min(least, tau.as_number());
  EXPECT_NEAR(sum / 4000, 20e-3, 5 * 20e-3 * std::sqrt(std::expm1(0.25) / 4000));
  EXPECT_GE(least, 3e-3);
}

TEST_F(Digits, RefusesWhatItCantLearn) {
  const auto fault = [&](std::initializer_list<std::pair<const char*, Value>> more) -> std::string {
    Desk desk;
    try {
      run_study(desk, settings(more));
    } catch (const Error& error) {
      return error.what();
    }
    return "not refused";
  };
  EXPECT_THAT(fault({{"hidden", Value::List{}}}), HasSubstr("hidden"));
  EXPECT_THAT(fault({{"dataset", "yin-yang:"}}), HasSubstr("spoken-digits, shd, ssc"));
  EXPECT_THAT(fault({{"dataset", "formants"}, {"validation_speakers", Value::List{1}}}), HasSubstr("formants"));
  EXPECT_THAT(fault({{"dataset", "shd:" + folder.string()}}), HasSubstr("duration=1.0"));
  EXPECT_THAT(fault({{"dataset", "shd:duration=1"}}), HasSubstr("shd_train.h5"));
  EXPECT_THAT(fault({{"leave_one_out", true}}), HasSubstr("validation_speakers"));
  EXPECT_THAT(fault({{"validation_speakers", Value::List{9}}}), HasSubstr("nothing of the speakers"));
  EXPECT_THAT(fault({{"validation_speakers", Value::List{1}}, {"validation", "spikes:x.h5"}}), HasSubstr("choose one"));
  EXPECT_THAT(fault({{"validation_speakers", Value::List{9}}}), HasSubstr("validation_speakers"));
  EXPECT_THAT(fault({{"validation_speakers", Value::List{1, 2, 1}}, {"leave_one_out", true}}),
              HasSubstr("voice 1 twice"));
  EXPECT_THAT(fault({{"channel_shift", 28}}), HasSubstr("28 channels"));
  EXPECT_THAT(fault({{"dataset", "formants:duration=0.001"}}), HasSubstr("fewer than 4 steps"));
  const std::string alone = "spikes:" + (folder / "shd_valid.h5").string() + ",duration=0.35";
  EXPECT_THAT(fault({{"dataset", alone}}), HasSubstr("has no test"));
  EXPECT_THAT(fault({{"validation", alone}}), HasSubstr("has other samples"));
}

}  // namespace
}  // namespace neurarium
