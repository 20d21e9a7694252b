// eventprop-digits on small files in the layout of the Heidelberg digits: what it reports, that voices are kept apart, that neither threads
// nor a stop change a bit, and what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>

#include "neurarium/core/normal.hpp"
#include "neurarium/data/spike_file.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/studies/eventprop_training/digits_findings.hpp"
#include "tests/contracts/study_desk.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

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
    return with(std::move(table), more);
  }
  fs::path folder;
};

void run_study(Desk& desk, const Value& table) { desk.run("eventprop-digits", table); }

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
  EXPECT_GT(desk.number("test_accuracy"), 0.6);  // chance: 0.33; 36 samples, s.e. 0.08
  EXPECT_EQ(desk.number("test_samples"), 36);
  EXPECT_EQ(desk.number("train_samples"), 72);
  EXPECT_NEAR(desk.number("chance_accuracy"), 1. / 3, 1e-12);
  EXPECT_GT(desk.number("hidden_spikes_per_sample"), 1);
  EXPECT_THAT(desk.said, HasSubstr("Voices never heard"));
  EXPECT_THROW(desk.number("validation_accuracy"), InternalError);
  EXPECT_THROW(desk.number("silent_labels"), InternalError);  // outputs do not fire
  // What it kept answers as it reported.
  const auto model = network_with<Trainable>(desk.kept.at("").state, house(), "this test");
  const Dataset data = load_dataset(desk.kept.at("").dataset, "nowhere");
  EXPECT_EQ(evaluate(*model, data.test, 1, desk).accuracy, desk.number("test_accuracy"));
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
    EXPECT_EQ(desk.number("epochs"), 2);
    EXPECT_EQ(desk.number("validation_samples"), 18);
    EXPECT_EQ(desk.number("test_samples"), 36);
    EXPECT_TRUE(std::isfinite(desk.number("test_loss")));
  }
}

TEST_F(Digits, TheBestEpochIsChosenByVoicesThatAreNotLearnedFrom) {
  Desk desk;
  run_study(desk, with_all_tricks(settings({{"validation_speakers", Value::List{1, 3}}})));
  EXPECT_EQ(desk.number("train_samples"), 36);
  EXPECT_EQ(desk.number("validation_samples"), 36);
  EXPECT_EQ(desk.number("test_samples"), 36);
  ASSERT_EQ(desk.asked.size(), 2u);
  EXPECT_THAT(desk.asked[1], HasSubstr("test_speakers=[1,3]"));
  const auto model = network_with<Trainable>(desk.kept.at("").state, house(), "this test");
  const Dataset held = load_dataset(desk.asked[1], "nowhere");
  EXPECT_EQ(evaluate(*model, held.test, 1, desk).accuracy, desk.number("validation_accuracy"));
  EXPECT_GE(desk.number("best_epoch"), 1);

  Desk file;  // the same by a file, as SSC has one
  const std::string valid = "spikes:" + (folder / "shd_valid.h5").string() + ",dt=0.005,duration=0.35,channels=28";
  run_study(file, settings({{"validation", valid}}));
  EXPECT_EQ(file.number("validation_samples"), 18);
  EXPECT_EQ(file.number("train_samples"), 72);
}

TEST_F(Digits, HeldOutTrainingSamplesAreNotCalledVoices) {
  Value table = settings(), stopping = Value::table(), train = table.at("train");
  stopping.set("patience", 100), stopping.set("held_out", 0.2);
  train.set("early_stopping", stopping), table.set("train", train);
  Desk desk;
  run_study(desk, table);
  EXPECT_EQ(desk.number("validation_samples"), 0);
  EXPECT_THAT(desk.said, HasSubstr("chosen by training samples that were held out"));
}

TEST_F(Digits, HasTheSameBitsWithAnyThreadsAndAfterAStop) {
  const Value table = with_all_tricks(settings({{"validation_speakers", Value::List{2}}}));
  const ThreeWays ways(9, [&](Desk& desk) { run_study(desk, table); });
  EXPECT_EQ(ways.one.kept.size(), 1u);
}

TEST_F(Digits, EachVoiceIsLeftOutOnce) {
  Desk one(1), stopped(1);
  const Value table = settings({{"validation_speakers", Value::List{0, 1, 3}}, {"leave_one_out", true}});
  run_study(one, table);
  const std::vector<double> each = one.numbers("left_out_accuracy_each");
  ASSERT_EQ(each.size(), 3u);
  EXPECT_NEAR(one.number("left_out_accuracy"), (each[0] + each[1] + each[2]) / 3, 1e-12);
  EXPECT_EQ(one.asked.size(), 3u);  // the test is not even read with the others
  stopped.stop_after(20);
  EXPECT_THROW(run_study(stopped, table), Interrupted);
  stopped.stop_after(-1);
  run_study(stopped, table);
  expect_same_results(one, stopped);
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
