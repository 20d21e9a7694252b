// Programs out of memory: the shell stands in for one that answers, crashes, complains, or is stuck.
#include "neurarium/data/embedded_program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/files.hpp"

namespace neurarium {
namespace {

class Shell {
 public:
  explicit Shell(const std::string& command, int stall_seconds = 20, std::stop_token stop = {})
      : program_(read_bytes("/bin/sh"), {"-c", command}, stall_seconds, stop) {}
  /// What it prints until it ends, or `most` bytes.
  std::string said(std::size_t most = 1 << 22) {
    std::string text;
    for (char one = 0; text.size() < most && program_.read(std::as_writable_bytes(std::span(&one, 1)));) text += one;
    return text;
  }
  bool tell(const std::string& text) { return program_.write(std::as_bytes(std::span(text))); }
  std::string end() { return program_.end(); }

 private:
  EmbeddedProgram program_;
};

TEST(EmbeddedProgram, TalksBothWays) {
  EXPECT_EQ(Shell("printf '%s' \"$LC_ALL$HOME\"").said(), "C") << "nothing of the user's surroundings";
  Shell echo("head -c 300000 | wc -c");
  const std::string text(300000, 'x');  // more than a pipe holds
  EXPECT_TRUE(echo.tell(text));
  EXPECT_EQ(echo.said(), "300000\n");
}

TEST(EmbeddedProgram, SaysHowItEnded) {
  Shell crashed("printf ab; kill -SEGV $$");
  EXPECT_EQ(crashed.said(), "ab");
  EXPECT_EQ(crashed.end(), "crashed (Segmentation fault)");
  Shell circles("kill -PROF $$");
  EXPECT_EQ(circles.said(), "");
  EXPECT_EQ(circles.end(), "computed in circles");
  Shell unhappy("echo no library >&2; exit 127");
  EXPECT_EQ(unhappy.said(), "");
  EXPECT_EQ(unhappy.end(), "ended too soon: no library");
  Shell stuck("sleep 100", 1);
  EXPECT_EQ(stuck.said(), "");
  EXPECT_EQ(stuck.end(), "got no further for 1 s");
}

TEST(EmbeddedProgram, DeafOneIsNoSignalToUs) {
  Shell deaf("exec <&-; exit 0");
  const std::string text(300000, 'x');
  EXPECT_FALSE(deaf.tell(text));
}

TEST(EmbeddedProgram, StopsWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  Shell waiting("sleep 100", 20, stop.get_token());
  EXPECT_THROW(waiting.said(), Interrupted);
}

}  // namespace
}  // namespace neurarium
