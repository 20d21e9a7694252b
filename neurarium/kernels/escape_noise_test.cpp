// Thresholds that move, against the formula in double on every instruction set, with the same bits on each.
#include "neurarium/kernels/escape_noise.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "neurarium/kernels/philox.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

std::vector<std::uint32_t> some_draws() {
  std::vector<std::uint32_t> draws(20003);
  philox_elements(Stream(3, "noise"), {0, 0, 0, 0}, draws);
  const std::uint32_t ends[] = {0, 511, 512, 0x7fffffff, 0x80000000, 1580030168 /* about 2³²/e */, 0xffffffff};
  std::copy(std::begin(ends), std::end(ends), draws.begin());
  return draws;
}

TEST(EscapeNoise, IsTheFormulaWithTheSameBitsOnEveryInstructionSet) {
  const std::vector<std::uint32_t> draws = some_draws();
  std::vector<double> exact(draws.size());
  std::vector<float> first;
  for (const std::int64_t target : runnable_targets()) {
    force_target(target);
    std::vector<float> found(draws.size());
    reference::escape_shifts(draws, 0.2, 0.7, exact);
    escape_shifts(draws, 0.2, 0.7, found);
    for (std::size_t j = 0; j < draws.size(); ++j) ASSERT_NEAR(found[j], exact[j], 4e-7) << draws[j];
    if (first.empty()) first = found;
    EXPECT_EQ(found, first);
  }
  force_target(0);
}

// p(x) = 1 − exp(−e exp(x/Δ)) is the share of ξ below x.
TEST(EscapeNoise, AMembraneIsBeyondItAsOftenAsItIsToFire) {
  std::vector<std::uint32_t> draws(200000);
  philox_elements(Stream(4, "noise"), {0, 0, 0, 0}, draws);
  std::vector<float> shifts(draws.size());
  escape_shifts(draws, 0.1, 0.05, shifts);
  for (const double x : {-0.4, -0.1, 0.0, 0.2, 0.35, 0.5}) {
    const auto n = static_cast<double>(draws.size());
    const double p = 1 - std::exp(-0.05 * std::exp(x / 0.1));
    const auto below = static_cast<double>(std::ranges::count_if(shifts, [&](float shift) { return x > shift; }));
    EXPECT_NEAR(below / n, p, 4 * std::sqrt(p * (1 - p) / n)) << x;
  }
}

}  // namespace
}  // namespace neurarium::kernels
