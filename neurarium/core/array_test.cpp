#include "neurarium/core/array.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/value.hpp"

namespace neurarium {
namespace {

TEST(Tensor, IsAlignedZeroedAndRowMajor) {
  Tensor<float> x(Shape{2, 3});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(x.data()) % 64, 0u);
  for (const float v : x.flat()) EXPECT_EQ(v, 0);
  x(1, 2) = 5;
  EXPECT_EQ(x.flat()[5], 5);
  EXPECT_EQ(x.view()[1](2), 5);
  EXPECT_EQ(x.view().rows(1, 1).shape(), (Shape{1, 3}));
}

TEST(Tensor, CopiesAreIndependent) {
  Tensor<int> a(Shape{2});
  a(0) = 1;
  Tensor<int> b = a;
  b(0) = 2;
  EXPECT_EQ(a(0), 1);
  const Tensor<int> c = std::move(b);
  EXPECT_EQ(c(0), 2);
}

TEST(Tensor, ResizeKeepsTheBufferWhereItFits) {
  Tensor<int> a(Shape{10});
  const int* before = a.data();
  a.resize({2, 3});
  EXPECT_EQ(a.data(), before);
  EXPECT_EQ(a.shape(), (Shape{2, 3}));
  a.resize({100});
  EXPECT_EQ(a.size(), 100u);
}

TEST(Shape, AtMostFiveAxes) {
  EXPECT_NO_THROW((Shape{1, 2, 3, 4, 5}));
  const std::size_t six[] = {1, 1, 1, 1, 1, 1};
  EXPECT_THROW(Shape{std::span<const std::size_t>(six)}, ShapeError);
  EXPECT_EQ(Shape{}.elements(), 1u);
  EXPECT_EQ(to_string(Shape{4, 2}), "[4, 2]");
}

TEST(Array, ConvertsElementWise) {
  Array a(DType::u8, {3});
  a.as<std::uint8_t>()(1) = 200;
  const Array b = converted(a, DType::f64);
  EXPECT_EQ(b.as<double>()(1), 200);
  EXPECT_THROW(a.as<float>(), InternalError);
  EXPECT_EQ(to_tensor<float>(a.view())(1), 200);
}

TEST(Array, FindsTheFirstNonFiniteNumber) {
  Array a(DType::f32, {4});
  EXPECT_EQ(first_non_finite(a), 4u);
  a.as<float>()(2) = INFINITY;
  a.as<float>()(3) = NAN;
  EXPECT_EQ(first_non_finite(a), 2u);
  EXPECT_EQ(first_non_finite(Array(DType::i32, {2})), 2u);
}

TEST(Value, PathsMakeTablesOnTheWay) {
  Value v = Value::table();
  EXPECT_TRUE(v.set_path("a.b.c", 3));
  EXPECT_EQ(v.find_path("a.b.c")->as_integer(), 3);
  EXPECT_EQ(v.find_path("a.x"), nullptr);
  EXPECT_FALSE(v.set_path("a.b.c.d", 1));
}

TEST(Value, MergeLaysEntriesOver) {
  using T = Value::Table;
  Value base = T{{"a", 1}, {"t", T{{"x", 1}, {"y", 2}}}, {"part", T{{"type", "sgd"}, {"momentum", 0.9}}}};
  merge(base, T{{"a", 5}, {"t", T{{"y", 3}}}, {"part", T{{"type", "adam"}}}});
  EXPECT_EQ(base.at("a").as_integer(), 5);
  EXPECT_EQ(base.find_path("t.x")->as_integer(), 1);
  EXPECT_EQ(base.find_path("t.y")->as_integer(), 3);
  EXPECT_EQ(base.find_path("part.momentum"), nullptr);  // the old type's settings do not belong to the new type
}

}  // namespace
}  // namespace neurarium
