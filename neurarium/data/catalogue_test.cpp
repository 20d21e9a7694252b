#include "neurarium/data/catalogue.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <set>

#include "neurarium/core/files.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;

template <class E>
std::string fault(const std::function<void()>& act) {
  try {
    act();
  } catch (const E& error) {
    return error.what();
  }
  return "no such error";
}

/// Restores an environment variable.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old, had_ = true;
    value ? setenv(name, value, 1) : unsetenv(name);
  }
  ~Variable() { had_ ? setenv(name_, old_.c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::string old_;
  bool had_ = false;
};

class Home : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(home_); }
  void TearDown() override { fs::remove_all(home_); }
  void write(const std::string& name, const std::string& content) {
    fs::create_directories((home_ / name).parent_path());
    write_atomically(home_ / name, content);
  }
  static std::string idx_pictures(unsigned char count) {
    const std::string header{0, 0, 8, 3, 0, 0, 0, static_cast<char>(count), 0, 0, 0, 28, 0, 0, 0, 28};
    return header + std::string(count * 784u, '\x05');
  }
  static std::string idx_labels(const std::string& labels) {
    const std::string header{0, 0, 8, 1, 0, 0, 0, static_cast<char>(labels.size())};
    return header + labels;
  }
  fs::path home_ = fs::path(testing::TempDir()) / (std::to_string(::getpid()) + "_catalogue_test");
};

TEST(Catalogue, EntriesAreComplete) {
  std::set<std::string> names;
  for (const CatalogueEntry& entry : catalogue()) {
    EXPECT_TRUE(names.insert(entry.name).second);
    EXPECT_FALSE(entry.doc.empty() || entry.licence.empty() || entry.shape.empty()) << entry.name;
    if (entry.kind == "built-in") continue;
    EXPECT_EQ(entry.package.find('/'), std::string::npos) << "a package name, never a host";
    if (entry.kind == "by-hand" || entry.kind == "made") {
      EXPECT_FALSE(entry.package.empty());
      EXPECT_EQ(entry.page.empty(), entry.kind == "made") << entry.name;
      continue;
    }
    EXPECT_FALSE(entry.citation.empty() || entry.package.empty() || entry.version.empty()) << entry.name;
    EXPECT_EQ(entry.classes.size(), 10u);
    for (const auto& files : {entry.files, entry.package_files})
      for (const CatalogueFile& file : files) {
        EXPECT_EQ(file.sha256.size(), 64u) << file.name;
        EXPECT_EQ(file.sha256.find_first_not_of("0123456789abcdef"), std::string::npos);
        EXPECT_GT(file.bytes, 0u);
      }
  }
  EXPECT_EQ(names, (std::set<std::string>{"fashion-mnist", "mnist", "cifar10", "xor", "yin-yang", "intervals",
                                          "formants", "spoken-digits", "shd", "ssc"}));
}

TEST(Catalogue, UnknownNamesGetTheNearest) {
  EXPECT_EQ(
      fault<SpecError>([] { catalogue_entry("cifar-10"); }),
      "data set 'cifar-10' is not known; did you mean cifar10? Known are fashion-mnist, mnist, cifar10, xor, yin-yang, "
      "intervals, formants, spoken-digits, shd, ssc, any FILE.npz with x and y, images:FOLDER for photographs, and "
      "spikes:FOLDER "
      "for "
      "spikes as HDF5");
  EXPECT_NE(fault<SpecError>([] {
              load_dataset("elephants", "/nonexistent");
            }).find("data set 'elephants' is not known; Known"),
            std::string::npos);
}

TEST(Catalogue, WhereDataLives) {
  const Variable own("NEURARIUM_DATA", "/data/here"), xdg("XDG_DATA_HOME", "/xdg"), user("HOME", "/home/someone");
  EXPECT_EQ(default_data_home(), "/data/here");
  const Variable no_own("NEURARIUM_DATA", nullptr);
  EXPECT_EQ(default_data_home(), "/xdg/neurarium");
  const Variable no_xdg("XDG_DATA_HOME", "");
  EXPECT_EQ(default_data_home(), "/home/someone/.local/share/neurarium");
}

