// What dale-localisation says of a network: closed forms, plain sums beside clever ones, and the whole study on tiny sizes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <numeric>

#include "neurarium/data/catalogue.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/studies/localisation/localisation_analyses.hpp"
#include "neurarium/studies/localisation/weight_pictures.hpp"
#include "neurarium/train/evaluation.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

constexpr double pi = std::numbers::pi;

const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

class Desk : public contracts::TestContext {
 public:
  explicit Desk(int threads = 1) : TestContext(house(), threads, 3) {}
  bool checkpoint_due(double) override { return false; }
  void keep(const std::string& member, const TrainedNetwork& network) override { kept.emplace(member, network); }
  void answer(std::string line) override { said = std::move(line); }
  void progress(const Progress& now) override {
    if (now.phase == stop_in) stop_after(1);  // the next look at the stop token answers yes
  }
  const Value* find(const std::string& name) const {
    for (const Figure& f : figures)
      if (f.name == name) return &f.value;
    return nullptr;
  }
  double number(const std::string& name) const {
    if (!find(name)) throw InternalError("no figure " + name);
    return find(name)->as_number();
  }
  template <class E>
  const E* exhibit(const std::string& name) const {
    for (const Exhibit& shown : exhibits)
      if (const E* one = std::get_if<E>(&shown); one && one->name == name) return one;
    return nullptr;
  }
  std::map<std::string, TrainedNetwork> kept;
  std::string said, stop_in;
};

Value section(std::initializer_list<std::pair<const char*, Value>> settings) {
  Value table = Value::table();
  for (const auto& [key, value] : settings) table.set(key, value);
  return table;
}

/// 64 sounds of 40 steps for 12 fibres and 6 hidden units, 3 epochs: milliseconds.
void run_tiny(Desk& desk, Value model = Value::table(), std::vector<std::pair<std::string, Value>> more = {}) {
  Value table = Value::table();
  if (!model.find("hidden")) model.set("hidden", 6);
  table.set("task", section({{"steps", 40}, {"fibres", 6}, {"classes", 4}, {"phase", "per_sample"}}));
  table.set("model", std::move(model));
  table.set("train", section({{"epochs", 3}, {"batch_size", 16}}));
  table.set("training_samples", 64), table.set("validation_samples", 32), table.set("test_samples", 48);
  table.set("observer_samples", 60);
  for (auto& [key, value] : more) table.set(key, std::move(value));
  const std::string study = "dale-localisation";
  house().make<Study>("study", {study, resolve({study, {}, table}, house()).settings}, study)->run(desk);
}

// ── When it decides ────────────────────────────────────────────────────────────────────────────────────────────────

TEST(TimeWeights, AreWhatALeakyIntegratorMakesOfOneSpike) {
  constexpr std::size_t steps = 9;
  constexpr double alpha = 0.8;
  for (const bool late : {false, true})
    for (const char* readout : {"mean", "sum", "last"}) {
      const auto weights = time_weights(readout, alpha, steps, late);
      ASSERT_TRUE(weights);
      for (std::size_t at = 0; at < steps; ++at) {
        double membrane = 0, sum = 0;
        for (std::size_t t = 0; t < steps; ++t) {
          membrane = alpha * membrane + (t == at + (late ? 1 : 0) ? 1 : 0);
          sum += membrane;
        }
        const std::string what = readout;
        const double expected = what == "mean" ? sum / steps : what == "sum" ? sum : membrane;
        EXPECT_NEAR((*weights)[at], expected, 1e-14) << readout << late << at;
      }
    }
  EXPECT_FALSE(time_weights("max", alpha, steps, false));
}

/// Two sounds of 100 steps, two cycles, whose crest comes first.
struct TwoSounds {
  InterauralPhaseParams task;
  InterauralPhaseSet sounds;
  TwoSounds() {
    task.classes = 2, task.phase_span = 0.5;
    sounds.ipd = {-0.3, 0.3}, sounds.labels = {0, 1};
    for (const double ipd : sounds.ipd) sounds.phase.push_back(1.003 - (task.phase_span + ipd) / (4 * pi));
  }
};

