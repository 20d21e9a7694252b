#include "neurarium/data/image_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/data/image_file.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

const fs::path fixtures = fs::path(NEURARIUM_SOURCE_DIR) / "tests/data/photographs";

std::string fault(const std::function<void()>& act) {
  try {
    act();
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

class Photographs : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  void add(const std::string& fixture, const std::string& as) {
    fs::create_directories((folder_ / as).parent_path());
    fs::copy_file(fixtures / fixture, folder_ / as, fs::copy_options::overwrite_existing);
  }
  void write(const std::string& name, const std::string& content) { write_atomically(folder_ / name, content); }
  std::vector<std::string> skipped() const {
    std::vector<std::string> lines;
    const ImageFolder folder(folder_);
    for (const auto& [path, reason] : folder.skipped()) lines.push_back(path + ": " + reason);
    return lines;
  }
  fs::path folder_ = fs::path(testing::TempDir()) / (std::to_string(::getpid()) + "_photographs");
};

TEST_F(Photographs, AtAnyDepthInTheOrderOfTheirNames) {
  add("colour.jpg", "b.JPG");
  add("grey.png", "a/z.png");
  add("alpha.png", "a.png");
  add("cmyk.jpg", "no-ending");
  add("palette.png", "wrong.jpg");  // known by content
  const ImageFolder folder(folder_);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < folder.size(); ++i) names.push_back(folder.path(i));
  EXPECT_EQ(names, (std::vector<std::string>{"a.png", "a/z.png", "b.JPG", "no-ending", "wrong.jpg"}));
  EXPECT_TRUE(folder.skipped().empty());
  EXPECT_EQ(folder.height(2), 13u);
  EXPECT_EQ(folder.width(2), 21u);
  const Array pixels = folder.read(2), direct = decode_image(read_bytes(fixtures / "colour.jpg"), "x");
  EXPECT_TRUE(std::ranges::equal(pixels.as<std::uint8_t>().flat(), direct.as<std::uint8_t>().flat()));
}

TEST_F(Photographs, WhatCannotBeReadIsSkippedAndNamed) {
  add("colour.png", "good.png");
  add("grey.png", ".hidden.png");
  add("grey.png", ".thumbnails/a.png");
  write("empty.jpg", "");
  write("note.txt", "hello");
  write("truncated.jpg", read_text(fixtures / "colour.jpg").substr(0, 300));
  write("truncated.png", read_text(fixtures / "sixteen-bits.png").substr(0, 1000));
  fs::create_symlink("nowhere", folder_ / "dangling");
  fs::create_directory_symlink(".", folder_ / "loop");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);  // opening it would wait for ever
  EXPECT_EQ(skipped(), (std::vector<std::string>{
                           "dangling: is a link to nothing",
                           "empty.jpg: is empty",
                           "loop: is a link to a folder; these are not followed",
                           "note.txt: is neither a PNG nor a JPEG",
                           "pipe: is not a file",
                           "truncated.jpg: is a JPEG that can't be read: Premature end of JPEG file",
                           "truncated.png: is a PNG that can't be read: it ends too early",
                       }));
  EXPECT_EQ(ImageFolder(folder_).size(), 1u);
}

TEST_F(Photographs, NoPermission) {
  add("colour.png", "good.png");
  add("colour.png", "locked.png");
  add("colour.png", "closed/a.png");
  ASSERT_EQ(::chmod((folder_ / "locked.png").c_str(), 0), 0);
  ASSERT_EQ(::chmod((folder_ / "closed").c_str(), 0), 0);
  const bool may_all = ::access((folder_ / "locked.png").c_str(), R_OK) == 0;  // the super-user may
  const auto expected = may_all ? std::vector<std::string>{}
                                : std::vector<std::string>{"closed: the folder can't be read: Permission denied",
                                                           "locked.png: can't be read: Permission denied"};
  EXPECT_EQ(skipped(), expected);
  ::chmod((folder_ / "closed").c_str(), 0700);
}

TEST_F(Photographs, AFilmIsNotReadIntoMemory) {
  add("colour.png", "good.png");
  for (const auto& [name, start] :
       {std::pair{"film.mp4", "....ftypmp42"}, std::pair{"giant.png", "\x89PNG\r\n\x1a\n"}}) {
    write(name, start);
    fs::resize_file(folder_ / name, std::uintmax_t{1} << 41);  // holes: no disk is used
  }
  EXPECT_EQ(skipped(),
            (std::vector<std::string>{"film.mp4: is neither a PNG nor a JPEG", "giant.png: has more than 1 GiB"}));
}

