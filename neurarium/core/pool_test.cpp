#include "neurarium/core/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace neurarium {
namespace {

TEST(WorkerPool, EveryTaskRunsOnce) {
  for (const int threads : {1, 2, 5}) {
    WorkerPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const std::size_t count : {0u, 1u, 2u, 100u}) {
      std::vector<int> runs(count, 0);
      pool.run(count, [&](std::size_t i) { ++runs[i]; });
      for (const int r : runs) EXPECT_EQ(r, 1);
    }
  }
}

TEST(WorkerPool, ManyShortRounds) {
  WorkerPool pool(3);
  std::atomic<long> sum = 0;
  for (int round = 0; round < 2000; ++round) pool.run(4, [&](std::size_t i) { sum += static_cast<long>(i); });
  EXPECT_EQ(sum, 2000 * 6);
}

TEST(WorkerPool, TheFirstFailingTaskIsRethrownAndThePoolLivesOn) {
  WorkerPool pool(2);
  for (int round = 0; round < 20; ++round) {
    try {
      pool.run(8, [](std::size_t i) {
        if (i == 2 || i == 6) throw std::runtime_error(std::to_string(i));
      });
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "2");
    }
  }
  int done = 0;
  pool.run(1, [&](std::size_t) { ++done; });
  EXPECT_EQ(done, 1);
}

TEST(WorkerPool, ZeroMeansTheCpusThatMayBeUsed) {
  EXPECT_GE(available_cpus(), 1);
  EXPECT_EQ(WorkerPool(0).threads(), available_cpus());
}

}  // namespace
}  // namespace neurarium