TEST(PhasesInTheHead, CrestIsWhereBothEarsTogetherFireMost) {
  InterauralPhaseParams task;
  task.sharpness = 1, task.steps = 400, task.frequency = 2.5;
  for (const double ipd : {-1.2, 0., 0.9}) {
    InterauralPhaseSet one;
    one.ipd = {ipd}, one.phase = {0.37};
    const Tensor<double> p = InterauralProbabilities(task).of(ipd, 0.37);
    std::size_t best = 0;
    double most = 0;
    for (std::size_t t = 0; t < 400; ++t) {
      double sum = 0;
      for (std::size_t j = 0; j < 200; ++j) sum += p(t, j);
      if (sum > most) most = sum, best = t;
    }
    const double psi = phases_in_the_head(one, task)[0] + 2.5e-3 * static_cast<double>(best);
    EXPECT_NEAR(psi - std::floor(psi), 0.25, 0.0025) << ipd;
  }
}

TEST(DecisionByPhase, KnowsWhoSaidWhatWhen) {
  // unit 0 speaks for class 0, unit 1 for class 1. The right one fires in the trough, the wrong one, half as often, in the crest.
  const TwoSounds two;
  StepSpikes hidden(100, 2);
  for (const auto right : {StepSpikes::Unit{0}, StepSpikes::Unit{1}})
    for (std::size_t t = 0; t < 100; ++t) {
      const bool trough = t % 50 >= 25;
      std::vector<StepSpikes::Unit> fired;
      if (trough) fired = {right};
      else if (t % 50 >= 10 && t % 50 < 20) fired = {static_cast<StepSpikes::Unit>(1 - right)};
      hidden.add_step(fired);
    }
  Tensor<double> w2({2, 2});
  w2(0, 0) = w2(1, 1) = 1;
  const std::vector<double> even(100, 0.5);
  const auto found = decision_by_phase(hidden, two.sounds, two.task, even, w2, 10);
  EXPECT_NEAR(found.trough_time, 0.5, 1e-12);
  EXPECT_NEAR(found.trough_spikes, 25. / 35, 1e-12);
  EXPECT_NEAR(found.trough_margin, 25. / 15, 1e-12);  // the crest speaks against it
  // by quarters, which begin at steps 44, 7, 19 and 32 of 50
  const double quarters[] = {6. / 15, -9. / 15, (7. - 1) / 15, 12. / 15};
  for (std::size_t q = 0; q < 4; ++q) EXPECT_NEAR(found.quarters[q], quarters[q], 1e-12) << q;
  EXPECT_EQ(found.accuracy, 1);
  EXPECT_EQ(found.accuracy_of_trough, 1);
  EXPECT_EQ(found.accuracy_of_crest, 0);
  const std::vector<double> margins = {0, 0, -5. / 15, -5. / 15, 0, 5. / 15, 5. / 15, 5. / 15, 5. / 15, 5. / 15};
  for (std::size_t b = 0; b < 10; ++b) {
    EXPECT_NEAR(found.of_margin[b], margins[b], 1e-12) << b;
    EXPECT_NEAR(found.of_time[b], 0.1, 1e-12) << b;
    EXPECT_NEAR(found.phase[b], (static_cast<double>(b) + 0.5) / 10, 1e-12);
  }
  // a spike counts with its step's weight
  std::vector<double> late(100, 0.);
  for (std::size_t t = 25; t < 50; ++t) late[t] = 1;
  EXPECT_NEAR(decision_by_phase(hidden, two.sounds, two.task, late, w2, 10).trough_margin, 1, 1e-12);
}

TEST(DecisionByPhase, SharesAreOfSoundsThatAreToldRight) {
  // the same spikes for both sounds: the second is told wrong, and its margin is not taken from that of the first
  const TwoSounds two;
  StepSpikes hidden(100, 1);
  for (std::size_t t = 0; t < 200; ++t)
    hidden.add_step(t % 100 == 30 || t % 100 == 10 ? std::vector<StepSpikes::Unit>{0}
                                                   : std::vector<StepSpikes::Unit>{});
  Tensor<double> w2({1, 2});
  w2(0, 0) = 1;
  const auto found = decision_by_phase(hidden, two.sounds, two.task, std::vector<double>(100, 1), w2);
  EXPECT_EQ(found.accuracy, 0.5);
  EXPECT_NEAR(found.trough_margin, 0.5, 1e-12);
  EXPECT_NEAR(found.quarters[1], 0.5, 1e-12);
  EXPECT_NEAR(found.quarters[2], 0.5, 1e-12);
}

