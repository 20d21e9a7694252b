#include "neurarium/experiment/checkpoint_file.hpp"

#include <gmock/gmock.h>

#include "neurarium/core/files.hpp"
#include "neurarium/experiment/toy_study_test.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/safetensors.hpp"

namespace neurarium {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::message_of;
using testing::ToyStudy;

class CheckpointFile : public testing::FolderTest {
 protected:
  Report run_toy(const std::vector<std::string>& words, RunOptions options) const {
    Spec spec;
    spec.study = "toy-sum";
    spec.settings = parse_overrides(words);
    return run(resolve(spec, registry_), registry_, options);
  }
  static RunOptions to(const std::string& out, bool resume = false, bool go_on = false) {
    RunOptions options;
    options.out = out;
    options.resume = resume;
    options.go_on = go_on;
    return options;
  }
  /// Stops at step 17.
  void stopped(const std::string& out, const std::vector<std::string>& words = {}) const {
    std::stop_source stop;
    ToyStudy::at_step() = [&](std::int64_t step) {
      if (step == 17) stop.request_stop();
    };
    RunOptions options = to(out);
    options.stop = stop.get_token();
    EXPECT_THROW(run_toy(words, options), Interrupted);
    ToyStudy::at_step() = {};
  }
  static std::vector<std::byte> bytes(const std::string& out) { return read_bytes(out + "/checkpoint.safetensors"); }
  static void put(const std::string& out, const std::vector<std::byte>& content) {
    write_atomically(out + "/checkpoint.safetensors", std::span<const std::byte>(content));
  }
  Registry registry_ = testing::toy_registry();
};

TEST_F(CheckpointFile, AnyBitOfANumberThatIsAnotherIsDamage) {
  stopped("out");
  const std::vector<std::byte> good = bytes("out");
  ASSERT_GT(good.size(), 16U);
  for (std::size_t back = 1; back <= 16; ++back) {  // "sum": two doubles at the end
    auto bad = good;
    bad[bad.size() - back] ^= std::byte{1};
    put("out", bad);
    const RunDirectory directory("out");
    EXPECT_THAT(message_of<DataError>([&] { (void)read_checkpoint(directory); }),
                AllOf(HasSubstr("checkpoint.safetensors: is damaged"), HasSubstr("neurarium run --again out")));
  }
  EXPECT_THAT(message_of<DataError>([&] { (void)run_toy({}, to("out", true)); }), HasSubstr("is damaged"));
  put("out", good);
  EXPECT_EQ(run_toy({}, to("out", true)).study, "toy-sum");
}

TEST_F(CheckpointFile, SoAreACounterThatIsAnotherAndASealThatIsGone) {
  stopped("out");
  const auto changed = [&](const std::string& from, const std::string& to_text) {
    const auto content = bytes("out");
    std::string text(reinterpret_cast<const char*>(content.data()), content.size());
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to_text);
    put("out", {reinterpret_cast<const std::byte*>(text.data()),
                reinterpret_cast<const std::byte*>(text.data()) + text.size()});
    const RunDirectory directory("out");
    const std::string message = message_of<DataError>([&] { (void)read_checkpoint(directory); });
    put("out", content);
    return message;
  };
  EXPECT_THAT(changed("\"step\":\"17\"", "\"step\":\"18\""), HasSubstr("is damaged"));
  EXPECT_THAT(changed("neurarium.sha256", "neurarium.sha257"), HasSubstr("is damaged"));
  EXPECT_THAT(changed("neurarium.experiment_hash", "neurarium.experiment_hasi"), HasSubstr("is damaged"));
}

TEST_F(CheckpointFile, AnotherExperimentsIsRefused) {
  stopped("out");
  stopped("other", {"seed=1"});
  put("out", bytes("other"));
  EXPECT_THAT(message_of<ResumeError>([&] { (void)run_toy({}, to("out", true)); }),
              AllOf(HasSubstr("belongs to another experiment"), HasSubstr("neurarium run --again out")));
}

TEST_F(CheckpointFile, OneOfAnEarlierVersionIsReadAsItIs) {
  (void)run_toy({}, to("whole"));
  stopped("out");
  SafeTensors file = read_safetensors("out/checkpoint.safetensors");
  EXPECT_EQ(std::erase_if(file.metadata,
                          [](const auto& entry) {
                            return entry.first == "neurarium.sha256" || entry.first == "neurarium.experiment_hash";
                          }),
            2U);
  write_safetensors("out/checkpoint.safetensors", file);
  EXPECT_EQ(run_toy({}, to("out", true)).find("sum")->value.as_number(),
            run_toy({}, to("whole")).find("sum")->value.as_number());
}

TEST_F(CheckpointFile, WhoeverGoesOnWithWhatThereIsBeginsAnewIfItIsDamaged) {
  (void)run_toy({}, to("whole"));
  stopped("out");
  auto bad = bytes("out");
  bad.back() ^= std::byte{4};
  put("out", bad);
  std::string notes;
  RunOptions options = to("out", false, true);
  options.note = [&](const std::string& line) { notes += line + "\n"; };
  EXPECT_EQ(run_toy({}, options).find("sum")->value.as_number(),
            run_toy({}, to("whole")).find("sum")->value.as_number());
  EXPECT_THAT(notes, HasSubstr("is damaged"));
}

}  // namespace
}  // namespace neurarium
