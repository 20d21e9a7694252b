// Folders of sounds and spoken digits as files of spikes. A script stands in for espeak-ng.
#include "neurarium/data/encode_sounds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <map>
#include <numbers>
#include <set>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/data/spike_dataset.hpp"
#include "neurarium/data/spoken_digits.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Sounds : public testing::Test {
 protected:
  Sounds() : path(fs::temp_directory_path() / ("neurarium-sounds-" + std::to_string(::getpid()))) {
    fs::create_directories(path);
  }
  ~Sounds() override { fs::remove_all(path); }

  void tone(const fs::path& file, double frequency, double silence = 0) const {
    Sound sound{22050, {}};
    sound.samples.resize(static_cast<std::size_t>(silence * 22050));
    for (int k = 0; k < 3000; ++k)
      sound.samples.push_back(static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * frequency * k / 22050)));
    fs::create_directories(file.parent_path());
    write_atomically(file, wav_bytes(sound));
  }
  /// espeak-ng's part: writes the tone of the last word.
  std::string speaker(const std::string& last_words = "") const {
    const fs::path program = path / "speak";
    std::ofstream(program)
        << "#!/bin/sh\nfor word; do :; done\n"
        << "if [ \"$1\" = --voices=variant ]; then\n"
           "  echo ' 5  variant  --/M  male1  !v/m1'; echo ' 5  variant  --/F  female3  !v/f3'; exit; fi\n"
        << last_words << "cp '" << path.string() << "/tones/'$word.wav $2\n";
    fs::permissions(program, fs::perms::owner_all);
    double frequency = 200;
    for (const std::string& word : spoken_digit_names()) tone(path / "tones" / (word + ".wav"), frequency *= 1.17);
    return program.string();
  }
  fs::path path;
};
using EncodeSounds = Sounds;
using SpokenDigits = Sounds;

CochleaParams small_ear() {
  CochleaParams params;
  params.channels = 40;
  return params;
}

TEST_F(EncodeSounds, FoldersAreClasses) {
  tone(path / "in/low/b.wav", 300), tone(path / "in/low/deep/a.WAV", 350, 0.2), tone(path / "in/high/1.wav", 3000);
  tone(path / "in/.hidden/1.wav", 500), tone(path / "in/high/.2.wav", 500), tone(path / "in/loose.wav", 500);
  std::ofstream(path / "in/high/notes.txt") << "no sound";
  fs::create_directories(path / "in/nothing");
  std::vector<Dataset> made;
  for (const int threads : {1, 3}) {
    WorkerPool pool(threads);
    const EncodedSounds told = encode_sounds(path / "in", path / "out.h5", small_ear(), pool);
    EXPECT_EQ(told.samples, 3u);
    EXPECT_EQ(told.classes, 2u);
    EXPECT_LT(told.seconds, 0.2) << "silence at the ends is left out";
    made.push_back(load_spike_dataset("spikes:" + (path / "out.h5").string() + ",units=40", {}));
    EXPECT_EQ(made.back().train.spikes->events(), told.spikes);
  }
  EXPECT_EQ(made[0].sha256, made[1].sha256);
  const Dataset& data = made[0];
  EXPECT_THAT(data.classes, ElementsAre("high", "low"));
  EXPECT_THAT(
      std::vector<std::int64_t>(data.train.y.as<std::int64_t>().data(), data.train.y.as<std::int64_t>().data() + 3),
      ElementsAre(0, 1, 1));
  double mean[3] = {};
  for (std::size_t k = 0; k < 3; ++k) {
    double n = 0;
    for (std::size_t t = 0; t < data.train.spikes->steps(); ++t)
      for (const auto unit : data.train.spikes->at(k, t)) mean[k] += unit, ++n;
    ASSERT_GT(n, 10);
    mean[k] /= n;
  }
  EXPECT_GT(mean[0], mean[1] + 8);
  EXPECT_LT(std::abs(mean[1] - mean[2]), 4);
}

TEST_F(EncodeSounds, RefusesWhatIsNoSound) {
  WorkerPool pool(2);
  const auto refused = [&](const char* what) {
    try {
      encode_sounds(path / "in", path / "out.h5", small_ear(), pool);
      ADD_FAILURE() << "not refused: " << what;
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), HasSubstr(what));
    }
    EXPECT_FALSE(fs::exists(path / "out.h5"));
  };
  refused("is no folder");
  tone(path / "in/loose.wav", 500);
  refused("holds no folder with WAV files");
  tone(path / "in/a/good.wav", 500);
  std::ofstream(path / "in/a/bad.wav") << "RIFF";
  refused("bad.wav: at byte 0: is no WAV file");
  write_atomically(path / "in/a/bad.wav", wav_bytes({8000, {0.5f}}));
  refused("bad.wav: sound of 8000 samples per second");
}

