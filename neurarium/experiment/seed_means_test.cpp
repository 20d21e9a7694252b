#include "neurarium/experiment/seed_means.hpp"

#include <gmock/gmock.h>

#include "neurarium/experiment/sweep_page.hpp"

namespace neurarium {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;

std::optional<std::string> mean(std::vector<std::string> texts) { return mean_of_texts(texts); }

TEST(SeedMeans, NumbersInTextsBecomeMeanAndSampleDeviation) {
  EXPECT_THAT(mean({"95.1 % before, 7 after", "95.3 % before, 7 after"}), Eq("95.2 ± 0.1 % before, 7 after"));
  EXPECT_THAT(mean({"1,000 of 12,500", "1,200 of 12,500"}), Eq("1100.0 ± 141.4 of 12,500"));
  EXPECT_THAT(mean({"9 of 11", "10 of 11", "11 of 11"}), Eq("10.0 ± 1.0 of 11"));
  EXPECT_THAT(mean({"-0.25", "−0.75"}), Eq("−0.50 ± 0.35"));  // as typed, and as a typesetter has it
  EXPECT_THAT(mean({"0.999, 0.003", "0.997, 0.001"}), Eq("0.998 ± 0.001, 0.002 ± 0.001"));
}

TEST(SeedMeans, PowersOfTenArePartOfANumber) {
  EXPECT_THAT(mean({"1e-05 away", "3e-05 away"}), Eq("2e-05 ± 1.4e-05 away"));
  EXPECT_THAT(mean({"loss 1.5e3", "loss 1.5e+3"}), Eq("loss 1.5e+03 ± 0"));
}

TEST(SeedMeans, DigitsOfWordsAndWhatIsTheSameStay) {
  EXPECT_THAT(mean({"L2 at ε = 0.1: 3x3", "L2 at ε = 0.1: 3x3"}), Eq("L2 at ε = 0.1: 3x3"));
  EXPECT_THAT(mean({"pgd_2", "pgd_3"}), Eq(std::nullopt));
  EXPECT_THAT(mean({"9: 12 times", "4: 10 times"}), Eq(std::nullopt));  // classes, not counts
  EXPECT_THAT(mean({"3x3 of 5", "3x4 of 5"}), Eq(std::nullopt));
  EXPECT_THAT(mean({"95.1 ± 0.3", "95.3 ± 0.4"}), Eq(std::nullopt));  // means of something else already
  EXPECT_THAT(mean({"95.1 ± 0.3", "95.1 ± 0.3"}), Eq("95.1 ± 0.3"));
  EXPECT_THAT(mean({"yes", "no"}), Eq(std::nullopt));
  EXPECT_THAT(mean({"—", "—"}), Eq("—"));
  EXPECT_THAT(mean({""}), Eq(""));
  EXPECT_THAT(mean({}), Eq(std::nullopt));
}

Report run_of(const std::string& accuracy, const std::string& held, std::size_t rows = 2) {
  Report report;
  report.study = "toy", report.answer = "It is right about " + accuracy + ".";
  Table table{"claims", "Claims", "", {"claim", "held", "figures"}, {}};
  for (std::size_t i = 0; i < rows; ++i) table.rows.push_back({"it learns", held, accuracy + " right"});
  report.exhibits.emplace_back(Remark{"Not a table", "1"});
  report.exhibits.emplace_back(std::move(table));
  return report;
}

TEST(SeedMeans, TablesAreAveragedCellByCell) {
  const Report reports[] = {run_of("80 %", "yes"), run_of("82 %", "no"), run_of("84 %", "yes")};
  const std::vector<Table> tables = mean_tables(reports);
  ASSERT_EQ(tables.size(), 1U);
  EXPECT_THAT(tables[0].rows[1], ElementsAre("it learns", "yes: 2, no: 1", "82.0 ± 2.0 % right"));
}

TEST(SeedMeans, TablesOfDifferentFormsAreLeftOut) {
  Report reports[] = {run_of("80 %", "yes"), run_of("82 %", "no", 3)};
  EXPECT_TRUE(mean_tables(reports).empty());
  reports[1] = run_of("82 %", "no");
  EXPECT_EQ(mean_tables(reports).size(), 1U);
  std::get<Table>(reports[1].exhibits[1]).rows[1][0] = "it forgets";
  EXPECT_TRUE(mean_tables(reports).empty());
  EXPECT_TRUE(mean_tables({}).empty());
}

TEST(SeedMeans, APageOfSeedsAloneShowsThem) {
  SweepResult result;
  result.study = "toy", result.folder = "out", result.points = {{}}, result.seeds = {0, 1};
  for (const std::uint64_t seed : result.seeds) {
    SweepRun& run = result.runs.emplace_back();
    run.seed = seed, run.state = SweepRun::State::finished;
  }
  const Report page = sweep_report(result, {run_of("80 %", "yes"), run_of("82 %", "yes")});
  EXPECT_EQ(page.answer, "2 of 2 runs finished. It is right about 81.0 ± 1.4 %.");
  const auto& table = std::get<Table>(page.exhibits.at(0));
  EXPECT_EQ(table.name, "mean-claims");
  EXPECT_THAT(table.caption, HasSubstr("over 2 seeds"));
  EXPECT_THAT(table.rows[0], ElementsAre("it learns", "yes", "81.0 ± 1.4 % right"));
}

}  // namespace
}  // namespace neurarium
