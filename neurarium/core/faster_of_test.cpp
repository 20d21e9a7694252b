#include "neurarium/core/faster_of.hpp"

#include <gtest/gtest.h>

namespace neurarium {
namespace {

/// How often of `turns` the choice goes the second way, if the ways take these seconds.
int second_way(FasterOf& choice, int turns, double first, double second) {
  int count = 0;
  for (int i = 0; i < turns; ++i) {
    const int way = choice.next();
    count += way;
    choice.took(way, way == 0 ? first : second);
  }
  return count;
}

TEST(FasterOf, TriesBothStaysWithTheFasterAndLooksAgain) {
  FasterOf choice;
  EXPECT_EQ(choice.next(), 0);
  choice.took(0, 1.0);
  EXPECT_EQ(choice.next(), 1);
  choice.took(1, 3.0);
  const int looks = second_way(choice, 640, 1.0, 3.0);
  EXPECT_GE(looks, 8);
  EXPECT_LE(looks, 16);
  EXPECT_GE(second_way(choice, 200, 1.0, 0.5), 130);  // the machine became free
}

TEST(FasterOf, OneBadTurnIsSoonForgotten) {
  FasterOf choice;
  second_way(choice, 500, 1.0, 0.5);
  while (choice.next() != 1) choice.took(0, 1.0);
  choice.took(1, 20.0);  // something else had the processor
  EXPECT_EQ(choice.next(), 0);
  EXPECT_GE(second_way(choice, 100, 1.0, 0.5), 90);
}

}  // namespace
}  // namespace neurarium
