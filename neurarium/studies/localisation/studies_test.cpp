// dale-ratio and dale-inhibition-site, on tiny sizes: that sounds are shared where they say so, that any share of inhibition works, that
// neither threads nor a stop change a bit; and the arithmetic of what they say.
#include "neurarium/studies/localisation/studies.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "neurarium/core/rng.hpp"
#include "neurarium/data/interaural_dataset.hpp"
#include "neurarium/studies/localisation/ratio_findings.hpp"
#include "neurarium/studies/localisation/tiny_study_test.hpp"
#include "neurarium/train/evaluation.hpp"

namespace neurarium {
namespace {

TEST(TrainAll, TrainsOnTheSameSoundsAndTestsOnItsOwn) {
  // Training k by hand: the shared sets by the run's seed, the test set by its number, the rest by the seed of the training.
  const LocalisationSettings settings = tiny();
  Desk desk;
  const std::vector<LocalisationPlan> plans(3, {settings.model, "one", nullptr});
  const auto all = train_all(settings, plans, desk);
  ASSERT_EQ(all.size(), 3u);
  const auto set = [&](const std::string& name, std::size_t samples) {
    return LocalisationSet(settings.task, samples, desk.seed(), name, 0, desk.pool());
  };
  const LocalisationSet training = set("training", 64), validation = set("validation", 32);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(all[k].seed, philox(Stream(3, "localisation.runs"), {0, static_cast<std::uint32_t>(k)})[0]);
    BareContext own(house(), 1, all[k].seed);
    const TrainedLocalisation expected =
        train_localisation(settings, training, validation, set("test." + std::to_string(k), 32), own);
    EXPECT_EQ(all[k].train_accuracy, expected.training.accuracy);
    EXPECT_EQ(all[k].validation_accuracy, expected.validation.accuracy);
    EXPECT_EQ(all[k].test_accuracy, expected.test.accuracy);
    ASSERT_EQ(all[k].history.size(), expected.history.size());
    for (std::size_t e = 0; e < all[k].history.size(); ++e) {
      EXPECT_EQ(all[k].history[e].loss, expected.history[e].loss);
      EXPECT_EQ(all[k].history[e].held_out_loss, expected.history[e].held_out_loss);
    }
  }
  EXPECT_NE(all[0].history[0].loss, all[1].history[0].loss);  // other weights
}

TEST(TrainLocalisation, RefusesWhatChangesNumbers) {
  const auto train_with = [](auto change) {
    LocalisationSettings settings = tiny();
    change(settings.train);
    Desk desk;
    const LocalisationSet set(settings.task, 32, 1, "training", 0, desk.pool());
    train_localisation(settings, set, set, set, desk);
  };
  EXPECT_NO_THROW(train_with([](TrainParams&) {}));
  EXPECT_THROW(train_with([](TrainParams& train) { train.augmentation.shift = 1; }), SpecError);
  EXPECT_THROW(train_with([](TrainParams& train) {
                 train.adversarial.epsilon = 0.1, train.adversarial.bounds = {0, 1};
               }),
               SpecError);
}

TEST(TrainLocalisation, SoundsOfEachEpochAreNewIfTheirPhaseIs) {
  const auto losses = [](const char* phase) {
    LocalisationSettings settings = tiny();
    settings.task.phase = phase;
    Desk desk;
    const auto set = [&](const char* name) { return LocalisationSet(settings.task, 64, 1, name, 0, desk.pool()); };
    const EpochHistory history =
        train_localisation(settings, set("training"), set("validation"), set("test"), desk).history;
    return std::pair(history.at(0).loss, history.at(1).loss);
  };
  const auto same_sounds = losses("per_sample"), new_sounds = losses("per_epoch");
  EXPECT_EQ(same_sounds.first, new_sounds.first);
  EXPECT_NE(same_sounds.second, new_sounds.second);
}

TEST(TrainAll, TestsOnTheGivenSet) {
  const LocalisationSettings settings = tiny();
  Desk desk;
  const LocalisationSet test(settings.task, 8, 99, "another", 0, desk.pool());
  const std::vector<LocalisationPlan> plans(1, {settings.model, "one", &test});
  const double eighths = 8 * train_all(settings, plans, desk)[0].test_accuracy;
  EXPECT_EQ(eighths, std::round(eighths));
}

TEST(TrainAll, SameBitsForAnyThreadsAndAfterAStop) {
  const LocalisationSettings settings = tiny();
  const std::vector<LocalisationPlan> plans(4, {settings.model, "one", nullptr});
  Desk one, two(2), stopped;
  const auto expected = train_all(settings, plans, one), other = train_all(settings, plans, two);
  stopped.stop_after(20);  // in the third training
  EXPECT_THROW(train_all(settings, plans, stopped), Interrupted);
  const auto saved = stopped.resumed();
  ASSERT_TRUE(saved);
  EXPECT_NE(saved->find("run.1.figures"), nullptr);
  EXPECT_EQ(saved->find("run.3.figures"), nullptr);
  stopped.stop_after(-1);
  const auto resumed = train_all(settings, plans, stopped);
  const auto after = stopped.resumed(), never_stopped = one.resumed();
  ASSERT_TRUE(after && never_stopped);
  ASSERT_EQ(after->arrays.size(), never_stopped->arrays.size());
  for (const auto& [name, array] : never_stopped->arrays) {
    ASSERT_NE(after->find(name), nullptr) << name;
    EXPECT_TRUE(same(*after->find(name), array)) << name;
  }
  for (const auto* found : {&other, &resumed})
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_EQ((*found)[k].test_accuracy, expected[k].test_accuracy);
      EXPECT_EQ((*found)[k].seed, expected[k].seed);
      EXPECT_EQ((*found)[k].hidden_rate_hz, expected[k].hidden_rate_hz);
      EXPECT_EQ((*found)[k].history.back().loss, expected[k].history.back().loss);
      EXPECT_TRUE(same((*found)[k].hidden_weight, expected[k].hidden_weight));
      EXPECT_TRUE(same((*found)[k].output_weight, expected[k].output_weight));
    }
}