TEST(DecisionByPhase, OfSilenceIsNoNumber) {
  const TwoSounds two;
  StepSpikes hidden(100, 2);
  for (int t = 0; t < 200; ++t) hidden.add_step({});
  const auto found =
      decision_by_phase(hidden, two.sounds, two.task, std::vector<double>(100, 1), Tensor<double>({2, 2}));
  EXPECT_TRUE(std::isnan(found.trough_margin) && std::isnan(found.trough_spikes));
  EXPECT_EQ(found.accuracy, 0.5);  // the first class, always
}

// ── Coincidences ───────────────────────────────────────────────────────────────────────────────────────────────────

/// W1 of one hidden unit: weights of fibres of the left and the right ear.
Tensor<double> one_unit(const std::vector<double>& left, const std::vector<double>& right) {
  Tensor<double> w1({left.size() + right.size(), 1});
  for (std::size_t j = 0; j < left.size(); ++j) w1(j, 0) = left[j], w1(left.size() + j, 0) = right[j];
  return w1;
}

TEST(Coincidence, OfSingleFibresIsTheDifferenceOfTheirDelays) {
  // fibres at 0, 30, 60, 90 degrees
  const auto of = [](const std::vector<double>& left, const std::vector<double>& right) {
    return coincidence_of_units(one_unit(left, right), pi / 2)[0];
  };
  const auto detector = of({0, 0, 1, 0}, {1, 0, 0, 0});
  EXPECT_NEAR(detector.left.delay, pi / 3, 1e-12);
  EXPECT_NEAR(detector.difference, pi / 3, 1e-12);
  EXPECT_NEAR(detector.index, 1, 1e-12);
  EXPECT_NEAR(of({1, 0, 0, 0}, {0, 0, 0, 2}).difference, -pi / 2, 1e-12);
  EXPECT_NEAR(of({1, 0, 0, 0}, {0, 0, 0, 2}).index, 4. / 5, 1e-12);  // 2 · 1 · 2 / (1 + 4), at the edge of the angles
  // one ear excites, the other inhibits: they cancel at 60 degrees and meet at -120
  const auto opposite = of({0, 0, 1, 0}, {-1, 0, 0, 0});
  EXPECT_NEAR(opposite.difference, -2 * pi / 3, 1e-12);
  EXPECT_NEAR(opposite.index, -1, 1e-12);
  EXPECT_NEAR(opposite.drive_at(pi / 3), 0, 1e-12);
  EXPECT_EQ(of({0, 1, 0, 0}, {0, 0, 0, 0}).index, 0);
  EXPECT_EQ(of({0, 0, 0, 0}, {0, 0, 0, 0}).index, 0);
}

TEST(Coincidence, DriveIsTheAmplitudeOfWhatFibresDo) {
  // any weights, and probabilities as the sounds have them: Σ w p over a cycle, half the range from least to most
  std::vector<double> left, right;
  for (int j = 0; j < 9; ++j) left.push_back(std::sin(3. * j)), right.push_back(std::cos(5. * j + 1));
  const Tensor<double> w1 = one_unit(left, right);
  InterauralPhaseParams task;
  task.fibres = 9, task.sharpness = 1, task.steps = 2000, task.frequency = 0.5;
  const UnitCoincidence unit = coincidence_of_units(w1, task.phase_span)[0];
  double best = -1, best_angle = 0;
  for (const double ipd : {-1.5, -0.8, -0.1, 0.4, 1.1, 1.57}) {
    const Tensor<double> p = InterauralProbabilities(task).of(ipd, 0.1);
    double least = INFINITY, most = -INFINITY;
    for (std::size_t t = 0; t < 2000; ++t) {
      double sum = 0;
      for (std::size_t i = 0; i < 18; ++i) sum += w1(i, 0) * p(t, i);
      least = std::min(least, sum), most = std::max(most, sum);
    }
    EXPECT_NEAR((most - least) / (task.rate_max * task.dt), unit.drive_at(ipd), 1e-5) << ipd;
  }
  for (double ipd = -pi; ipd <= pi; ipd += 1e-4)
    if (unit.drive_at(ipd) > best) best = unit.drive_at(ipd), best_angle = ipd;
  EXPECT_NEAR(best_angle, unit.difference, 1e-3);
}

