#include "neurarium/data/dataset.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "neurarium/data/generators.hpp"
#include "neurarium/data/sampler.hpp"

namespace neurarium {
namespace {

TEST(Dataset, GatherRows) {
  Array array(DType::i16, {4, 2});
  for (std::int16_t i = 0; std::int16_t & x : array.as<std::int16_t>().flat()) x = i++;
  const std::vector<std::uint64_t> ids = {3, 0, 3};
  const Array rows = gather_rows(array, ids);
  ASSERT_EQ(rows.shape(), (Shape{3, 2}));
  const auto flat = rows.as<std::int16_t>().flat();
  EXPECT_EQ((std::vector<std::int16_t>(flat.begin(), flat.end())), (std::vector<std::int16_t>{6, 7, 0, 1, 6, 7}));
  const std::vector<std::uint64_t> outside = {4};
  EXPECT_THROW(gather_rows(array, outside), InternalError);
}

TEST(Dataset, HashSeesShapesTypesNumbersAndSplits) {
  Dataset data;
  data.train.x = Array(DType::u8, {2, 3});
  const std::string hash = content_hash(data);
  EXPECT_EQ(hash, content_hash(data));
  Dataset changed = data;
  changed.train.x.as<std::uint8_t>()(1, 2) = 1;
  EXPECT_NE(hash, content_hash(changed));
  changed = data;
  changed.train.x.reshape({3, 2});
  EXPECT_NE(hash, content_hash(changed));
  changed = data;
  changed.train.x = Array(DType::i8, {2, 3});
  EXPECT_NE(hash, content_hash(changed));
  std::swap(changed.train, changed.test);
  EXPECT_NE(hash, content_hash(changed));
  changed = data;
  changed.divisor = 255;  // what models see is another thing
  EXPECT_NE(hash, content_hash(changed));
}

TEST(Dataset, LabelsWithoutANameAreDigits) {
  Dataset data;
  data.classes = {"shirt", "coat"};
  EXPECT_EQ(data.class_name(1), "coat");
  EXPECT_EQ(data.class_name(2), "2");
}

TEST(Generators, Xor) {
  const Dataset data = xor_dataset();
  ASSERT_EQ(data.train.x.shape(), (Shape{4, 2}));
  ASSERT_EQ(data.train.y.shape(), (Shape{4, 1}));
  const auto x = data.train.x.as<double>().flat(), y = data.train.y.as<double>().flat();
  EXPECT_EQ((std::vector<double>(x.begin(), x.end())), (std::vector<double>{0, 1, 1, 0, 0, 0, 1, 1}));
  EXPECT_EQ((std::vector<double>(y.begin(), y.end())), (std::vector<double>{1, 1, 0, 0}));
  EXPECT_EQ(data.test.samples(), 0u);
  EXPECT_EQ(data.divisor, 1);
}

TEST(Sampler, PermutationOfSeedAndEpoch) {
  const auto order = epoch_order(7, 2, 100);
  EXPECT_EQ(order, epoch_order(7, 2, 100));
  EXPECT_NE(order, epoch_order(7, 3, 100));
  EXPECT_NE(order, epoch_order(8, 2, 100));
  auto sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(sorted[i], i);
  EXPECT_TRUE(epoch_order(0, 0, 0).empty());
}

}  // namespace
}  // namespace neurarium
