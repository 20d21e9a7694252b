#include "neurarium/data/interaural_phase.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "neurarium/data/interaural_stored_test.hpp"

namespace neurarium {
namespace {

using testing::HasSubstr;
constexpr double pi = std::numbers::pi;

bool equal(const InterauralPhaseSet& a, const InterauralPhaseSet& b) {
  return a.spikes == b.spikes && a.ipd == b.ipd && a.phase == b.phase && a.labels == b.labels;
}

TEST(InterauralPhase, ProbabilitiesAreThoseOfNumPy) {
  for (const auto& [name, one] : stored_interaural_cases()) {
    const auto p = InterauralProbabilities(one.params).of(one.numbers("ipd")[0], one.numbers("phase")[0]);
    const auto expected = one.numbers("p");
    ASSERT_EQ(p.size(), expected.size());
    for (std::size_t i = 0; i < p.size(); ++i) ASSERT_NEAR(p.flat()[i], expected[i], 1e-12) << name << " " << i;
  }
}

// Each bin's count over the samples against the probabilities (checked above), and bins against their neighbours.
TEST(InterauralPhase, SpikesAreIndependentDrawsWithTheseProbabilities) {
  InterauralPhaseParams params;
  params.phase = "per_sample";
  params.spontaneous_rate = 20;
  constexpr std::size_t samples = 1000, units = 200, bins = 100 * units;
  const auto set = make_interaural_phase(params, samples, 3, "train");
  const InterauralProbabilities probabilities(params);
  std::vector<double> away(bins), spread(bins), last(bins), now(bins);
  double neighbours[3] = {};  // sums over pairs of (x − p)(x' − p')/(σσ'): next unit, next step, next sample
  for (std::size_t i = 0; i < samples; ++i) {
    const auto p = probabilities.of(set.ipd[i], set.phase[i]);
    for (std::size_t b = 0; b < bins; ++b) now[b] = -p.flat()[b];
    for (std::size_t t = 0; t < 100; ++t)
      for (const auto unit : set.spikes.at(i, t)) now[t * units + unit] += 1;
    for (std::size_t b = 0; b < bins; ++b) {
      const double q = p.flat()[b], variance = q * (1 - q);
      away[b] += now[b], spread[b] += variance;
      now[b] /= std::sqrt(variance);
      if (b >= 1) neighbours[0] += now[b] * now[b - 1];
      if (b >= units) neighbours[1] += now[b] * now[b - units];
      if (i > 0) neighbours[2] += now[b] * last[b];
    }
    std::swap(last, now);
  }
  double squares = 0, most = 0;
  for (std::size_t b = 0; b < bins; ++b) {
    const double z = away[b] / std::sqrt(spread[b]);
    squares += z * z, most = std::max(most, std::abs(z));
  }
  EXPECT_NEAR(squares / bins, 1, 4 * std::sqrt(2.0 / bins));
  EXPECT_LT(most, 5.5);  // of 20,000 normal numbers, with probability 0.999
  for (const double sum : neighbours) EXPECT_LT(std::abs(sum), 4 * std::sqrt(double{bins} * samples));
}

TEST(InterauralPhase, TheNotebooksMeanIsFortyFiveOfTwoHundred) {
  const auto set = make_interaural_phase({}, 300, 0, "train");  // 100 steps: two whole periods, whatever the phase
  EXPECT_EQ(set.spikes.samples(), 300u);
  EXPECT_EQ(set.spikes.steps(), 100u);
  EXPECT_EQ(set.spikes.units(), 200u);
  const double n = 300 * 20000.0;  // E p = 0.6 · 3/8, E p² = 0.36 · 35/128
  EXPECT_NEAR(static_cast<double>(set.spikes.events()) / n, 0.225, 4 * std::sqrt((0.225 - 0.36 * 35 / 128) / n));
}

TEST(InterauralPhase, ImpossibleNeverHappensAndCertainAlwaysDoes) {
  InterauralPhaseParams params;  // θ = π/2, π, 3π/2, 2π, … for all fibres of the left ear, if φ = 1/4
  params.fibres = 3, params.phase_span = 0, params.dt = 1e-2, params.frequency = 25, params.rate_max = 100;
  const auto p = InterauralProbabilities(params).of(0, 0.25);
  EXPECT_EQ(p(0, 0), 1);
  EXPECT_EQ(p(2, 0), 0);
  params.rate_max = 0;
  EXPECT_EQ(make_interaural_phase(params, 50, 1, "silent").spikes.events(), 0u);
  params.spontaneous_rates = {0, 100, 0, 100, 0, 0};
  const auto set = make_interaural_phase(params, 50, 1, "certain");
  for (std::size_t i = 0; i < 50; ++i)
    for (std::size_t t = 0; t < 100; ++t)
      ASSERT_THAT(set.spikes.at(i, t), testing::ElementsAre(StepSpikes::Unit{1}, StepSpikes::Unit{3}));
}

// A fibre of constant p that is silent for d steps after a spike: the gaps are d + 1 + k with probability p (1 − p)^k.
TEST(InterauralPhase, RefractoryFibresHaveGapsOfARenewalProcess) {
  InterauralPhaseParams params;
  params.sharpness = 0, params.rate_max = 400, params.refractory = 1.5e-3, params.fibres = 4, params.steps = 20000;
  ASSERT_EQ(params.dead_steps(), 2u);
  const auto set = make_interaural_phase(params, 3, 5, "train");
  std::map<std::size_t, double> gaps;
  double n = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    std::map<unsigned, std::size_t> last;
    for (std::size_t t = 0; t < 20000; ++t)
      for (const auto unit : set.spikes.at(i, t)) {
        if (last.contains(unit)) ++gaps[t - last[unit]], ++n;
        last[unit] = t;
      }
  }
  EXPECT_NEAR(static_cast<double>(set.spikes.events()), 3 * 8 * 20000 / 4.5,
              4 * std::sqrt(3 * 8 * 20000 * 3.75 / 91.125));
  EXPECT_EQ(gaps.begin()->first, 3u);
  for (std::size_t k = 0; k < 8; ++k) {
    const double p = 0.4 * std::pow(0.6, static_cast<double>(k));
    EXPECT_NEAR(gaps[3 + k], n * p, 4 * std::sqrt(n * p * (1 - p))) << "gap " << 3 + k;
  }
  params.refractory = 2e-3;
  EXPECT_EQ(params.dead_steps(), 2u);
  params.dt = 1e-4, params.refractory = 3e-4;  // 3e-4/1e-4 is 2.9999999999999996 in doubles
  EXPECT_EQ(params.dead_steps(), 3u);
}

TEST(InterauralPhase, SameBitsForAnyThreadsAndABeginningIsABeginning) {
  InterauralPhaseParams params;
  params.refractory = 1e-3;
  for (const char* mode : {"per_set", "per_sample", "per_epoch"}) {
    params.phase = mode;
    const auto one = make_interaural_phase(params, 150, 7, "train", 2);
    for (const int threads : {2, 3}) {
      WorkerPool pool(threads);
      EXPECT_TRUE(equal(make_interaural_phase(params, 150, 7, "train", 2, &pool), one)) << threads << mode;
    }
    const auto part = make_interaural_phase(params, 70, 7, "train", 2);
    for (std::size_t i = 0; i < 70; ++i) {
      ASSERT_EQ(part.ipd[i], one.ipd[i]);
      ASSERT_EQ(part.phase[i], one.phase[i]);
      for (std::size_t t = 0; t < 100; ++t)
        ASSERT_TRUE(std::ranges::equal(part.spikes.at(i, t), one.spikes.at(i, t))) << i << " " << t << mode;
    }
  }
  EXPECT_EQ(make_interaural_phase(params, 0, 7, "train").spikes.samples(), 0u);
}

TEST(InterauralPhase, PhasesPerSetPerSamplePerEpoch) {
  InterauralPhaseParams params;
  params.steps = 5;
  const auto made = [&](const char* mode, std::uint32_t epoch, const char* name = "train", std::uint64_t seed = 1) {
    params.phase = mode;
    return make_interaural_phase(params, 200, seed, name, epoch);
  };
  const auto distinct = [](const std::vector<double>& x) { return std::set<double>(x.begin(), x.end()).size(); };
  const auto set = made("per_set", 0), sample = made("per_sample", 0), epoch = made("per_epoch", 0);
  EXPECT_EQ(distinct(set.phase), 1u);
  EXPECT_EQ(distinct(sample.phase), 200u);
  EXPECT_EQ(distinct(set.ipd), 200u);
  EXPECT_TRUE(equal(made("per_set", 3), set));
  EXPECT_TRUE(equal(made("per_sample", 3), sample));
  const auto later = made("per_epoch", 3);
  EXPECT_EQ(later.ipd, epoch.ipd);
  EXPECT_EQ(later.labels, epoch.labels);
  EXPECT_EQ(distinct(later.phase), 200u);
  for (std::size_t i = 0; i < 200; ++i) EXPECT_NE(later.phase[i], epoch.phase[i]);
  EXPECT_FALSE(later.spikes == epoch.spikes);
  for (const auto& other : {made("per_set", 0, "test"), made("per_set", 0, "train", 2)}) {
    EXPECT_NE(other.phase[0], set.phase[0]);
    EXPECT_NE(other.ipd, set.ipd);
  }
}

TEST(InterauralPhase, InterauralPhasesFillHalfACircle) {
  InterauralPhaseParams params;
  params.steps = 1, params.fibres = 1;
  const auto set = make_interaural_phase(params, 12000, 0, "train");
  std::vector<double> count(12);
  for (std::size_t i = 0; i < 12000; ++i) {
    ASSERT_LE(std::abs(set.ipd[i]), pi / 2);
    ASSERT_NEAR(continuise(set.labels[i], 12), set.ipd[i], pi / 24 + 1e-12);
    ++count[static_cast<std::size_t>(set.labels[i])];
  }
  for (const double n : count) EXPECT_NEAR(n, 1000, 4 * std::sqrt(1000 * 11 / 12.0));
}

TEST(InterauralPhase, ClassesAndTheirMiddles) {
  EXPECT_EQ(discretise(-pi / 2, 12), 0);
  EXPECT_EQ(discretise(pi / 2, 12), 11);  // the end belongs to the last
  EXPECT_EQ(discretise(static_cast<double>(static_cast<float>(pi / 2)), 12), 11);
  EXPECT_EQ(discretise(-2, 12), 0);
  EXPECT_EQ(discretise(0, 12), 6);
  EXPECT_EQ(discretise(-1e-9, 12), 5);
  EXPECT_EQ(discretise(0.3, 1), 0);
  for (int c = 0; c < 12; ++c) {
    EXPECT_NEAR(continuise(c, 12) * 180 / pi, -82.5 + 15 * c, 1e-12);
    EXPECT_EQ(discretise(continuise(c, 12), 12), c);
  }
  EXPECT_THROW(discretise(NAN, 12), SpecError);
}

TEST(InterauralPhase, MeanAbsoluteErrorIsFromTheMiddleOfTheClass) {
  const std::int64_t estimated[] = {0, 6, 11};            // −82.5°, 7.5°, 82.5°
  const double ipd[] = {-pi / 2, pi / 6, 80 * pi / 180};  // −90°, 30°, 80°
  EXPECT_NEAR(mean_absolute_error_deg(estimated, ipd, 12), (7.5 + 22.5 + 2.5) / 3, 1e-12);
  EXPECT_THROW(mean_absolute_error_deg(std::span(estimated).first(2), ipd, 12), ShapeError);
  EXPECT_THROW(mean_absolute_error_deg({}, {}, 12), ShapeError);
}

std::string fault_of(void (*change)(InterauralPhaseParams&)) {
  InterauralPhaseParams params;
  change(params);
  try {
    make_interaural_phase(params, 2, 0, "train");
  } catch (const SpecError& error) {
    return error.what();
  }
  return "no error";
}

TEST(InterauralPhase, RefusesWhatCannotBe) {
  using P = InterauralPhaseParams;
  EXPECT_THAT(fault_of([](P& p) { p.steps = 0; }), HasSubstr("steps"));
  EXPECT_THAT(fault_of([](P& p) { p.dt = 0; }), HasSubstr("dt"));
  EXPECT_THAT(fault_of([](P& p) { p.fibres = 0; }), HasSubstr("fibres"));
  EXPECT_THAT(fault_of([](P& p) { p.fibres = 32769; }), HasSubstr("fibres"));
  EXPECT_THAT(fault_of([](P& p) { p.classes = 0; }), HasSubstr("classes"));
  EXPECT_THAT(fault_of([](P& p) { p.rate_max = NAN; }), HasSubstr("rate_max"));
  EXPECT_THAT(fault_of([](P& p) { p.rate_max = -1; }), HasSubstr("rate_max"));
  EXPECT_THAT(fault_of([](P& p) { p.frequency = INFINITY; }), HasSubstr("frequency"));
  EXPECT_THAT(fault_of([](P& p) { p.sharpness = -2; }), HasSubstr("sharpness"));
  EXPECT_THAT(fault_of([](P& p) { p.spontaneous_rate = -5; }), HasSubstr("spontaneous_rate"));
  EXPECT_THAT(fault_of([](P& p) { p.refractory = -1e-3; }), HasSubstr("refractory"));
  EXPECT_THAT(fault_of([](P& p) { p.phase = "per_batch"; }), HasSubstr("per_batch"));
  EXPECT_THAT(fault_of([](P& p) {
                p.spontaneous_rates = {1, 2};
              }),
              HasSubstr("give 100 (the same for both ears) or 200"));
  const std::string both = fault_of([](P& p) { p.steps = 0, p.rate_max = NAN; });
  EXPECT_THAT(both, testing::AllOf(HasSubstr("steps"), HasSubstr("rate_max")));
}

TEST(InterauralPhase, MoreThanOneSpikePerStepIsRefusedWithAStepThatWouldDo) {
  EXPECT_THAT(fault_of([](InterauralPhaseParams& p) { p.dt = 2e-3; }),
              testing::AllOf(HasSubstr("1.2 spikes in a step of 0.002 s"), HasSubstr("give dt ≤ 0.001666 s")));
  EXPECT_EQ(fault_of([](InterauralPhaseParams& p) { p.dt = 0.001666; }), "no error");
  EXPECT_EQ(fault_of([](InterauralPhaseParams& p) { p.dt = 1.0 / 600; }), "no error");
  EXPECT_THAT(fault_of([](InterauralPhaseParams& p) { p.spontaneous_rate = 401; }), HasSubstr("1001 Hz"));
  EXPECT_THAT(fault_of([](InterauralPhaseParams& p) { p.rate_max = 900, p.spontaneous_rates.assign(200, 101); }),
              HasSubstr("1001 Hz"));
}

}  // namespace
}  // namespace neurarium