TEST(Coincidence, AxonalDelaysAreDelaysLikeAnyOther) {
  // One fibre of each ear is heard, both at phase 0. The right ear's spikes come 60 degrees late: the ears meet where its sound is early.
  const Tensor<double> w1 = one_unit({1, 0}, {0, 2});
  const std::vector<double> lags = {0, 9, 9, pi / 3}, lost = {0, 9, 9, NAN};
  const UnitCoincidence unit = coincidence_of_units(w1, 0, lags)[0];
  EXPECT_NEAR(unit.difference, pi / 3, 1e-12);
  EXPECT_NEAR(unit.index, 4. / 5, 1e-12);
  EXPECT_NEAR(unit.drive_at(pi / 3), 3, 1e-12);
  EXPECT_EQ(coincidence_of_units(w1, 0)[0].difference, 0);
  EXPECT_EQ(coincidence_of_units(w1, 0, lost)[0].right.strength, 0);  // what never arrives drives nothing
}

TEST(Coincidence, LagsAreThoseOfTheNetwork) {
  InterauralPhaseParams task;
  task.fibres = 2, task.steps = 100, task.frequency = 50, task.phase_span = 0;
  LocalisationNetworkParams settings;
  EXPECT_TRUE(axonal_lags(*house().make<Model>("model", localisation_network(settings, task), "model"), task).empty());
  settings.delay_maximum = 0.2;
  for (const bool learns : {true, false}) {
    settings.learn_delays = learns;
    const auto model = house().make<Model>("model", localisation_network(settings, task), "model");
    const float delays[] = {0, 3.4F, -5, 150};  // in steps of 1 ms, a twentieth of the tone's cycle each
    for (const auto& all : {model->parameters(), model->buffers()})
      for (const NamedView& numbers : all)
        if (numbers.name == "delay.delay") std::ranges::copy(delays, numbers.values.as<float>().data());
    const std::vector<double> lags = axonal_lags(*model, task);
    ASSERT_EQ(lags.size(), 4u);
    EXPECT_EQ(lags[0], 0);
    EXPECT_NEAR(lags[1], 3 * pi / 10, 1e-12);
    EXPECT_NEAR(lags[2], 5 * pi / 10, 1e-12);
    EXPECT_TRUE(std::isnan(lags[3]));  // beyond the end of the sound
  }
}

TEST(TuningForetold, IsACorrelation) {
  const auto unit = coincidence_of_units(one_unit({0, 1}, {1, 0}), pi / 2)[0];
  const std::vector<double> angles = {-1, -0.5, 0, 0.5, 1};
  std::vector<double> rates;
  for (const double angle : angles) rates.push_back(7 + 3 * unit.drive_at(angle));
  EXPECT_NEAR(tuning_foretold(unit, angles, rates), 1, 1e-12);
  rates[2] = NAN;
  EXPECT_NEAR(tuning_foretold(unit, angles, rates), 1, 1e-12);
  for (double& rate : rates) rate = -rate;
  EXPECT_NEAR(tuning_foretold(unit, angles, rates), -1, 1e-12);
  EXPECT_TRUE(std::isnan(tuning_foretold(unit, angles, std::vector<double>(5, 2.5))));
}

TEST(UnitRole, NeedsWeightsAndFiring) {
  EXPECT_EQ(role_of(0.9, 0.8), UnitRole::detector);
  EXPECT_EQ(role_of(0.9, -0.8), UnitRole::dip);
  EXPECT_EQ(role_of(0.9, NAN), UnitRole::other);
  EXPECT_EQ(role_of(-0.9, 0.8), UnitRole::comparator);
  EXPECT_EQ(role_of(-0.9, -0.8), UnitRole::comparator);
  EXPECT_EQ(role_of(-0.9, 0.2), UnitRole::other);
  EXPECT_EQ(role_of(0.3, 0.9), UnitRole::other);
}

