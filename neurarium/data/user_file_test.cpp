#include "neurarium/data/user_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <functional>

#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

std::string fault(const NamedArrays& arrays) {
  try {
    user_dataset(arrays, "mine.npz");
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

Array doubles(Shape shape, double first = 0) {
  Array array(DType::f64, shape);
  for (double& x : array.as<double>().flat()) x = first++;
  return array;
}
Array labels(const std::vector<std::int32_t>& values) {
  Array array(DType::i32, {values.size()});
  std::copy(values.begin(), values.end(), array.as<std::int32_t>().data());
  return array;
}

TEST(UserFile, LabelsAndTargets) {
  const Dataset labelled = user_dataset({{"x", doubles({3, 2})}, {"y", labels({2, 0, 1})}}, "mine.npz");
  EXPECT_TRUE(labelled.train.has_labels());
  EXPECT_EQ(labelled.train.y.as<std::int64_t>()(0), 2);
  EXPECT_EQ(labelled.divisor, 1);
  EXPECT_EQ(labelled.test.samples(), 0u);
  EXPECT_EQ(labelled.sha256.size(), 64u);

  const Dataset flat = user_dataset({{"x", doubles({3})}, {"y", doubles({3})}}, "mine.npz");
  EXPECT_EQ(flat.train.x.shape(), (Shape{3, 1}));
  EXPECT_EQ(flat.train.y.shape(), (Shape{3, 1}));
  EXPECT_FALSE(flat.train.has_labels());

  const Dataset pictures = user_dataset({{"x", Array(DType::u8, {2, 4, 4})}, {"y", doubles({2, 3})}}, "mine.npz");
  EXPECT_EQ(pictures.divisor, 255);
  EXPECT_EQ(pictures.train.y.shape(), (Shape{2, 3}));
}

TEST(UserFile, TestSplitAndOtherArrays) {
  const Dataset data = user_dataset({{"x", doubles({3, 2})},
                                     {"note", doubles({1})},
                                     {"weight", doubles({3}, 2)},
                                     {"weight_test", doubles({1}, 7)},
                                     {"other_test", doubles({3})},
                                     {"y", labels({0, 1, 0})},
                                     {"x_test", doubles({1, 2}, 5)},
                                     {"y_test", labels({1})}},
                                    "mine.npz");
  EXPECT_EQ(data.test.samples(), 1u);
  EXPECT_EQ(data.test.x.as<double>()(0, 1), 6.0);
  ASSERT_EQ(data.train.about.size(), 1u) << "what has a number for each sample; the rest is left alone";
  EXPECT_EQ(data.train.about[0].first, "weight");
  EXPECT_EQ(data.train.about[0].second.shape(), Shape{3});
  ASSERT_EQ(data.test.about.size(), 1u);
  EXPECT_EQ(data.test.about[0].first, "weight");
  EXPECT_EQ(data.test.about[0].second.as<double>()(0), 7);
  EXPECT_EQ(user_dataset(user_arrays(data), "again").test.about[0].second.as<double>()(0), 7);
}

TEST(UserFile, DivisorIsPartOfTheData) {
  const auto with = [](DType type, Array divisor) {
    return user_dataset({{"x", Array(type, {2, 4})}, {"divisor", std::move(divisor)}}, "mine.npz");
  };
  EXPECT_EQ(with(DType::f32, doubles({}, 16)).divisor, 16);
  EXPECT_EQ(with(DType::u8, doubles({}, 1)).divisor, 1);
  EXPECT_EQ(with(DType::u8, labels({9})).divisor, 9);
  EXPECT_NE(with(DType::u8, doubles({}, 1)).sha256, with(DType::u8, doubles({}, 255)).sha256);
  const NamedArrays pictures{{"x", Array(DType::u8, {2, 4})}};
  EXPECT_EQ(user_dataset(pictures, "mine.npz").sha256, with(DType::u8, doubles({}, 255)).sha256);
  const auto refused = [&](Array divisor) { return fault({{"x", doubles({2, 4})}, {"divisor", std::move(divisor)}}); };
  EXPECT_NE(refused(doubles({2})).find("divisor has shape [2], expected a single number"), std::string::npos);
  EXPECT_NE(refused(doubles({}, 0)).find("divisor is 0"), std::string::npos);
  EXPECT_NE(refused(doubles({}, -1)).find("a finite number above 0"), std::string::npos);
  EXPECT_NE(refused(doubles({}, std::nan(""))).find("a finite number above 0"), std::string::npos);
  EXPECT_NE(fault({{"x", doubles({2, 4})}, {"divisr", doubles({})}}).find("did you mean divisor?"), std::string::npos);
}

TEST(UserFile, AnswersMayBeLeftOut) {
  const Dataset data = user_dataset({{"x", doubles({3, 2})}, {"x_test", doubles({1, 2})}}, "mine.npz");
  EXPECT_TRUE(data.train.y.empty());
  EXPECT_EQ(data.test.samples(), 1u);
}

TEST(UserFile, Faults) {
  const Array x = doubles({3, 2});
  const Array y = labels({0, 1, 0});
  EXPECT_EQ(fault({}),
            "mine.npz: no array 'x', found none; save it with numpy.savez(FILE, x=..., y=...); or "
            "spikes as t, i, offsets, n_steps and n_units");
  EXPECT_NE(fault({{"x", x}, {"y", labels({0, 1})}}).find("y has 2 samples, x has 3; they must be equally many"),
            std::string::npos);
  EXPECT_NE(fault({{"x", doubles({0, 2})}, {"y", labels({})}}).find("x is empty: its shape is [0, 2]"),
            std::string::npos);
  EXPECT_NE(fault({{"x", doubles({})}, {"y", y}}).find("x is a single number"), std::string::npos);
  Array bad = x;
  bad.as<double>()(2, 1) = std::nan("");
  EXPECT_NE(fault({{"x", bad}, {"y", y}}).find("x is not a finite number at [2, 1]"), std::string::npos);
  Array infinite = doubles({3});
  infinite.as<double>()(1) = INFINITY;
  EXPECT_NE(fault({{"x", x}, {"y", infinite}}).find("y is not a finite number at [1]"), std::string::npos);
  EXPECT_NE(fault({{"x", x}, {"y", labels({0, -1, 0})}}).find("y has a label of -1 at sample 1"), std::string::npos);
  Array large(DType::u64, {3});
  large.as<std::uint64_t>()(2) = ~std::uint64_t{0};
  EXPECT_NE(fault({{"x", x}, {"y", large}}).find("y has a label above 2^63 at sample 2"), std::string::npos);
  EXPECT_NE(fault({{"x", x}, {"y", Array(DType::i64, {3, 2})}})
                .find("holds whole numbers and has shape [3, 2], expected labels [n]"),
            std::string::npos);
  EXPECT_NE(fault({{"x", x}, {"y", doubles({3, 2, 1})}}).find("expected targets [n] or [n, k]"), std::string::npos);
  EXPECT_NE(fault({{"x", x}, {"y", y}, {"x_test", x}}).find("y_test is missing"), std::string::npos);
  EXPECT_NE(fault({{"x", x}, {"y", y}, {"y_test", y}}).find("y_test is there without x_test"), std::string::npos);
  EXPECT_NE(fault({{"x", x}, {"x_test", x}, {"y_test", y}}).find("y is missing"), std::string::npos);
  EXPECT_NE(fault({{"x", x}, {"y", y}, {"x_tets", x}}).find("array 'x_tets' is not known; did you mean x_test?"),
            std::string::npos);
  EXPECT_NE(fault({{"x", x}, {"y", y}, {"x_test", doubles({1, 3})}, {"y_test", labels({1})}})
                .find("entries of x_test are [3] float64"),
            std::string::npos);
  EXPECT_NE(fault({{"x", x}, {"y", y}, {"x_test", doubles({1, 2})}, {"y_test", doubles({1})}})
                .find("y_test is float64 [1, 1], y is int64 [3]"),
            std::string::npos);
}

TEST(UserFile, ReadsFromNpz) {
  const auto path = std::filesystem::path(testing::TempDir()) / (std::to_string(::getpid()) + "_user_file_test.npz");
  write_npz(path, {{"x", doubles({3, 2})}, {"y", labels({2, 0, 1})}});
  EXPECT_EQ(read_user_npz(path).train.samples(), 3u);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace neurarium
