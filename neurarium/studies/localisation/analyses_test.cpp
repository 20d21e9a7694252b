// What dale-localisation says of a network: the whole study on tiny sizes. (decision_test.cpp and coincidence_test.cpp: its analyses alone.)
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurarium/studies/localisation/localisation_analyses.hpp"
#include "neurarium/studies/localisation/sound_pictures.hpp"
#include "neurarium/studies/localisation/weight_pictures.hpp"
#include "neurarium/train/evaluation.hpp"
#include "tests/contracts/study_desk.hpp"

namespace neurarium {
namespace {

/// Is told to stop when a phase begins.
struct StoppingDesk : Desk {
  void progress(const Progress& now) override {
    if (now.phase == stop_in) stop_after(1);  // the next look at the stop token answers yes
  }
  std::string stop_in;
};

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
  desk.run("dale-localisation", table);
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
    EXPECT_NE(desk.find<Picture>(name), nullptr) << name;
  for (const char* name :
       {"loss", "accuracy", "angles", "confusion", "example_membranes", "example_cumulative", "tuning", "coincidence",
        "decision", "phase_locking", "intervals", "regularity", "synchrony", "ablation"})
    EXPECT_NE(desk.find<Chart>(name), nullptr) << name;
  for (const char* name : {"units", "without_inhibition"}) EXPECT_NE(desk.find<Table>(name), nullptr) << name;
  EXPECT_EQ(desk.find<Chart>("example_cumulative")->traces.size(), 4u);
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
  const auto& now = desk.find<Chart>("example_membranes")->traces[0].y;
  const auto& sum = desk.find<Chart>("example_cumulative")->traces[0].y;
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
    return std::pair(desk.find<Picture>("example")->pixels, desk.find<Chart>("example_membranes")->traces[0].y);
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
    return desk.find<Chart>("example_membranes")->traces[0].y;
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
  EXPECT_FALSE(silent.has_figure("interval_cv"));
  for (const Figure& figure : silent.figures)
    if (figure.value.is_number()) {
      EXPECT_TRUE(std::isfinite(figure.value.as_number())) << figure.name;
    }
  run_tiny(max, section({{"readout", "max"}}));
  EXPECT_FALSE(max.has_figure("decision_in_trough"));
  EXPECT_EQ(max.find<Chart>("decision"), nullptr);
  EXPECT_EQ(max.find<Chart>("example_cumulative")->caption.find("is the answer"), std::string::npos);
  run_tiny(none, section({{"rule", "none"}}), {{"observer_samples", 0}});
  EXPECT_FALSE(none.has_figure("ideal_observer_accuracy"));
  EXPECT_EQ(none.number("accuracy_without_inhibition"), none.number("accuracy_without_inhibition"));
}

TEST(DaleLocalisation, CountsTheSpikesOfOutputsThatFire) {
  const Value late = section({{"inhibitory_fraction", 0}, {"threshold", 0.3}}),
              same_step = with(late, {{"spike", "same_step"}, {"reset", "subtract"}, {"recurrent", true}}),
              learned = with(late, {{"learn_time_constants", true}, {"tau_readout", 0.02}}),
              silent = section({{"inhibitory_fraction", 1}});
  for (const Value& model : {late, same_step, learned, silent}) {
    const bool fires = model.find("threshold") != nullptr;
    Desk desk;
    run_tiny(desk, with(model, {{"readout", "count"}}));
    for (const Figure& figure : desk.figures)
      if (figure.value.is_number()) {
        EXPECT_TRUE(std::isfinite(figure.value.as_number())) << figure.name;
      }
    EXPECT_FALSE(desk.has_figure("decision_in_trough"));
    EXPECT_EQ(desk.find<Chart>("decision"), nullptr);
    EXPECT_TRUE(std::ranges::any_of(desk.exhibits, [](const Exhibit& shown) {
      const auto* remark = std::get_if<Remark>(&shown);
      return remark && remark->text.find("Here it is count") != std::string::npos;
    }));
    // the sound of the page, asked again: what the lines end with are the counts that the network answers
    const auto network = network_with<Trainable>(desk.kept.at("").state, house(), "a test");
    InterauralPhaseParams task;
    task.steps = 40, task.fibres = 6, task.classes = 4, task.phase = "per_sample";
    const StepSpikes sound = sound_of(task, LocalisationAnalysisParams().angle, 0, desk.seed(), 7);
    const Tensor<double> counts = to_tensor<double>(answers_of(*network, sound, desk).view());
    const Chart *sums = desk.find<Chart>("example_cumulative"), *now = desk.find<Chart>("example_membranes");
    ASSERT_TRUE(sums && now && sums->traces.size() == 4);
    double all = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_EQ(sums->traces[k].y.back(), counts(0, k)) << k;
      EXPECT_EQ(now->traces[k].y.size(), 40u);
      all += counts(0, k);
    }
    EXPECT_EQ(all > 0, fires);
  }
}

TEST(DaleLocalisation, AnotherTimeConstantIsThatOfOutputsThatFireToo) {
  const auto drawn = [](double tau, bool learns) {
    Desk desk;
    run_tiny(
        desk,
        section(
            {{"inhibitory_fraction", 0}, {"threshold", 0.3}, {"readout", "count"}, {"learn_time_constants", learns}}),
        {{"analysis", section({{"tau", tau}})}});
    return desk.find<Chart>("example_membranes")->traces[0].y;
  };
  EXPECT_EQ(drawn(0, false), drawn(5e-3, false));
  EXPECT_NE(drawn(0, false), drawn(0.05, false));
  EXPECT_NE(drawn(0, true), drawn(0.05, true));
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
  expect_same_results(one, two);
}

TEST(DaleLocalisation, GoesOnWhereItWasStopped) {
  Desk whole;
  StoppingDesk stopped;
  run_tiny(whole);
  for (const char* phase : {"train", "ablate"}) {
    stopped.stop_in = phase;
    EXPECT_THROW(run_tiny(stopped), Interrupted) << phase;
    EXPECT_TRUE(stopped.resumed()) << phase;
    stopped.stop_after(-1);
  }
  stopped.stop_in.clear(), stopped.figures.clear();
  run_tiny(stopped);
  expect_same_results(whole, stopped);
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
