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
  for (const std::size_t where : {0, 1023, 1024, 2047, 4096, 4999}) {
    Array many(DType::f64, {5000});
    EXPECT_EQ(first_non_finite(many), 5000u);
    many.as<double>()(where) = NAN;
    many.as<double>()(4999) = -INFINITY;
    EXPECT_EQ(first_non_finite(many), where);
  }
}

TEST(Value, FindsByDottedPath) {
  using T = Value::Table;
  const Value v = T{{"a", T{{"b", T{{"c", 3}}}}}};
  EXPECT_EQ(v.find_path("a.b.c")->as_integer(), 3);
  EXPECT_EQ(v.find_path("a.x"), nullptr);
  EXPECT_EQ(v.find_path("a.b.c.d"), nullptr);
}

TEST(Shape, SizesThatOverflowAreRefused) {
  EXPECT_THROW((Shape{std::size_t{1} << 61, 2}), ShapeError);
  EXPECT_THROW((Shape{std::size_t{1} << 32, std::size_t{1} << 32}), ShapeError);
#if !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)  // they end the program instead of throwing bad_alloc
  EXPECT_THROW(Tensor<double>(Shape{std::size_t{1} << 47}), Error);  // more than any memory
#endif
}

TEST(Array, RowsOutsideAreOurBug) {
  const Array a(DType::f32, {3, 2});
  EXPECT_THROW(a.view().rows(2, 2), InternalError);
  EXPECT_THROW(Array().view().rows(0, 1), InternalError);
}

TEST(Array, ScaledDividesInDouble) {
  Array bytes(DType::u8, {1});
  bytes.as<std::uint8_t>()(0) = 77;
  EXPECT_EQ(scaled(bytes, 255, DType::f64).as<double>()(0), 77.0 / 255.0);
  EXPECT_EQ(scaled(bytes, 255, DType::f32).as<float>()(0), static_cast<float>(77.0 / 255.0));
}

}  // namespace
}  // namespace neurarium