TEST_F(SpokenDigits, HoldSpeakersOutAndAreTheSameForAnyThreads) {
  SpokenDigitsPlan plan;
  plan.training_speakers = {"m1"}, plan.test_speakers = {"f3", ""}, plan.takes = 1, plan.ear = small_ear();
  plan.more_training_speakers = {"nobody"};  // whom espeak-ng would speak for with its plain voice, of the test
  plan.program = speaker();
  std::vector<Dataset> made;
  for (const int threads : {1, 2}) {
    WorkerPool pool(threads);
    const fs::path home = path / std::to_string(threads);
    EXPECT_FALSE(is_spike_dataset_present("spoken-digits", home));
    std::size_t last = 0, all = 0;
    make_spoken_digits(plan, home / "spoken-digits", path / "work", pool, [&](std::size_t done, std::size_t total) {
      EXPECT_GE(done, last);
      last = done, all = total;
    });
    EXPECT_EQ(all, 60u);
    EXPECT_TRUE(fs::is_empty(path / "work"));
    made.push_back(load_spike_dataset("spoken-digits:units=40", home));
  }
  EXPECT_EQ(made[0].sha256, made[1].sha256);
  const Dataset& set = made[0];
  EXPECT_EQ(set.classes, spoken_digit_names());
  EXPECT_EQ(set.train.samples(), 20u);
  EXPECT_EQ(set.test.samples(), 40u);
  const auto speakers = [](const Split& split) {
    const auto all = split.about.at(0).second.as<std::int64_t>().flat();
    return std::set<std::int64_t>(all.begin(), all.end());
  };
  EXPECT_EQ(speakers(set.train), (std::set<std::int64_t>{0}));
  EXPECT_EQ(speakers(set.test), (std::set<std::int64_t>{1, 2}));
  // Each word has its own tone here: the middle of its spikes rises with the label.
  std::map<std::int64_t, double> middle;
  const auto labels = set.test.y.as<std::int64_t>().flat();
  EXPECT_FALSE(std::ranges::is_sorted(labels)) << "mixed";
  for (std::size_t k = 0; k < labels.size(); ++k) {
    double sum = 0, n = 0;
    for (std::size_t t = 0; t < set.test.spikes->steps(); ++t)
      for (const auto unit : set.test.spikes->at(k, t)) sum += unit, ++n;
    middle[labels[k]] = sum / n;
  }
  ASSERT_EQ(middle.size(), 20u);
  for (std::int64_t k = 2; k < 20; ++k) EXPECT_GT(middle[k], middle[k - 2]) << k;
}

TEST_F(SpokenDigits, SayWhatIsMissing) {
  WorkerPool pool(1);
  SpokenDigitsPlan plan;
  plan.training_speakers = {"m1"}, plan.test_speakers = {"f3"}, plan.more_training_speakers = {}, plan.takes = 1;
  const auto failure = [&] {
    try {
      make_spoken_digits(plan, path / "set", path / "work", pool);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  plan.program = "no-such-speaker";
  EXPECT_THAT(failure(), HasSubstr("apt-get install espeak-ng"));
  plan.program = speaker("echo I am hoarse; exit 3\n");
  EXPECT_THAT(failure(), testing::AllOf(HasSubstr("-v "), HasSubstr("I am hoarse")));
  plan.training_speakers = {"nobody"}, plan.program = speaker();
  EXPECT_THAT(failure(), HasSubstr("knows none of the voices"));
  EXPECT_FALSE(is_spike_dataset_present("spikes:" + (path / "set").string(), {}));
}

TEST(SpokenDigitsPlan, DrawsSpeedPitchAndAccentForEachTake) {
  const SpokenDigitsPlan plan;
  const auto training = spoken_words(plan, false), test = spoken_words(plan, true);
  EXPECT_EQ(training.size(), 2560u + 48 * 20 * 4);
  EXPECT_EQ(training.size(), plan.words(false));
  EXPECT_EQ(test.size(), 640u);
  EXPECT_EQ(test.size(), plan.words(true));
  std::vector<std::string> speakers = plan.training_speakers;
  speakers.insert(speakers.end(), plan.test_speakers.begin(), plan.test_speakers.end());
  speakers.insert(speakers.end(), plan.more_training_speakers.begin(), plan.more_training_speakers.end());
  EXPECT_EQ(std::set<std::string>(speakers.begin(), speakers.end()).size(), speakers.size());
  std::map<std::string, int> voices, speeds;
  std::map<std::int64_t, int> labels;
  for (const SpokenWord& word : training) {
    ASSERT_EQ(word.arguments.size(), 7u);
    const std::string voice = word.arguments[1], speaker = voice.substr(voice.find('+') + 1);
    EXPECT_EQ(speakers[static_cast<std::size_t>(word.speaker)], speaker);
    EXPECT_EQ(voice.starts_with("de+"), word.label >= 10);
    ++voices[voice.substr(0, voice.find('+'))], ++speeds[word.arguments[3]], ++labels[word.label];
    EXPECT_GE(std::stoi(word.arguments[3]), 110);
    EXPECT_LE(std::stoi(word.arguments[3]), 190);
    EXPECT_GE(std::stoi(word.arguments[5]), 30);
    EXPECT_LE(std::stoi(word.arguments[5]), 70);
  }
  EXPECT_EQ(voices.size(), 5u);
  EXPECT_EQ(voices["de"], 3200);
  EXPECT_NEAR(voices["en-gb"], 800, 98);  // four standard deviations
  EXPECT_EQ(speeds.size(), 81u);
  for (const auto& [label, count] : labels) EXPECT_EQ(count, 320) << label;
  for (const SpokenWord& word : test)  // the plain voice is one of the test
    EXPECT_EQ(word.arguments[1].find('+') == std::string::npos,
              speakers[static_cast<std::size_t>(word.speaker)].empty());
}

}  // namespace
}  // namespace neurarium