TEST_F(Photographs, NoFolderNoFileOrNothingReadable) {
  EXPECT_EQ(fault([&] { ImageFolder(folder_ / "none"); }),
            (folder_ / "none").string() + ": not found; give the path of a folder of photographs: images:FOLDER");
  EXPECT_NE(fault([&] { ImageFolder{folder_}; }).find("the folder holds no files"), std::string::npos);
  write("a.txt", "hello");
  EXPECT_NE(fault([&] { ImageFolder{folder_}; }).find("none of its 1 files can be read; a.txt: is neither"),
            std::string::npos);
  EXPECT_NE(fault([&] { ImageFolder(folder_ / "a.txt"); }).find("is a file, expected a folder"), std::string::npos);
}

TEST_F(Photographs, TheHashIsOverNamesAndContents) {
  add("colour.png", "a.png");
  add("grey.png", "b.png");
  const std::string before = ImageFolder(folder_).sha256(), listing = folder_listing_hash(folder_);
  const std::string line_a = sha256_file(fixtures / "colour.png") + "  a.png\n";
  const std::string line_b = sha256_file(fixtures / "grey.png") + "  b.png\n";
  EXPECT_EQ(before, sha256(line_a + line_b));
  WorkerPool pool(3);
  EXPECT_EQ(ImageFolder(folder_, {}, &pool).sha256(), before);
  write("note.txt", "skipped files do not count");
  EXPECT_EQ(ImageFolder(folder_).sha256(), before);
  EXPECT_NE(folder_listing_hash(folder_), listing);
  add("alpha.png", "b.png");
  EXPECT_NE(ImageFolder(folder_).sha256(), before);
}

TEST_F(Photographs, ChangedAfterOpening) {
  add("colour.png", "a.png");
  add("grey.png", "b.png");
  const ImageFolder folder(folder_);
  add("alpha.png", "a.png");
  fs::remove(folder_ / "b.png");
  EXPECT_NE(fault([&] { folder.read(0); }).find("a.png: has changed since the folder was opened"), std::string::npos);
  EXPECT_NE(fault([&] { folder.read(1); }).find("b.png: can't be read: No such file"), std::string::npos);
}

TEST_F(Photographs, OpeningCanBeStopped) {
  for (int i = 0; i < 6; ++i) add("colour.png", std::to_string(i) + ".png");
  std::vector<std::size_t> seen;
  const auto stop_at_four = [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 6u);
    seen.push_back(done);
    if (done == 4) throw Interrupted("enough");
  };
  EXPECT_THROW(ImageFolder(folder_, stop_at_four), Interrupted);
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
  WorkerPool pool(2);
  seen.clear();
  EXPECT_THROW(ImageFolder(folder_, stop_at_four, &pool), Interrupted);
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 2, 4}));
}

TEST_F(Photographs, EveryFifthIsHeldOut) {
  add("colour.png", "0.png");
  const auto held_out = [&] {
    std::vector<std::size_t> numbers;
    const ImageFolder folder(folder_);
    const PhotographSplit split = split_photographs(folder);
    EXPECT_EQ(split.training.size() + split.held_out.size(), folder.size());
    for (const PhotographPart& part : split.held_out) {
      EXPECT_EQ(part.rows, 13u);
      numbers.push_back(part.photograph);
    }
    return numbers;
  };
  const PhotographSplit single = split_photographs(ImageFolder(folder_));
  EXPECT_EQ(single.training[0].rows, 11u);  // 13 rows: the lower fifth is two of them
  EXPECT_EQ(single.held_out[0].first_row, 11u);
  EXPECT_EQ(single.held_out[0].rows, 2u);
  add("colour.png", "1.png");
  EXPECT_EQ(held_out(), std::vector<std::size_t>{1});
  for (int i = 2; i < 5; ++i) add("colour.png", std::to_string(i) + ".png");
  EXPECT_EQ(held_out(), std::vector<std::size_t>{4});
  for (int i = 5; i < 10; ++i) add("colour.png", std::to_string(i) + ".png");
  EXPECT_EQ(held_out(), (std::vector<std::size_t>{4, 9}));
}

TEST_F(Photographs, AsADataSet) {
  add("colour.png", "a.png");
  const std::string name = "images:" + folder_.string();
  EXPECT_TRUE(is_present(name, "/nowhere"));
  EXPECT_FALSE(is_present(name + "/none", "/nowhere"));
  const Dataset data = load_dataset(name, "/nowhere");
  ASSERT_TRUE(data.photographs);
  EXPECT_EQ(data.photographs->size(), 1u);
  EXPECT_EQ(data.sha256, data.photographs->sha256());
  EXPECT_EQ(data.divisor, 255);
  EXPECT_NE(fault([&] { require_arrays(data); }).find("is a folder of photographs: they differ in size"),
            std::string::npos);
  EXPECT_NO_THROW(require_arrays(Dataset{}));
}

}  // namespace
}  // namespace neurarium
