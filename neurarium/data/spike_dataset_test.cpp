// Files of spikes: what h5py wrote is read, what we write reads back, what is wrong or damaged is refused in words.
#include "neurarium/data/spike_dataset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <map>

#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/data/event_arrays.hpp"
#include "neurarium/data/spike_file.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
const fs::path stored = fs::path(NEURARIUM_SOURCE_DIR) / "tests/data/spikes";

struct Expected {
  std::map<std::string, Array> arrays;
  Expected() {
    for (auto& [name, array] : read_npz(stored / "expected.npz")) arrays.emplace(name, std::move(array));
  }
  std::vector<std::int64_t> numbers(const std::string& name) const {
    const auto all = arrays.at(name).as<std::int64_t>().flat();
    return {all.begin(), all.end()};
  }
};

class Folder : public testing::Test {
 protected:
  Folder() : path(fs::temp_directory_path() / ("neurarium-spikes-" + std::to_string(::getpid()))) {
    fs::create_directories(path);
  }
  ~Folder() override { fs::remove_all(path); }
  /// One sample with label 0 in a file of that name.
  std::string file_of(const TimedSpikes& spikes) const {
    write_spike_file(path / "one.h5", {{0}, {}, {"nought"}}, [&](std::size_t) { return spikes; });
    return "spikes:" + (path / "one.h5").string();
  }
  fs::path path;
};
using SpikeDatasetFiles = Folder;

std::string what_of(const std::string& name, const fs::path& home = {}) {
  try {
    load_dataset(name, home);
  } catch (const DataError& error) {
    return error.what();
  }
  return "not refused";
}

std::vector<std::int64_t> speakers_of(const Split& split) {
  if (split.about.empty()) return {};
  EXPECT_EQ(split.about.front().first, "speaker");
  const auto numbers = split.about.front().second.as<std::int64_t>().flat();
  return {numbers.begin(), numbers.end()};
}

TEST(SpikeDataset, ReadsWhatH5pyWroteInAnyWidthAndOrder) {
  const Expected expected;
  const ArrayView t = expected.arrays.at("t"), i = expected.arrays.at("i"), offsets = expected.arrays.at("offsets");
  const auto all_labels = expected.numbers("labels");
  for (const char* name : {"half", "double", "big_endian"}) {
    const std::string file = (stored / (std::string(name) + "_train.h5")).string();
    const Dataset read = load_spike_dataset("spikes:" + file + ",duration=1,dt=0.004", {});
    EXPECT_EQ(*read.train.spikes, spikes_of({t, i, offsets, 250, 700, 0.004}, "")) << name;
    const auto y = read.train.y.as<std::int64_t>().flat();
    EXPECT_EQ(std::vector<std::int64_t>(y.begin(), y.end()), all_labels) << name;
    EXPECT_EQ(read.dt, 0.004);
    EXPECT_EQ(speakers_of(read.train),
              std::string(name) == "double" ? std::vector<std::int64_t>{} : expected.numbers("speakers"));
    ASSERT_EQ(read.classes.size(), 20u);
    EXPECT_EQ(read.classes[0], "zero");
    EXPECT_EQ(read.classes[15], "fünf");
    EXPECT_EQ(read.test.samples(), 0u);
  }
}

TEST(SpikeDataset, SettingsBinChannelsAndTimeAndHoldSpeakersOut) {
  const Expected expected;
  const std::string file = "spikes:" + (stored / "half_train.h5").string();
  const auto t = expected.arrays.at("t").as<double>().flat();
  const auto i = expected.numbers("i"), offsets = expected.numbers("offsets"), speakers = expected.numbers("speakers");
  // Times to half a second, ten channels: counted by hand.
  const Dataset coarse = load_dataset(file + ",dt=0.1,duration=0.5,channels=10", {});
  ASSERT_EQ(coarse.train.entry_shape(), (Shape{5, 10}));
  for (std::size_t k = 0; k + 1 < offsets.size(); ++k) {
    std::map<std::pair<int, int>, int> count, found;
    for (auto e = static_cast<std::size_t>(offsets[k]); e < static_cast<std::size_t>(offsets[k + 1]); ++e)
      if (t[e] < 0.5) ++count[{static_cast<int>(t[e] * 10), static_cast<int>(i[e] / 70)}];
    for (std::size_t step = 0; step < 5; ++step)
      for (const auto unit : coarse.train.spikes->at(k, step)) ++found[{static_cast<int>(step), unit}];
    EXPECT_EQ(found, count) << k;
  }
  // As long as the last spike needs.
  const double last = *std::max_element(t.begin(), t.end());
  EXPECT_EQ(load_dataset(file, {}).train.spikes->steps(), static_cast<std::size_t>(last / 1e-3) + 1);

  const Dataset held = load_spike_dataset(file + ",test_speakers=[4,11]", {});
  EXPECT_EQ(speakers_of(held.train), (std::vector<std::int64_t>{0, 2, 0, 2}));
  EXPECT_EQ(speakers_of(held.test), (std::vector<std::int64_t>{4, 4, 11}));
  EXPECT_EQ(held.test.spikes->samples(), 3u);
  EXPECT_EQ(held.test.spikes->events(), 0u + 1 + 60);
  EXPECT_EQ(held.test.spikes->steps(), held.train.spikes->steps());
  EXPECT_EQ(load_dataset(file + ",training_samples=3", {}).train.samples(), 3u);
  EXPECT_THAT(what_of(file + ",test_speakers=[5]"), HasSubstr("nothing of the speakers"));
  EXPECT_THAT(what_of("spikes:" + (stored / "double_train.h5").string() + ",test_speakers=[0]"),
              HasSubstr("who spoke"));
}

