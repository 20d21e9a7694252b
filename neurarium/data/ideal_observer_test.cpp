#include "neurarium/data/ideal_observer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/data/interaural_stored_test.hpp"

namespace neurarium {
namespace {

using testing::HasSubstr;

IdealObserverParams on_grid(const StoredInterauralCase& one, bool knows_phase = false) {
  const auto grid = one.arrays.at("grid").as<std::int64_t>().flat();
  return {grid[0], knows_phase, grid[1]};
}

void expect_near(const Tensor<double>& found, std::span<const double> expected, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(found.flat()[i], expected[i], tolerance) << what << i;
}

// Python adds up all bins, for each pair of phases on the grid.
TEST(IdealObserver, MassesAreThoseOfNumPy) {
  for (const auto& [name, one] : stored_interaural_cases())
    expect_near(IdealObserver(one.params, on_grid(one)).class_masses(one.spikes()), one.numbers("masses"), 1e-9, name);
}

TEST(IdealObserver, MassesWithKnownPhasesAreThoseOfNumPy) {
  for (const auto& [name, one] : stored_interaural_cases())
    if (!one.numbers("known").empty())
      expect_near(IdealObserver(one.params, on_grid(one, true)).class_masses(one.spikes(), one.numbers("phase")),
                  one.numbers("known"), 1e-9, name);
}

// Another rule of integration with more points; the observer chooses its grid itself.
TEST(IdealObserver, MassesAreNearThoseOfAFineGrid) {
  int compared = 0;
  for (const auto& [name, one] : stored_interaural_cases())
    if (one.arrays.contains("fine")) {
      ++compared;
      const IdealObserver observer(one.params, {on_grid(one).steps_seen, false, 0});
      expect_near(observer.class_masses(one.spikes()), one.numbers("fine"), 1e-3, name);
      const IdealObserver finer(
          one.params, {on_grid(one).steps_seen, false, 4 * static_cast<std::int64_t>(observer.points_per_class())});
      expect_near(finer.class_masses(one.spikes()), one.numbers("fine"), 1e-6, name);
    }
  EXPECT_EQ(compared, 4);
}

InterauralPhaseParams small() {
  InterauralPhaseParams params;
  params.fibres = 20, params.classes = 8, params.phase = "per_sample";
  return params;
}

// Whoever knows the probabilities knows how often they will be right: the mean of the largest mass.
TEST(IdealObserver, IsRightAsOftenAsItBelieves) {
  for (const double refractory : {0.0, 2e-3}) {
    InterauralPhaseParams params = small();
    params.refractory = refractory;
    const auto set = make_interaural_phase(params, 2000, 11, "trials");
    const IdealObserver observer(params);
    const auto masses = observer.class_masses(set.spikes);
    const auto decided = observer.decide(set.spikes);
    double right = 0, believed = 0, variance = 0;
    for (std::size_t i = 0; i < 2000; ++i) {
      const auto row = masses.flat().subspan(i * 8, 8);
      EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1, 1e-12);
      const double most = std::ranges::max(row);
      ASSERT_EQ(row[static_cast<std::size_t>(decided[i])], most);
      right += decided[i] == set.labels[i], believed += most, variance += most * (1 - most);
    }
    EXPECT_GT(right, 2000 * 0.8);
    EXPECT_NEAR(right, believed, 4 * std::sqrt(variance)) << "refractory " << refractory;
  }
}

TEST(IdealObserver, FinerGridsDecideAlike) {
  const auto set = make_interaural_phase(small(), 500, 12, "trials");
  const IdealObserver standard(small());
  const IdealObserver fine(small(), {0, false, 4 * static_cast<std::int64_t>(standard.points_per_class())});
  EXPECT_EQ(standard.points_per_class() % 2, 0u);
  EXPECT_EQ(standard.decide(set.spikes), fine.decide(set.spikes));
}

// p = R s², s = ½ (1 + sin θ), so p'²/(p (1 − p)) = R cos²θ/(1 − R s²). Fibres and steps of whole periods see all θ alike.
TEST(IdealObserver, TheGridFollowsTheInformation) {
  double mean = 0;
  for (int i = 0; i < 1000; ++i) {
    const double theta = 2 * std::numbers::pi * i / 1000, s = 0.5 * (1 + std::sin(theta)), c = std::cos(theta);
    mean += 0.6 * c * c / (1 - 0.6 * s * s) / 1000;
  }
  for (const int steps : {50, 100, 400}) {
    InterauralPhaseParams params;
    params.steps = steps;
    const double intervals = std::numbers::pi / 12 * std::sqrt(2 * mean * 100 * steps);
    EXPECT_EQ(IdealObserver(params).points_per_class(), 2 * static_cast<std::size_t>(std::ceil(intervals / 2)));
  }
}

TEST(IdealObserver, GuessesWhereThereIsNothingToSee) {
  InterauralPhaseParams silent = small();
  silent.rate_max = 0;
  const auto set = make_interaural_phase(silent, 3, 1, "trials");
  for (const bool knows : {false, true}) {
    const auto masses = IdealObserver(silent, {0, knows, 0}).class_masses(set.spikes, set.phase);
    for (const double mass : masses.flat()) EXPECT_NEAR(mass, 1.0 / 8, 1e-12);
  }
}

TEST(IdealObserver, KnowingMoreHelps) {
  InterauralPhaseParams params = small();
  params.fibres = 12;
  const auto all = measure_ideal_observer(params, {0, false, 0}, 3000, 4);
  const auto half = measure_ideal_observer(params, {40, false, 0}, 3000, 4);
  const auto knowing = measure_ideal_observer(params, {0, true, 0}, 3000, 4);
  EXPECT_EQ(all.trials, 3000u);
  EXPECT_NEAR(all.accuracy_error, std::sqrt(all.accuracy * (1 - all.accuracy) / 3000), 1e-12);
  EXPECT_GT(all.accuracy, half.accuracy + 4 * all.accuracy_error);
  EXPECT_GT(knowing.accuracy, all.accuracy + 2 * all.accuracy_error);
  EXPECT_LT(knowing.mean_absolute_error_deg, all.mean_absolute_error_deg);
  EXPECT_GT(all.mean_absolute_error_deg, 180.0 / 8 / 4);  // what is left when the class is always right
}

TEST(IdealObserver, SameBitsForAnyThreads) {
  WorkerPool pool(3);
  const auto set = make_interaural_phase(small(), 200, 5, "trials");
  for (const bool knows : {false, true}) {
    const std::vector<double> phases(200, 0.3);
    const auto one = IdealObserver(small(), {0, knows, 0}).class_masses(set.spikes, phases);
    const auto three = IdealObserver(small(), {0, knows, 0}, &pool).class_masses(set.spikes, phases, &pool);
    EXPECT_TRUE(std::ranges::equal(one.flat(), three.flat()));
  }
  const auto one = measure_ideal_observer(small(), {}, 300, 9),
             three = measure_ideal_observer(small(), {}, 300, 9, &pool);
  EXPECT_EQ(one.accuracy, three.accuracy);
  EXPECT_EQ(one.mean_absolute_error_deg, three.mean_absolute_error_deg);
}

TEST(IdealObserver, RefusesSpikesThatTheStimulusCannotMake) {
  InterauralPhaseParams params = small();
  params.fibres = 1, params.steps = 3;
  const auto refused = [&](std::initializer_list<std::vector<StepSpikes::Unit>> steps, bool knows) -> std::string {
    StepSpikes spikes(3, 2);
    for (const auto& step : steps) spikes.add_step(step);
    try {
      IdealObserver(params, {0, knows, 0}).class_masses(spikes, std::vector<double>(knows ? 1 : 0, 0.2));
    } catch (const DataError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(refused({{0}, {1}, {0}}, false), "no error");
  EXPECT_THAT(refused({{0}, {1, 1}, {}}, false), HasSubstr("sample 0, step 1: unit 1 fires before it is ready"));
  params.refractory = 2e-3;
  EXPECT_THAT(refused({{0}, {1}, {0}}, false), HasSubstr("sample 0, step 2: unit 0 fires before it is ready"));
  params.refractory = 0, params.rate_max = 0;
  EXPECT_THAT(refused({{}, {}, {1}}, false), HasSubstr("sample 0 can't have been made by this stimulus"));
  EXPECT_THAT(refused({{}, {}, {1}}, true), HasSubstr("sample 0 can't have been made by this stimulus"));
  EXPECT_EQ(refused({{}, {}, {}}, false), "no error");
  params.spontaneous_rate = 1000;  // certain to fire in each step
  EXPECT_EQ(refused({{0, 1}, {0, 1}, {0, 1}}, false), "no error");
  EXPECT_THAT(refused({{0, 1}, {0}, {0, 1}}, true), HasSubstr("can't have been made"));
  params.refractory = 1e-3;
  EXPECT_EQ(refused({{0, 1}, {}, {0, 1}}, true), "no error");
}

TEST(IdealObserver, RefusesParametersAndShapesThatDoNotFit) {
  const auto with = [](IdealObserverParams params) { IdealObserver observer(small(), params); };
  EXPECT_THROW(with({101, false, 0}), SpecError);
  EXPECT_THROW(with({-1, false, 0}), SpecError);
  EXPECT_THROW(with({0, false, 5}), SpecError);
  EXPECT_NO_THROW(with({100, false, 2}));
  EXPECT_THROW(IdealObserver(small()).class_masses(StepSpikes(99, 40)), ShapeError);
  EXPECT_THROW(IdealObserver(small()).class_masses(StepSpikes(100, 41)), ShapeError);
  const auto set = make_interaural_phase(small(), 2, 1, "trials");
  EXPECT_THROW(IdealObserver(small(), {0, true, 0}).class_masses(set.spikes), ShapeError);
  EXPECT_THROW(IdealObserver(small(), {0, true, 0}).class_masses(set.spikes, std::vector<double>{0.5, NAN}), SpecError);
  EXPECT_THROW(measure_ideal_observer(small(), {}, 0, 1), SpecError);
}

}  // namespace
}  // namespace neurarium
