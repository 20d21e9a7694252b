#include "neurarium/benchmark/peak_memory.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace neurarium {
namespace {

#ifdef __SANITIZE_THREAD__
constexpr double per_byte = 5;  // ThreadSanitizer keeps four bytes beside each
#else
constexpr double per_byte = 1;
#endif

TEST(PeakMemory, IsTheHighestOfItsStretch) {
  constexpr std::size_t large = 64 << 20, small = 16 << 20;
  std::vector<char>(large, 1).assign(1, 0);  // before it began: does not count
  const PeakMemory memory;
  if (!memory.taken()) return;  // a system that does not say
  EXPECT_LT(*memory.taken(), 8 << 20);
  { const std::vector<char> some(small, 1); }
  EXPECT_GE(*memory.taken(), 0.9 * small);
  EXPECT_LT(*memory.taken(), 2 * small * per_byte);
}

}  // namespace
}  // namespace neurarium
