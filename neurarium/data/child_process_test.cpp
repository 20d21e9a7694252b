#include "neurarium/data/child_process.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace neurarium {
namespace {

class Path : public ::testing::Test {
 protected:
  void SetUp() override { before_ = std::getenv("PATH") ? std::getenv("PATH") : ""; }
  void TearDown() override { ::setenv("PATH", before_.c_str(), 1); }
  static std::string found_with(const std::string& path, const std::string& name = "sh") {
    ::setenv("PATH", path.c_str(), 1);
    return find_program(name).string();
  }
  std::string before_;
};

TEST_F(Path, EmptyEntriesArePassedOver) {
  EXPECT_EQ(found_with("/bin"), "/bin/sh");
  for (const char* path : {":/bin", "/bin:", "/nowhere::/bin", "::/bin::"})
    EXPECT_EQ(found_with(path), "/bin/sh") << path;
  for (const char* path : {"", ":", "/nowhere:"}) EXPECT_EQ(found_with(path), "") << path;
}

TEST_F(Path, FoldersAndFilesThatCannotBeRunAreNoPrograms) {
  EXPECT_EQ(found_with("/", "bin"), "");
  EXPECT_EQ(found_with("/etc", "passwd"), "");
}

}  // namespace
}  // namespace neurarium
