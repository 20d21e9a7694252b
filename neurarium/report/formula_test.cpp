// What a page may evaluate, and what it must not.
#include "neurarium/report/formula.hpp"

#include <gtest/gtest.h>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

TEST(Formula, TakesArithmeticAndNothingElse) {
  const std::vector<std::string> variables = {"x", "y", "w1"};
  for (const char* good : {"(w1 * x + 2.5 * y) * exp(-(x * x) / 1e3)", "max(x, pow(y, 2), 1) - x", "-x", "0.5",
                           "x + 1e-9", "- - x", "x/y*2", "min( x , y )"})
    EXPECT_NO_THROW(require_formula(good, variables, "chart")) << good;
  for (const char* bad :
       {"",      "alert(1)", "x.constructor", "w2 * x",    "x; y", "`x`", "x[0]", "x = 1", "\"x\"", "x => y",
        "this",  "1..x",     "1e-x",          "+x",        "2x",   "x y", "exp",  "(x",    "x)",    "max()",
        "w1(2)", "t",        "pow(x)",        "exp(x, y)", "x +",  "1.",  "X",    "x,y"})
    EXPECT_THROW(require_formula(bad, variables, "chart"), DataError) << bad;
  EXPECT_THROW(require_formula(std::string(100'000, '('), variables, "chart"), DataError);
}

TEST(Formula, SlidersHaveNamesOfTheirOwn) {
  for (const char* good : {"w1", "sigma", "b", "learning_rate"}) EXPECT_NO_THROW(require_slider_name(good, "chart"));
  for (const char* bad : {"", "1", "x", "t", "exp", "W", "a b", "a-b", "toString"})
    EXPECT_THROW(require_slider_name(bad, "chart"), DataError) << bad;
}

}  // namespace
}  // namespace neurarium