TEST(TrainAll, SaysWhichNetworkDiverged) {
  LocalisationSettings settings = tiny();
  settings.train.optimiser = {"sgd", Value::table()};
  settings.train.optimiser.settings.set("learning_rate", 1e38);
  const std::vector<LocalisationPlan> plans(2, {settings.model, "the only one", nullptr});
  Desk desk(2);
  try {
    train_all(settings, plans, desk);
    FAIL() << "did not diverge";
  } catch (const NumericError& error) {
    EXPECT_TRUE(error.where().starts_with("the only one: ")) << error.where();
  }
}

TEST(DaleRatioStudy, AnyShareWorksAndSilenceIsNoNumberLost) {
  Desk desk(2);
  run_tiny(desk, "dale-ratio", {{"fractions", list({0, 0.5, 1})}, {"repeats", 2}});
  EXPECT_EQ(desk.numbers("fractions"), (std::vector<double>{0, 0.5, 1}));
  const auto rates = desk.numbers("hidden_rate_hz");
  EXPECT_GT(rates[0], 0);
  EXPECT_EQ(rates[2], 0);  // who is only inhibited never fires
  for (const char* name : {"train_mean", "validation_mean", "test_mean", "test_sd", "test_sd_sample", "test_low"})
    for (const double x : desk.numbers(name)) EXPECT_TRUE(std::isfinite(x)) << name;
  const auto tests = desk.arrays.at("test_accuracy");
  ASSERT_EQ(tests.shape(), (Shape{3, 2}));
  for (std::size_t i = 0; i < 3; ++i) {
    const double a = tests.as<double>()(i, 0), b = tests.as<double>()(i, 1);
    EXPECT_NEAR(desk.numbers("test_mean")[i], (a + b) / 2, 1e-15);
    EXPECT_NEAR(desk.numbers("test_sd")[i], std::abs(a - b) / 2, 1e-15);                    // ddof 0
    EXPECT_NEAR(desk.numbers("test_sd_sample")[i], std::abs(a - b) / std::sqrt(2), 1e-15);  // ddof 1
  }
}

TEST(DaleRatioStudy, SignsAreThoseOfTheShare) {
  Desk desk;
  LocalisationSettings settings = tiny();
  std::vector<LocalisationPlan> plans;
  for (const double f : {0., 0.5, 1.}) {
    plans.push_back({settings.model, "one", nullptr});
    plans.back().model.inhibitory_fraction = f;
  }
  const auto all = train_all(settings, plans, desk);
  const std::size_t expected[] = {0, 6, 12};  // of 12 fibres
  for (std::size_t k = 0; k < 3; ++k) {
    const Tensor<double> w = to_tensor<double>(all[k].hidden_weight.view());
    std::size_t inhibitory = 0;
    for (std::size_t i = 0; i < 12; ++i) {
      bool below = false, above = false;
      for (std::size_t j = 0; j < 6; ++j) below |= w(i, j)<0, above |= w(i, j)> 0;
      EXPECT_NE(below, above);
      inhibitory += below;
    }
    EXPECT_EQ(inhibitory, expected[k]);
  }
}

TEST(DaleRatioStudy, MoreRepeatsLeaveTheFirstAsTheyAre) {
  Desk few, many;
  run_tiny(few, "dale-ratio", {{"fractions", list({0.2, 0.5})}, {"repeats", 1}});
  run_tiny(many, "dale-ratio", {{"fractions", list({0.2, 0.5})}, {"repeats", 2}});
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_EQ(few.arrays.at("test_accuracy").as<double>()(i, 0), many.arrays.at("test_accuracy").as<double>()(i, 0));
  EXPECT_NE(few.said.find("one network each"), std::string::npos) << few.said;
}

