// What a page may evaluate, and what it must not.
#include "neurarium/report/formula.hpp"

#include <gtest/gtest.h>

namespace neurarium {
namespace {

TEST(Formula, TakesArithmeticAndNothingElse) {
  const std::vector<Slider> sliders = {{"w1", "W", -1, 1, 0.1, 0}};
  for (const char* good :
       {"(w1 * x + 2.5 * y) * exp(-(x * x) / 1e3)", "max(x, pow(y, 2)) - t", "-x", "0.5", "x + 1e-9"})
    EXPECT_NO_THROW(require_formula(good, sliders, "chart")) << good;
  for (const char* bad : {"alert(1)", "x.constructor", "w2 * x", "x; y", "`x`", "x[0]", "x = 1", "\"x\"", "x => y",
                          "this", "1..x", "1e-x"})
    EXPECT_THROW(require_formula(bad, sliders, "chart"), DataError) << bad;
}

}  // namespace
}  // namespace neurarium