TEST_F(SpikeDatasetFiles, WhatIsWrittenReadsBackAndAFolderIsASet) {
  const SpikeFileHead head{{1, 0, 1}, {7, 65535, 0}, {"a", "längeres Wort"}};
  const std::vector<TimedSpikes> spikes = {{{0, 0.25, 0.25}, {699, 1, 0}}, {{}, {}}, {{1.5}, {350}}};
  fs::create_directories(path / "shd");
  write_spike_file(path / "shd/shd_train.h5", head, [&](std::size_t k) { return spikes[k]; });
  write_spike_file(path / "shd/shd_test.h5", {{0}, {3}, head.classes}, [&](std::size_t) { return spikes[0]; });
  SpikeFileHead read;
  std::vector<TimedSpikes> found;
  read_spike_file(
      path / "shd/shd_train.h5", [&](const SpikeFileHead& one) { read = one; },
      [&](std::size_t k, const TimedSpikes& one) {
        EXPECT_EQ(k, found.size());
        found.push_back(one);
      });
  EXPECT_EQ(read.labels, head.labels);
  EXPECT_EQ(read.speakers, head.speakers);
  EXPECT_EQ(read.classes, head.classes);
  ASSERT_EQ(found.size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(found[k].times, spikes[k].times);
    EXPECT_EQ(found[k].units, spikes[k].units);
  }
  EXPECT_TRUE(is_present("shd", path));
  EXPECT_FALSE(is_present("ssc", path));
  const Dataset data = load_dataset("shd:dt=0.01", path);
  EXPECT_EQ(data.train.entry_shape(), (Shape{151, 700}));
  EXPECT_EQ(data.train.spikes->at(0, 25).size(), 2u);
  EXPECT_EQ(data.test.samples(), 1u);
  EXPECT_EQ(data.sha256, load_dataset("spikes:" + (path / "shd").string() + ",dt=0.01", "").sha256);
  EXPECT_THAT(what_of("ssc", path), HasSubstr("ssc_train.h5"));
  write_spike_file(path / "shd/shd_test.h5", {{0}, {3}, {"a", "b"}}, [&](std::size_t) { return spikes[0]; });
  EXPECT_THAT(what_of("shd", path), HasSubstr("don't belong together"));
  EXPECT_THROW(write_spike_file(path / "nowhere/a.h5", head, [&](std::size_t k) { return spikes[k]; }), Error);
  EXPECT_THROW(write_spike_file(path / "b.h5", head, [&](std::size_t) -> TimedSpikes { throw Interrupted("now"); }),
               Interrupted);
  EXPECT_FALSE(fs::exists(path / "b.h5"));
  EXPECT_EQ(std::distance(fs::directory_iterator(path), {}), 1) << "nothing half written is left";
}

TEST_F(SpikeDatasetFiles, RefusesTimesAndUnitsThatCannotBe) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
  const auto refused = [&](const TimedSpikes& spikes, const char* what, const char* settings = "") {
    EXPECT_THAT(what_of(file_of(spikes) + settings), testing::AllOf(HasSubstr("one.h5"), HasSubstr(what)));
  };
  refused({{0.1, 0.2}, {0, 700}}, "spikes/units[0][1] is 700, outside 0 … 699");
  refused({{0.1, 0.2}, {0, 80}}, "outside 0 … 49", ",units=50");
  refused({{0.1, -0.2}, {0, 1}}, "spikes/times[0][1] is -0.2 s: before the sample begins");
  refused({{0.25, 0.125}, {0, 1}}, "is 0.125 s, and the one before 0.25 s: times fall");
  refused({{nan}, {0}}, "no finite number");
  refused({{infinite}, {0}}, "no finite number");
  refused({{nan}, {0}}, "no finite number", ",sort=true");
  refused({{2000}, {0}}, "step 2e+06");
  const Dataset sorted = load_dataset(file_of({{0.25, 0.125}, {0, 1}}) + ",sort=true,dt=0.125", {});
  EXPECT_EQ(sorted.train.spikes->at(0, 1)[0], 1);
  EXPECT_EQ(sorted.train.spikes->at(0, 2)[0], 0);
}