TEST(DaleRatioStudy, RefusesWhatItCannotDo) {
  Desk desk;
  EXPECT_THROW(run_tiny(desk, "dale-ratio", {{"fractions", list({0.5, 0.2})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "dale-ratio", {{"fractions", list({0.5, 1.2})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "dale-ratio", {{"fractions", list({})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "dale-ratio", {{"model", section({{"rule", "none"}})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "dale-ratio", {{"model", section({{"inhibitory_fraction", 0.3}})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "dale-inhibition-site", {{"model", section({{"inhibition", "fibres"}})}}), SpecError);
  EXPECT_THROW(run_tiny(desk, "dale-inhibition-site", {{"model", section({{"rule", "none"}})}}), SpecError);
}

TEST(DaleInhibitionSiteStudy, EverySiteAndEveryNetwork) {
  Desk desk;
  run_tiny(desk, "dale-inhibition-site", {{"repeats", 2}});
  const Value::List& sites = desk.figure("site_accuracy").as_list();
  ASSERT_EQ(sites.size(), 3u);
  for (std::size_t s = 0; s < 3; ++s) {
    ASSERT_EQ(sites[s].as_list().size(), 2u);
    for (std::size_t r = 0; r < 2; ++r)
      EXPECT_EQ(sites[s].as_list()[r].as_number(), desk.arrays.at("site_accuracy").as<double>()(s, r));
  }
  EXPECT_EQ(desk.numbers("loss_by_w1_positive").size(), 3u);
}

TEST(DaleInhibitionSiteStudy, OutputsMayFire) {
  Desk desk;
  run_tiny(desk, "dale-inhibition-site", {{"repeats", 1}, {"model", section({{"hidden", 6}, {"readout", "count"}})}});
  for (const char* name : {"site_mean", "hidden_rate_hz"})
    for (const double x : desk.numbers(name)) EXPECT_TRUE(std::isfinite(x)) << name;
  for (const auto& [member, kept] : desk.kept) {
    const Value::List& layers = kept.state.description.settings.find("layers")->as_list();
    EXPECT_EQ(layers.back().find("type")->as_text(), "spike_count") << member;
  }
  EXPECT_EQ(desk.kept.size(), 3u);
}

TEST(DaleInhibitionSiteStudy, KeepsItsNetworksWithTheSoundsOfTheTest) {
  Desk desk;
  run_tiny(desk, "dale-inhibition-site", {{"repeats", 2}});
  const std::string sites[] = {"both-mixed", "w1-positive", "w2-positive"};
  ASSERT_EQ(desk.kept.size(), 6u);
  for (std::size_t s = 0; s < 3; ++s)
    for (std::size_t r = 0; r < 2; ++r) {
      const TrainedNetwork& kept = desk.kept.at(sites[s] + "-repeat-" + std::to_string(r + 1));
      const Dataset sounds = interaural_dataset(kept.dataset);
      const auto model = network_with<Trainable>(kept.state, house(), "a test");
      EXPECT_EQ(evaluate(*model, sounds.test, 1, desk).accuracy, desk.arrays.at("site_accuracy").as<double>()(s, r));
    }
}

TEST(DaleRatioStudy, KeepsTheSameNetworksAfterAStop) {
  const std::vector<std::pair<std::string, Value>> settings = {{"fractions", list({0.2, 0.5})}, {"repeats", 2}};
  Desk once, stopped;
  run_tiny(once, "dale-ratio", settings);
  ASSERT_EQ(once.kept.size(), 4u);
  stopped.stop_after(20);
  EXPECT_THROW(run_tiny(stopped, "dale-ratio", settings), Interrupted);
  stopped.stop_after(-1);
  run_tiny(stopped, "dale-ratio", settings);
  std::set<std::string> hashes;
  for (const auto& [name, network] : once.kept) {
    EXPECT_EQ(content_hash(stopped.kept.at(name).state), content_hash(network.state)) << name;
    hashes.insert(content_hash(network.state));
  }
  EXPECT_EQ(hashes.size(), 4u);
  EXPECT_EQ(once.kept.count("fraction-0.5-repeat-2"), 1u);
}

RatioFindings made_up(std::vector<std::pair<double, std::vector<double>>> tests) {
  RatioFindings found;
  for (auto& [fraction, accuracies] : tests) {
    RatioCondition& condition = found.conditions.emplace_back();
    condition.fraction = fraction;
    for (const double a : accuracies) condition.runs.emplace_back().test_accuracy = a;
  }
  return found;
}

TEST(RatioAnswer, SaysWhetherTheClaimHeld) {
  EXPECT_NE(
      ratio_answer(made_up({{0, {.4, .41, .42}}, {0.5, {.8, .81, .82}}, {1, {.1, .11, .12}}})).find("best\": held."),
      std::string::npos);
  EXPECT_NE(ratio_answer(made_up({{0.2, {.7, .8, .9}}, {0.5, {.75, .8, .86}}})).find("not shown, 0.2 is as good"),
            std::string::npos);
  EXPECT_NE(ratio_answer(made_up({{0.2, {.9, .91, .92}}, {0.5, {.5, .51, .52}}})).find("not so here"),
            std::string::npos);
}

}  // namespace
}  // namespace neurarium
