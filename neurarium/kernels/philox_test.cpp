// Blocks made side by side against core/rng.hpp's, bit by bit, on every instruction set this processor has.
#include "neurarium/kernels/philox.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

TEST(PhiloxSideBySide, HasTheBitsOfOneBlockAfterTheOther) {
  const Stream stream(77, "dropout1");
  const Counter counter{3, 0xfffffff0u, 5, 0xfffffffeu};  // counters wrap around
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    for (const std::size_t count : {1u, 4u, 30u, 64u, 131u}) {
      std::vector<std::uint32_t> out(count + 1, 9);
      philox_elements(stream, counter, std::span(out).first(count));
      for (std::size_t i = 0; i < count; ++i) {
        Counter here = counter;
        here.element += static_cast<std::uint32_t>(i / 4);
        ASSERT_EQ(out[i], philox(stream, here)[i % 4]) << i << " of " << count << ", target " << target;
      }
      EXPECT_EQ(out.back(), 9u) << "wrote behind the end";

      std::vector<std::uint32_t> samples(count), rows(4 * count);
      for (std::size_t i = 0; i < count; ++i) samples[i] = static_cast<std::uint32_t>(i * 2654435761u);
      philox_samples(stream, counter, samples, rows);
      for (std::size_t i = 0; i < count; ++i) {
        Counter here = counter;
        here.sample = samples[i];
        for (std::size_t k = 0; k < 4; ++k)
          ASSERT_EQ(rows[k * count + i], philox(stream, here)[k]) << i << " of " << count << ", target " << target;
      }
    }
  }
  force_target(0);
}

}  // namespace
}  // namespace neurarium::kernels