TEST(SpikeDataset, RefusesOtherLayouts) {
  const std::map<std::string, std::string> wrong = {
      {"no-times", "there is no spikes/times"},
      {"whole-times", "spikes/times holds lists of whole numbers, expected lists of floating-point numbers"},
      {"broken-units", "spikes/units holds lists of floating-point numbers, expected lists of whole numbers"},
      {"more-times", "spikes/times has 8 samples, spikes/units 7"},
      {"longer-times", "spikes/times of sample 3 has 30 entries, spikes/units 25"},
      {"fewer-labels", "labels has 6 entries for 7 samples"},
      {"broken-labels", "labels holds floating-point numbers, expected whole numbers"},
      {"label-without-key", "labels[2] is 20, outside 0 … 19"},
      {"negative-label", "labels[0] is -3, outside 0 … 19"},
      {"two-axes", "labels has 2 axes, expected one"},
      {"fewer-speakers", "extra/speaker has 6 entries for 7 samples"},
      {"no-lists", "spikes/times holds floating-point numbers, expected lists"}};
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(stored / "wrong")) {
    ++files;
    EXPECT_THAT(what_of("spikes:" + entry.path().string()), HasSubstr(wrong.at(entry.path().stem().string())))
        << entry.path();
  }
  EXPECT_EQ(files, wrong.size());
  EXPECT_THAT(what_of("spikes:" + (stored / "expected.npz").string()), HasSubstr("no HDF5 file"));
}

// Cut anywhere and changed anywhere: libhdf5 refuses, crashes (32, 41 with version 1.10.8) or goes in circles (51), all
// in its own process.
TEST_F(SpikeDatasetFiles, DamagedFilesNeitherCrashNorPass) {
  const std::string whole = read_text(stored / "half_train.h5");
  const std::string name = "spikes:" + (path / "damaged.h5").string();
  for (std::size_t k = 0; k < 6; ++k) {
    write_atomically(path / "damaged.h5", std::string_view(whole).substr(0, whole.size() * k / 6));
    EXPECT_THAT(what_of(name), HasSubstr("damaged.h5")) << k;
  }
  for (const std::size_t k : {0, 7, 25, 32, 41, 51, 98}) {
    std::string changed = whole;
    for (std::size_t at = k * 37; at < changed.size(); at += 401)
      changed[at] = static_cast<char>(changed[at] ^ (1 << k % 8));
    write_atomically(path / "damaged.h5", changed);
    EXPECT_THROW(read_spike_file(
                     path / "damaged.h5", [](const SpikeFileHead&) {}, [](std::size_t, const TimedSpikes&) {}, {}, 0.2),
                 DataError)
        << k;
  }
}

TEST(SpikeDataset, NamesTellPathAndSettings) {
  EXPECT_TRUE(is_spike_dataset("shd"));
  EXPECT_TRUE(is_spike_dataset("spoken-digits:dt=0.01"));
  EXPECT_FALSE(is_spike_dataset("shdd"));
  EXPECT_EQ(spike_dataset_params("shd:/a/b,dt=0.5").path, "/a/b");
  EXPECT_EQ(spike_dataset_params("shd:/a/b,dt=0.5").dt, 0.5);
  EXPECT_EQ(path_of_spike_dataset("shd:dt=0.5"), std::nullopt);
  const std::string name = spike_dataset_with_path("shd:a,dt=0.5,test_speakers=[1,2]", "/x=y,z/a");
  EXPECT_EQ(spike_dataset_params(name).path, "/x=y,z/a");
  EXPECT_EQ(spike_dataset_params(name).test_speakers, (std::vector<std::int64_t>{1, 2}));
  for (const char* wrong : {"shd:dtt=1", "shd:dt=0", "spikes", "spikes:dt=1", "shd:a,path=\"b\"", "shd:channels=701",
                            "shd:dt=1e-9,duration=1", "shd:units=70000"})
    EXPECT_THROW(spike_dataset_params(wrong), SpecError) << wrong;
}

}  // namespace
}  // namespace neurarium