TEST(Bumps, AreCountedInAnOrder) {
  Tensor<double> w2({5, 3});
  const double columns[3][5] = {{0, 1, 0.9, 0.1, 0}, {1, 0.5, 0.8, -2, 0.6}, {-1, -1, 0, 0, 0}};
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t u = 0; u < 5; ++u) w2(u, k) = columns[k][u];
  const std::size_t as_it_is[] = {0, 1, 2, 3, 4}, other[] = {1, 0, 2, 4, 3};
  EXPECT_EQ(bumps(w2, as_it_is).of_column, (std::vector<std::size_t>{1, 3, 0}));
  EXPECT_EQ(bumps(w2, other).of_column, (std::vector<std::size_t>{2, 1, 0}));
  EXPECT_NEAR(bumps(w2, as_it_is).mean, 4. / 3, 1e-12);
  // by chance: the mean over all orders
  std::vector<std::size_t> order = {0, 1, 2, 3, 4};
  double sum = 0;
  int orders = 0;
  do sum += bumps(w2, order).mean, ++orders;
  while (std::next_permutation(order.begin(), order.end()));
  EXPECT_NEAR(bumps(w2, as_it_is).by_chance, sum / orders, 1e-12);
}

TEST(NotebookOrder, IsByDelayAndWeakOnesLast) {
  // NumPy: A = hstack([arange(3), -arange(3)]); mean(A * w1, 0); inf where max < .5; argsort
  Tensor<double> w1({6, 4});
  const double columns[4][6] = {
      {0, 0, 1, 0, 0, 0}, {0, 0, 0, 0, 0, 1}, {0.4, 0.4, 0.4, -9, 0.4, 0.4}, {0, 0.6, 0, 0, 0, 0}};
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t i = 0; i < 6; ++i) w1(i, k) = columns[k][i];
  EXPECT_EQ(notebook_order(w1), (std::vector<std::size_t>{1, 3, 0, 2}));
}

TEST(SampleWeights, AreFifteenPanelsInThreeRows) {
  Tensor<double> w1({8, 20});
  w1(6, 3) = 1;
  const std::size_t one[] = {0}, fifteen[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
  const Shape panel = sample_weights_picture(w1, one, 5, 1).shape(),
              all = sample_weights_picture(w1, fifteen, 5, 1).shape();
  EXPECT_EQ(all[0], 3 * panel[0] + 20);
  EXPECT_EQ(all[1], 5 * panel[1] + 40);
  const auto reds = [](const Array& image) {
    const auto pixels = image.as<std::uint8_t>();
    std::size_t count = 0;
    for (std::size_t y = 0; y < image.shape()[0]; ++y)
      for (std::size_t x = 0; x < image.shape()[1]; ++x) count += pixels(y, x, 0) > 150 && pixels(y, x, 1) < 100;
    return count;
  };
  const std::size_t peak[] = {3};
  EXPECT_GT(reds(sample_weights_picture(w1, peak, 5, 1)), reds(sample_weights_picture(w1, one, 5, 1)));
}

// ── The study ──────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(DaleLocalisation, SumsOverStepsAreTheNetworksAnswers) {
  for (const char* spike : {"late", "same_step"})
    for (const char* readout : {"mean", "sum", "last"}) {
      LocalisationSettings settings;
      if (std::string(readout) == "sum") settings.model.tau_readout = 8e-3, settings.model.recurrent = true;
      settings.model.learn_time_constants = std::string(readout) == "last";
      settings.task.steps = 40, settings.task.fibres = 6, settings.task.classes = 4;
      settings.model.hidden = 6, settings.model.spike = spike, settings.model.readout = readout;
      settings.train.epochs = 2, settings.train.batch_size = 16;
      Desk desk;
      const auto set = [&](const char* name) { return LocalisationSet(settings.task, 64, 1, name, 0, desk.pool()); };
      const LocalisationSet test = set("test");
      TrainedLocalisation trained = train_localisation(settings, set("training"), set("validation"), test, desk);
      const auto found = analyse_localisation(settings, {}, trained, test, desk);
      ASSERT_TRUE(found.decision);
      EXPECT_EQ(found.decision->accuracy, trained.test.accuracy) << spike << readout;
      // to the last digits: the logits themselves
      const StepSpikes hidden = hidden_spikes(*trained.model, test.stimuli.spikes, desk.pool());
      const auto weights =
          *time_weights(readout, std::exp(-settings.task.dt / readout_tau(settings.model, *trained.model)), 40,
                        std::string(spike) == "late");
      const Tensor<double> logits = to_tensor<double>(answers_of(*trained.model, test.stimuli.spikes, desk).view());
      for (std::size_t i = 0; i < 64; ++i)
        for (std::size_t k = 0; k < 4; ++k) {
          double sum = 0;
          for (std::size_t t = 0; t < 40; ++t)
            for (const auto unit : hidden.at(i, t)) sum += weights[t] * found.w2(unit, k);
          EXPECT_NEAR(sum, logits(i, k), 1e-5 * (1 + std::abs(sum)));
        }
      EXPECT_EQ(trained.hidden_rates, firing_rates(hidden, settings.task.dt));
    }
}

