#include "neurarium/core/files.hpp"

#include <gtest/gtest.h>

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