TEST_F(Home, MissingDataNamesTheCommand) {
  EXPECT_EQ(fault<DataError>([&] { load_dataset("mnist", home_); }),
            (home_ / "mnist/train-images-idx3-ubyte").string() + ": not found; run: neurarium data get mnist");
  EXPECT_EQ(fault<DataError>([&] { load_dataset("cifar10", home_); }),
            (home_ / "cifar10/data_batch_1.bin").string() + ": not found; run: neurarium data get cifar10");
  EXPECT_NE(
      fault<DataError>([&] { load_dataset("/nonexistent/mine.npz", home_); }).find("/nonexistent/mine.npz: not found"),
      std::string::npos);
  EXPECT_FALSE(is_present("mnist", home_));
  EXPECT_FALSE(is_present("cifar10", home_));
  EXPECT_FALSE(is_present("/nonexistent/mine.npz", home_));
  EXPECT_TRUE(is_present("xor", home_));
}

TEST_F(Home, Mnist) {
  write("mnist/train-images-idx3-ubyte", idx_pictures(3));
  write("mnist/train-labels-idx1-ubyte", idx_labels("\x01\x09\x04"));
  write("mnist/t10k-images-idx3-ubyte", idx_pictures(1));
  write("mnist/t10k-labels-idx1-ubyte", idx_labels("\x02"));
  const Dataset data = load_dataset("mnist", home_);
  EXPECT_EQ(data.name, "mnist");
  EXPECT_EQ(data.train.x.shape(), (Shape{3, 28, 28}));
  EXPECT_EQ(data.train.y.as<std::int64_t>()(1), 9);
  EXPECT_EQ(data.test.samples(), 1u);
  EXPECT_EQ(data.divisor, 255);
  EXPECT_EQ(data.classes.size(), 10u);
  EXPECT_EQ(data.sha256, content_hash(data));

  write("mnist/t10k-labels-idx1-ubyte", idx_labels("\x02\x02"));
  const std::string message = fault<DataError>([&] { load_dataset("mnist", home_); });
  EXPECT_NE(message.find("expected one label for each of the 1 pictures"), std::string::npos) << message;
  EXPECT_NE(message.find("; run: neurarium data get mnist"), std::string::npos) << message;
  write("mnist/t10k-images-idx3-ubyte", idx_pictures(1).substr(0, 700));
  EXPECT_NE(
      fault<DataError>([&] { load_dataset("mnist", home_); }).find("at byte 700: shape [1, 28, 28] needs 784 bytes"),
      std::string::npos);
}

TEST_F(Home, Cifar10InEitherOfItsFolders) {
  for (const char* folder : {"cifar10/", "cifar10/cifar-10-batches-bin/"}) {
    for (int i = 1; i <= 5; ++i)
      write(folder + ("data_batch_" + std::to_string(i) + ".bin"), static_cast<char>(i) + std::string(3072, 'p'));
    write(std::string(folder) + "test_batch.bin", '\0' + std::string(3072, 't'));
    const Dataset data = load_dataset("cifar10", home_);
    EXPECT_EQ(data.train.x.shape(), (Shape{5, 32, 32, 3}));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(data.train.y.as<std::int64_t>()(i), i + 1);
    EXPECT_EQ(data.test.x.as<std::uint8_t>()(0, 31, 31, 2), 't');
    EXPECT_EQ(data.classes[6], "frog");
    fs::remove(home_ / folder / "data_batch_4.bin");
    EXPECT_NE(fault<DataError>([&] {
                load_dataset("cifar10", home_);
              }).find("data_batch_4.bin: not found; run: neurarium data get cifar10"),
              std::string::npos);
    fs::remove_all(home_ / "cifar10");
  }
}

TEST_F(Home, UsersFile) {
  const std::string path = (home_ / "mine.npz").string();
  write_npz(path, {{"x", Array(DType::f32, {4, 2})}, {"y", Array(DType::i64, {4})}});
  EXPECT_TRUE(is_present(path, home_));
  EXPECT_EQ(load_dataset(path, home_).train.samples(), 4u);
}

}  // namespace
}  // namespace neurarium