TEST(DaleLocalisation, ShowsEveryPictureAndSaysWhatCameOfTheClaims) {
  Desk desk;
  run_tiny(desk);
  for (const char* name : {"stimuli", "weights", "sample_weights", "example"})
    EXPECT_NE(desk.exhibit<Picture>(name), nullptr) << name;
  for (const char* name :
       {"loss", "accuracy", "angles", "confusion", "example_membranes", "example_cumulative", "tuning", "coincidence",
        "decision", "phase_locking", "intervals", "regularity", "synchrony", "ablation"})
    EXPECT_NE(desk.exhibit<Chart>(name), nullptr) << name;
  for (const char* name : {"units", "without_inhibition"}) EXPECT_NE(desk.exhibit<Table>(name), nullptr) << name;
  EXPECT_EQ(desk.exhibit<Chart>("example_cumulative")->traces.size(), 4u);
  EXPECT_TRUE(std::ranges::any_of(desk.exhibits, [](const Exhibit& shown) {
    const auto* remark = std::get_if<Remark>(&shown);
    return remark && remark->text.find("trough") != std::string::npos;
  }));
  for (const Figure& figure : desk.figures)
    if (figure.value.is_number()) {
      EXPECT_TRUE(std::isfinite(figure.value.as_number())) << figure.name;
    }
  EXPECT_EQ(desk.number("sign_violations"), 0);
  EXPECT_EQ(desk.number("negative_share_w2"), 0.5);
  EXPECT_GT(desk.number("ideal_observer_standard_error"), 0);
  // the line on top at the end is the answer's, and the sum of the membranes
  const auto& now = desk.exhibit<Chart>("example_membranes")->traces[0].y;
  const auto& sum = desk.exhibit<Chart>("example_cumulative")->traces[0].y;
  EXPECT_NEAR(sum.back(), std::accumulate(now.begin(), now.end(), 0.), 1e-9);
}

TEST(DaleLocalisation, KeepsItsNetwork) {
  Desk desk;
  run_tiny(desk);
  ASSERT_EQ(desk.kept.count(""), 1u);
  const auto model = network_with<Trainable>(desk.kept.at("").state, house(), "a test");
  const Dataset sounds = load_dataset(desk.kept.at("").dataset, "");
  EXPECT_EQ(evaluate(*model, sounds.test, 1, desk).accuracy, desk.number("test_accuracy"));
  EXPECT_EQ(evaluate(*model, sounds.train, 1, desk).accuracy, desk.number("train_accuracy"));
}

TEST(DaleLocalisation, AnotherSoundAndAnotherTimeConstantForTheExample) {
  const auto drawn = [](Value analysis) {
    Desk desk;
    run_tiny(desk, section({{"inhibitory_fraction", 0}}), {{"analysis", std::move(analysis)}});
    return std::pair(desk.exhibit<Picture>("example")->pixels, desk.exhibit<Chart>("example_membranes")->traces[0].y);
  };
  const auto plain = drawn(Value::table()), other = drawn(section({{"angle", -0.4}})),
             slow = drawn(section({{"tau", 0.05}}));
  const auto same = [](const Array& a, const Array& b) {
    return a.shape() == b.shape() && std::ranges::equal(a.as<std::uint8_t>().flat(), b.as<std::uint8_t>().flat());
  };
  EXPECT_TRUE(same(plain.first, drawn(section({{"tau", 5e-3}})).first));
  EXPECT_FALSE(same(plain.first, other.first));
  EXPECT_NE(plain.second, slow.second);
}

