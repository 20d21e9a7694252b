// What gaussian-robustness says before anything is computed.
#include <gtest/gtest.h>

#include <algorithm>

#include "neurarium/interchange/toml.hpp"
#include "neurarium/neurarium.hpp"

namespace neurarium {
namespace {

/// Which other data it chooses where those data sets are here; "not decided" if it leaves the setting as it is.
std::string chosen(const std::string& toml, const std::vector<std::string>& here) {
  static const Registry house = builtin_registry();
  const auto study = house.make<Study>("study", {"gaussian-robustness", parse_toml(toml, "settings")});
  const auto decided =
      study->decided_settings([&](const std::string& name) { return std::ranges::find(here, name) != here.end(); });
  if (decided.empty()) return "not decided";
  EXPECT_EQ(decided.size(), 1u);
  EXPECT_EQ(decided.front().first, "other");
  return decided.front().second.as_text();
}

TEST(GaussianRobustness, DecidesWhichOtherDataItLooksAt) {
  EXPECT_EQ(chosen("", {"mnist", "fashion-mnist"}), "mnist");
  EXPECT_EQ(chosen("", {"fashion-mnist"}), "");
  EXPECT_EQ(chosen("dataset = 'mnist'", {"mnist", "fashion-mnist"}), "fashion-mnist");
  EXPECT_EQ(chosen("dataset = 'mine.npz'", {"mnist", "fashion-mnist"}), "");
  EXPECT_EQ(chosen("other = 'mnist'", {}), "not decided");
  EXPECT_EQ(chosen("other = ''", {"mnist"}), "not decided");
}

TEST(GaussianRobustness, RefusesRadiiAndBoundsBeforeDataAreRead) {
  for (const char* word : {"epsilon=[0.2,0.1]", "epsilon=[0.1,0.1]", "bounds=[1,0]", "bounds=[1]"})
    EXPECT_THROW((void)chosen(word, {}), SpecError) << word;
}

}  // namespace
}  // namespace neurarium
