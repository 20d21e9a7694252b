// Schedules beside torch.optim.lr_scheduler, and at their ends.
#include "neurarium/nn/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/nn/torch_answers_test.hpp"

namespace neurarium {
namespace {

std::unique_ptr<Schedule> make(const char* type, std::vector<std::pair<const char*, Value>> settings = {}) {
  Registry registry;
  register_schedules(registry);
  Value table = Value::table();
  for (auto& [key, value] : settings) table.set(key, std::move(value));
  return registry.make<Schedule>("schedule", {type, table});
}

void follow(const Schedule& schedule, const char* name) {
  const Array rates = torch_answer(std::string("schedule/") + name);
  for (std::uint64_t s = 0; s < 40; ++s)
    EXPECT_NEAR(schedule.factor(s, 10, 40), rates.as<double>()(s), 1e-12) << name << " at step " << s;
}

TEST(Schedule, EqualsPyTorch) {
  follow(*make("step", {{"every", 2}, {"gamma", 0.3}}), "step");
  follow(*make("cosine", {{"low", 0.05}}), "cosine");
  follow(*make("cosine", {{"low", 0.05}, {"warm_up", 0.15}}), "cosine_warm_up");
  follow(*make("one_cycle"), "one_cycle");
  follow(*make("one_cycle", {{"warm_up", 0.1}, {"start_divisor", 10}, {"end_divisor", 100}}), "one_cycle_own");
}

TEST(Schedule, ConstantStays) { EXPECT_EQ(make("constant")->factor(7, 3, 9), 1); }

TEST(Schedule, EaseInGrowsFromItsStartAndNeverBeyondOne) {
  EXPECT_EQ(EaseInParams{}.factor(0), 1);
  const EaseInParams paper{1e-3, 1.05};  // 1e-6 · 1.05^step up to 1e-3
  EXPECT_NEAR(paper.factor(0), 1e-3, 1e-15);
  EXPECT_NEAR(paper.factor(100), 1e-3 * std::pow(1.05, 100), 1e-12);
  EXPECT_LT(paper.factor(141), 1);
  EXPECT_EQ(paper.factor(142), 1);  // ln 1000 / ln 1.05 = 141.6
  EXPECT_EQ(paper.factor(1'000'000), 1);
}

TEST(Schedule, ShortTrainingsAndExtremesStayInRange) {
  for (const double warm_up : {0.0, 0.3, 1.0})
    for (const std::uint64_t steps : {1u, 2u, 3u, 5u})
      for (std::uint64_t s = 0; s < steps; ++s)
        for (const char* type : {"one_cycle", "cosine"}) {
          const double factor = make(type, {{"warm_up", warm_up}})->factor(s, 1, steps);
          EXPECT_TRUE(factor > 0 && factor <= 1)
              << type << ' ' << warm_up << ' ' << steps << ' ' << s << ": " << factor;
        }
}

}  // namespace
}  // namespace neurarium
