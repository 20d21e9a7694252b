#include "neurarium/benchmark/peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "neurarium/benchmark/busy.hpp"
#include "neurarium/core/errors.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/core/temporary_folder.hpp"

namespace neurarium {
namespace {

using ::testing::HasSubstr;

class PeerTest : public ::testing::Test {
 protected:
  PeerOptions shell(const std::string& script) const {
    PeerOptions options;
    options.name = "test";
    options.command = {"/bin/sh", "-c", script};
    options.log = folder / "log";
    options.time_limit = 30;
    return options;
  }
  static Value request(const char* action) {
    Value value = Value::table();
    value.set("do", action);
    return value;
  }
  template <class Failure>
  static std::string failure(Peer& peer, const char* action = "turn") {
    try {
      peer.ask(request(action));
    } catch (const Failure& error) {
      return error.what();
    }
    ADD_FAILURE() << "expected a failure";
    return "";
  }
  const TemporaryFolder temporary{"neurarium-peer"};
  const std::filesystem::path folder = temporary.path();
};

/// Until the process has ended (a zombie counts as ended).
bool ends(pid_t child) {
  for (int i = 0; i < 500; ++i) {
    std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
    std::string number, name, state;
    if (!(stat >> number >> name >> state) || state == "Z") return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST_F(PeerTest, OneLineForOneLine) {
  Peer peer(shell("while read line; do echo \"{\\\"got\\\": $line}\"; done"));
  EXPECT_EQ(peer.ask(request("a")).find_path("got.do")->as_text(), "a");
  EXPECT_EQ(peer.ask(request("b")).find_path("got.do")->as_text(), "b");
}

TEST_F(PeerTest, WhatItPrintsOnTheWayIsNotAnAnswer) {
  Peer peer(shell("read line; echo chatter >&2; echo '{\"fine\": true}'"));
  EXPECT_TRUE(peer.ask(request("a")).at("fine").as_bool());
}

TEST_F(PeerTest, Garbage) {
  Peer words(shell("read line; echo these are words; sleep 30"));
  EXPECT_THAT(failure<Error>(words), HasSubstr("no JSON object: these are words"));
  Peer list(shell("read line; echo '[1]'; sleep 30"));
  EXPECT_THAT(failure<Error>(list), HasSubstr("no JSON object: [1]"));
}

TEST_F(PeerTest, ItEnds) {
  Peer silent(shell("read line; exit 0"));
  EXPECT_THAT(failure<Error>(silent), HasSubstr("closed the line instead of answering to 'turn'"));
  Peer loud(shell("read line; echo out of luck >&2; exit 7"));
  EXPECT_THAT(failure<Error>(loud), HasSubstr("ended with code 7"));
  Peer crashed(shell("read line; echo out of luck >&2; kill -SEGV $$"));
  const std::string what = failure<Error>(crashed);
  EXPECT_THAT(what, HasSubstr("was ended by signal 11"));
  EXPECT_THAT(what, HasSubstr("out of luck"));
}

TEST_F(PeerTest, ItHangsAndItsChildrenToo) {
  auto options = shell("sleep 60 & echo $! > " + (folder / "child").string() + "; read line; wait");
  options.time_limit = 0.2;
  pid_t child = 0;
  {
    Peer peer(options);
    EXPECT_THAT(failure<Error>(peer, "prepare"), HasSubstr("did not answer to 'prepare' within 0.2 s"));
    child = std::stoi(read_text(folder / "child"));
    EXPECT_EQ(::kill(child, 0), 0);
  }
  EXPECT_TRUE(ends(child));
}

TEST_F(PeerTest, AStopIsHeardWhileWaiting) {
  std::stop_source stop;
  auto options = shell("read line; sleep 60");
  options.stop = stop.get_token();
  Peer peer(options);
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    stop.request_stop();
  });
  EXPECT_THROW(peer.ask(request("turn")), Interrupted);
}

TEST_F(PeerTest, WhatItCannotDoHasItsOwnErrors) {
  Peer missing(shell("read line; echo '{\"missing\": \"numpy\"}'"));
  EXPECT_THAT(failure<DataError>(missing), HasSubstr("python3-numpy"));
  Peer refused(shell("read line; echo '{\"refused\": \"no such parameter\"}'"));
  EXPECT_THAT(failure<SpecError>(refused), HasSubstr("no such parameter"));
  Peer broken(shell("read line; echo '{\"error\": \"IndexError: 3\"}'"));
  EXPECT_THAT(failure<Error>(broken), HasSubstr("failed at 'turn': IndexError: 3"));
  auto nowhere = shell("");
  nowhere.command = {(folder / "python3").string()};
  EXPECT_THROW(Peer{nowhere}, DataError);
}

TEST_F(PeerTest, TheEnvironmentIsOursWithChanges) {
  ::setenv("NEURARIUM_TEST_OURS", "kept", 1);
  ::setenv("NEURARIUM_TEST_GONE", "old", 1);
  auto options = shell(
      "read line; echo \"{\\\"all\\\": \\\"$NEURARIUM_TEST_OURS $NEURARIUM_TEST_NEW "
      "${NEURARIUM_TEST_GONE-gone}\\\"}\"");
  options.environment = {{"NEURARIUM_TEST_NEW", "new"}, {"NEURARIUM_TEST_GONE", ""}};
  Peer peer(options);
  EXPECT_EQ(peer.ask(request("a")).at("all").as_text(), "kept new gone");
  ::unsetenv("NEURARIUM_TEST_OURS");
  ::unsetenv("NEURARIUM_TEST_GONE");
}

/// Children of this process that are running, by /proc.
std::vector<pid_t> running_children() {
  std::vector<pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream stat(entry.path() / "stat");
    std::string number, name, state;
    pid_t parent = 0;
    if (stat >> number >> name >> state >> parent && parent == ::getpid()) children.push_back(std::stoi(number));
  }
  return children;
}

TEST(BusyProcesses, AreThereAndThenAreNot) {
  const std::size_t before = running_children().size();
  {
    const BusyProcesses busy(2);
    EXPECT_EQ(running_children().size(), before + 2);
  }
  EXPECT_EQ(running_children().size(), before);
}

}  // namespace
}  // namespace neurarium
