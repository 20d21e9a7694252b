// Several trainings in one checkpoint: what is kept, and what a resumed run finds.
#include "neurarium/studies/topographic/phases.hpp"

#include <gtest/gtest.h>

#include "neurarium/train/bare_context.hpp"

namespace neurarium {
namespace {

const Registry nothing;

/// A run that keeps its last checkpoint in memory.
class InMemory : public BareContext {
 public:
  InMemory() : BareContext(nothing, 1, 0) {}
  std::optional<Checkpoint> resumed() override { return saved; }
  void save(const Checkpoint& checkpoint) override { saved = checkpoint; }
  void metrics(const std::vector<std::pair<std::string, double>>&) override { ++rows; }

  std::optional<Checkpoint> saved;
  int rows = 0;
};

Checkpoint with_number(double x, const std::string& epoch) {
  Array array(DType::f64, {1});
  array.as<double>()(0) = x;
  return {{{"weights", array}}, {{"epoch", epoch}}};
}
double number(const std::optional<Checkpoint>& checkpoint) { return checkpoint->find("weights")->as<double>()(0); }

TEST(Phases, AResumedRunFindsEachPhaseAndKeepsThoseThatAreDone) {
  InMemory run;
  {
    SharedCheckpoint shared(run);
    Phase map(run, shared, "train", ""), control(run, shared, "control", "control");
    EXPECT_FALSE(map.resumed().has_value());
    map.save(with_number(1, "3"));
    control.save(with_number(2, "1"));
    control.metrics({{"epoch", 1}});
    map.metrics({{"epoch", 3}});
    EXPECT_EQ(run.rows, 1);
  }
  ASSERT_NE(run.saved->find("weights"), nullptr);  // the map's own names: the checkpoint is the map's
  ASSERT_NE(run.saved->find("side.control.weights"), nullptr);
  {
    SharedCheckpoint shared(run);
    Phase map(run, shared, "train", ""), control(run, shared, "control", "control"),
        other(run, shared, "other", "corrected");
    const auto first = map.resumed(), second = control.resumed();
    EXPECT_EQ(number(first), 1);
    EXPECT_EQ(first->arrays.size(), 1u);  // nothing of the control's
    EXPECT_EQ(*first->find_text("epoch"), "3");
    EXPECT_EQ(number(second), 2);
    EXPECT_EQ(*second->find_text("epoch"), "1");
    EXPECT_FALSE(other.resumed().has_value());
    other.save(with_number(5, "7"));  // the phases before it are done and save nothing more
  }
  EXPECT_EQ(run.saved->arrays.size(), 3u);
  EXPECT_EQ(*run.saved->find_text("epoch"), "3");
  EXPECT_EQ(*run.saved->find_text("side.corrected.epoch"), "7");
}

TEST(Phases, CountsTheSamplesOfThisProcess) {
  InMemory run;
  SharedCheckpoint shared(run);
  Phase fresh(run, shared, "train", "");
  EXPECT_FALSE(fresh.resumed().has_value());
  fresh.progress({"train", 100, 1000, "samples", {}});
  EXPECT_EQ(fresh.samples(), 100);
  fresh.save(with_number(1, "0"));
  SharedCheckpoint later(run);
  Phase map(run, later, "train", "");
  EXPECT_TRUE(map.resumed().has_value());
  map.progress({"train", 700, 1000, "samples", {}});  // resumed in the middle
  map.progress({"train", 900, 1000, "samples", {}});
  EXPECT_EQ(map.samples(), 200);
  EXPECT_GE(map.seconds(), 0);
}

}  // namespace
}  // namespace neurarium
