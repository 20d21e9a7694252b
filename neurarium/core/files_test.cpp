#include "neurarium/core/files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

class Files : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("neurarium-files-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }
  std::filesystem::path folder_;
};

TEST_F(Files, WhatIsWrittenIsRead) {
  write_atomically(folder_ / "a.txt", std::string_view("one"));
  write_atomically(folder_ / "a.txt", std::string_view("two"));
  EXPECT_EQ(read_text(folder_ / "a.txt"), "two");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, AFailedWriteLeavesNothingAndTheOldFile) {
  std::filesystem::create_directory(folder_ / "target");  // a folder can't be replaced by a file
  EXPECT_THROW(write_atomically(folder_ / "target", std::string_view("x")), Error);
  EXPECT_EQ(entries(), 1u);
  EXPECT_THROW(write_atomically(folder_ / "missing" / "a", std::string_view("x")), Error);
}

TEST_F(Files, ASymbolicLinkStaysAndItsTargetIsReplaced) {
  std::filesystem::create_directory(folder_ / "below");
  write_atomically(folder_ / "below" / "real", std::string_view("old"));
  std::filesystem::create_symlink("below/real", folder_ / "link");  // relative to where the link lies
  std::filesystem::create_symlink(folder_ / "link", folder_ / "link to link");
  std::filesystem::create_symlink("below/new", folder_ / "dangling");
  write_atomically(folder_ / "link to link", std::string_view("new"));
  write_atomically(folder_ / "dangling", std::string_view("made"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "link to link"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "link"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "dangling"));
  EXPECT_EQ(read_text(folder_ / "below" / "real"), "new");
  EXPECT_EQ(read_text(folder_ / "below" / "new"), "made");
  EXPECT_EQ(entries(), 4u);  // below, and three links
  std::filesystem::create_symlink("circle", folder_ / "circle");
  EXPECT_THROW(write_atomically(folder_ / "circle", std::string_view("x")), Error);
}

TEST_F(Files, APipeIsWrittenAndNotReplaced) {
  const std::filesystem::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  write_atomically(pipe, std::string_view("through"));
  std::string found(16, '\0');
  const ssize_t n = ::read(reader, found.data(), found.size());
  ::close(reader);
  ASSERT_EQ(n, 7);
  EXPECT_EQ(found.substr(0, 7), "through");
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  int ends[2] = {-1, -1};  // and one without a name, as `--out >(…)` gives
  ASSERT_EQ(::pipe(ends), 0);
  write_atomically("/dev/fd/" + std::to_string(ends[1]), std::string_view("unnamed"));
  ASSERT_EQ(::read(ends[0], found.data(), found.size()), 7);
  EXPECT_EQ(found.substr(0, 7), "unnamed");
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, AFolderIsSaidToBeOne) {
  try {
    write_atomically(folder_, std::string_view("x"));
    ADD_FAILURE() << "a folder was written";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("it is a folder"), std::string::npos) << error.what();
  }
}

TEST_F(Files, MissingFilesAndFoldersAreDataErrors) {
  EXPECT_THROW(read_text(folder_ / "none"), DataError);
  EXPECT_THROW(read_text(folder_), DataError);
}

TEST_F(Files, Sha256KnownAnswers) {  // FIPS 180-2, appendix B
  EXPECT_EQ(sha256(std::string_view("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(std::string_view("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  write_atomically(folder_ / "abc", std::string_view("abc"));
  EXPECT_EQ(sha256_file(folder_ / "abc"), sha256(std::string_view("abc")));
}

}  // namespace
}  // namespace neurarium