TEST(DaleLocalisation, LearnedTimeConstantsAndRecurrenceAreSeen) {
  const auto drawn = [](Value analysis) {
    Desk desk;
    run_tiny(
        desk,
        section(
            {{"inhibitory_fraction", 0}, {"learn_time_constants", true}, {"recurrent", true}, {"tau_readout", 0.02}}),
        {{"analysis", std::move(analysis)}});
    return desk.exhibit<Chart>("example_membranes")->traces[0].y;
  };
  EXPECT_NE(drawn(Value::table()), drawn(section({{"tau", 0.02}})));
  // without a unit, nobody hears it: neither the outputs nor the hidden units
  LocalisationSettings settings;
  settings.task.steps = 40, settings.task.fibres = 6, settings.task.classes = 4;
  settings.model.hidden = 6, settings.model.recurrent = true;
  settings.train.epochs = 1, settings.train.batch_size = 16;
  Desk desk;
  const auto set = [&](const char* name) { return LocalisationSet(settings.task, 32, 1, name, 0, desk.pool()); };
  const LocalisationSet test = set("test");
  TrainedLocalisation trained = train_localisation(settings, set("training"), set("validation"), test, desk);
  EXPECT_EQ(analyse_localisation(settings, {}, trained, test, desk).without_unit[0].synapses, 4u + 6u);
}

TEST(DaleLocalisation, NeitherSilenceNorAnotherReadoutStopsIt) {
  Desk silent, max, none;
  run_tiny(silent, section({{"inhibitory_fraction", 1}}));  // no hidden unit ever fires
  EXPECT_EQ(silent.number("silent_units"), 6);
  EXPECT_EQ(silent.find("interval_cv"), nullptr);
  for (const Figure& figure : silent.figures)
    if (figure.value.is_number()) {
      EXPECT_TRUE(std::isfinite(figure.value.as_number())) << figure.name;
    }
  run_tiny(max, section({{"readout", "max"}}));
  EXPECT_EQ(max.find("decision_in_trough"), nullptr);
  EXPECT_EQ(max.exhibit<Chart>("decision"), nullptr);
  run_tiny(none, section({{"rule", "none"}}), {{"observer_samples", 0}});
  EXPECT_EQ(none.find("ideal_observer_accuracy"), nullptr);
  EXPECT_EQ(none.number("accuracy_without_inhibition"), none.number("accuracy_without_inhibition"));
}

TEST(DaleLocalisation, WithoutInhibitionThereIsNothingToSilence) {
  Desk desk;
  run_tiny(desk, section({{"inhibitory_fraction", 0}}));
  EXPECT_EQ(desk.number("accuracy_without_inhibition"), desk.number("test_accuracy"));
  EXPECT_EQ(desk.number("negative_share_w2"), 0);
}

TEST(DaleLocalisation, FiguresDoNotDependOnThreads) {
  Desk one(1), two(2);
  run_tiny(one), run_tiny(two);
  ASSERT_EQ(one.figures.size(), two.figures.size());
  for (const Figure& figure : one.figures)
    if (figure.value.is_number() && figure.unit != "s") {
      EXPECT_EQ(two.number(figure.name), figure.value.as_number()) << figure.name;
    }
}

TEST(DaleLocalisation, GoesOnWhereItWasStopped) {
  Desk whole, stopped;
  run_tiny(whole);
  for (const char* phase : {"train", "ablate"}) {
    stopped.stop_in = phase;
    EXPECT_THROW(run_tiny(stopped), Interrupted) << phase;
    EXPECT_TRUE(stopped.resumed()) << phase;
    stopped.stop_after(-1);
  }
  stopped.stop_in.clear(), stopped.figures.clear();
  run_tiny(stopped);
  for (const Figure& figure : whole.figures)
    if (figure.value.is_number() && figure.unit != "s") {
      EXPECT_EQ(stopped.number(figure.name), figure.value.as_number()) << figure.name;
    }
}

TEST(DaleLocalisation, NamesSettingsAsTheUserWritesThem) {
  Desk desk;
  try {
    run_tiny(desk, {}, {{"task", section({{"dt", 0.01}})}});
    FAIL() << "not refused";
  } catch (const SpecError& error) {
    ASSERT_EQ(error.faults().size(), 1u);
    EXPECT_EQ(error.faults()[0].key, "task.dt");
  }
}

}  // namespace
}  // namespace neurarium
