// The study as a whole: its figures, its verdicts, and what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/neurarium.hpp"
#include "neurarium/studies/eventprop/anatomy_exhibits.hpp"
#include "neurarium/studies/eventprop/stored_anatomy_test.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium::anatomy {
namespace {

using contracts::TestContext;

const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

void run_on(TestContext& context, const Value& settings) {
  const Experiment experiment = resolve({"eventprop-anatomy", {}, settings}, house());
  house().make<Study>("study", {experiment.study, experiment.settings}, experiment.study)->run(context);
}

const Figure& figure(const TestContext& context, const std::string& name) {
  for (const Figure& f : context.figures)
    if (f.name == name) return f;
  throw InternalError("no figure " + name);
}

double number(const TestContext& context, const std::string& name) { return figure(context, name).value.as_number(); }

std::vector<double> list(const Value& value) {
  std::vector<double> all;
  for (const Value& x : value.as_list()) all.push_back(x.as_number());
  return all;
}

Value settings_of(std::initializer_list<std::pair<const char*, Value>> entries) {
  Value settings = Value::table();
  for (const auto& [key, value] : entries) settings.set(key, value);
  return settings;
}

/// Small and quick, unless said otherwise.
Value tiny(std::initializer_list<std::pair<const char*, Value>> entries) {
  Value settings = settings_of({{"total_ms", 400.},
                                {"fine_dt", 0.5},
                                {"dt_steps", Value::List{1., 0.5}},
                                {"largest_spacing", 20.},
                                {"repeats", 2},
                                {"r_max", Value::List{10., 100.}}});
  for (const auto& [key, value] : entries) settings.set(key, value);
  return settings;
}

TEST(EventpropAnatomy, EveryPrintedNumberOfTheNotebook) {
  TestContext context(house(), 1, 0);
  run_on(context, Value::table());
  const auto digits = [&](const char* name, double printed, double relative) {
    EXPECT_NEAR(number(context, name), printed, relative * printed) << name;
    EXPECT_EQ(figure(context, name).reference.as_number(), printed) << name;
  };
  digits("mean_v_dt1", 0.0064685114737184106, 1e-15);
  digits("mean_i_dt1", 0.007142857142857143, 1e-15);
  digits("mean_v_dt001", 0.007135718450596187, 1e-12);
  digits("mean_i_dt001", 0.0071428571428571435, 1e-12);
  digits("lambda_sum", 0.00035920105593634233, 1e-15);
  digits("integral_adjoint_sum", 5.000000000000002, 1e-15);
  EXPECT_EQ(list(figure(context, "spike_positions").value), (std::vector<double>{1299, 1249}));
  EXPECT_NEAR(list(figure(context, "lambda_at_spikes").value)[0], 3.02033966e-04, 5e-13);
  EXPECT_NEAR(list(figure(context, "lambda_at_spikes").value)[1], 5.71670902e-05, 5e-14);
  EXPECT_NEAR(number(context, "epsp_peak"), 1.289034978, 5e-10);
  EXPECT_EQ(number(context, "epsp_peak_step"), 109);
  EXPECT_EQ(figure(context, "lambda_histogram").value.as_list().size(), 10u);
  const Value::List& totals = figure(context, "poisson_total").value.as_list();
  ASSERT_EQ(totals.size(), 5u);
  for (const Value& row : totals) EXPECT_EQ(row.as_list().size(), 10u);
  double counted = 0;
  for (const double count : list(figure(context, "lambda_histogram").value)) counted += count;
  EXPECT_EQ(counted, number(context, "poisson_spikes"));
  // What the notebook could not see.
  EXPECT_NEAR(list(figure(context, "exact_lambda_at_spikes").value)[0], 1.3925e-4, 5e-9);
  EXPECT_NEAR(list(figure(context, "exact_lambda_at_spikes").value)[1], -1.3925e-4, 5e-9);
  EXPECT_NEAR(number(context, "exact_lambda_sum"), 0, 1e-13);
  EXPECT_LT(number(context, "poisson_exact_largest"), 1e-12);
  EXPECT_LT(number(context, "label_difference"), 1e-12);
  EXPECT_EQ(number(context, "spacing_count"), 200);
  EXPECT_EQ(number(context, "spacing_apart_exact"), 200);
  EXPECT_GT(number(context, "spacing_wrong_sign"), 100);
  EXPECT_TRUE(figure(context, "claim_moved_apart").value.as_bool());
  EXPECT_FALSE(figure(context, "claim_generally_positive").value.as_bool());
  EXPECT_FALSE(figure(context, "claim_poisson_total_grows").value.as_bool());
  EXPECT_FALSE(figure(context, "claim_does_not_explain_hidden_gradient").value.as_bool());
  EXPECT_TRUE(figure(context, "claim_psp_differs_by_dt").value.as_bool());
  EXPECT_LE(context.figures.size(), 60u);  // more, and the page hides some
}

TEST(EventpropAnatomy, StudyOfDtIsThatOfTheSciencePage) {
  AnatomyParams params;
  params.repeats = 1, params.r_max = {200};
  const AnatomyFindings found = look_into(params, 0, [](double) {});
  const auto row = [&](double dt) -> const DtRow& {
    for (const DtRow& each : found.dt_study)
      if (each.dt == dt) return each;
    throw InternalError("no such dt");
  };
  EXPECT_NEAR(row(1).euler[0], 3.02e-4, 5e-7);
  EXPECT_NEAR(row(1).euler[1], 0.57e-4, 5e-7);
  EXPECT_NEAR(row(0.1).euler[0], 1.56e-4, 5e-7);
  EXPECT_NEAR(row(0.1).euler[1], -1.19e-4, 5e-7);
  EXPECT_NEAR(row(0.01).euler[0], 1.409e-4, 5e-8);
  EXPECT_NEAR(row(0.01).euler[1], -1.373e-4, 5e-8);
  // The total of a random train, too, is an error in proportion to dt.
  EXPECT_NEAR(row(0.02).random_total / row(0.01).random_total, 2, 0.01);
}

TEST(EventpropAnatomy, RandomTotalsSpreadAsNumPysOwn) {
  const StoredAnatomy stored;
  const std::vector<double> mean = stored.numbers("poisson/total_mean"), sd = stored.numbers("poisson/total_sd");
  AnatomyParams params;
  params.repeats = 60, params.fine_dt = 1, params.dt_steps = {1}, params.largest_spacing = 1;
  const AnatomyFindings found = look_into(params, 3, [](double) {});
  ASSERT_EQ(found.random.size(), 5u);
  for (std::size_t k = 0; k < 5; ++k) {
    // The stored mean is of 1,000 trains.
    const double error = sd[k] * std::sqrt(1. / 60 + 1. / 1000);
    EXPECT_NEAR(found.random[k].euler_mean(), mean[k], 4 * error) << params.r_max[k];
    // 0 but for what is left of V at the trial's end after a late spike.
    for (const double total : found.random[k].exact_totals) EXPECT_NEAR(total, 0, 1e-7);
  }
  // The notebook's own means, of ten trains each (of five, for the last).
  const std::vector<double> printed = {.00082, .00168, .0045, .0100, .0277};
  for (std::size_t k = 0; k < 5; ++k)
    EXPECT_NEAR(found.random[k].euler_mean(), printed[k], 4 * sd[k] * std::sqrt(1. / 60 + 1. / (k == 4 ? 5 : 10)));
}

TEST(EventpropAnatomy, TrainsWithoutSpikesCountZero) {
  AnatomyParams params;
  params.r_max = {0, 1}, params.repeats = 3, params.fine_dt = 1, params.dt_steps = {1}, params.largest_spacing = 1;
  const AnatomyFindings found = look_into(params, 0, [](double) {});
  EXPECT_EQ(found.random[0].euler_totals, std::vector<double>(3, 0.));
  EXPECT_EQ(found.random[0].spikes, std::vector<std::int64_t>(3, 0));
  TestContext context(house(), 1, 0);
  run_on(context, tiny({{"r_max", Value::List{0.}}}));  // not one spike: the histogram is of nothing
  EXPECT_EQ(number(context, "poisson_spikes"), 0);
}

TEST(EventpropAnatomy, NegativeWeightsAndWrongOutputs) {
  TestContext context(house(), 1, 0);
  run_on(context, tiny({{"weight", -1.}, {"total_ms", 1400.}}));
  EXPECT_TRUE(figure(context, "claim_moved_apart").value.as_bool());
  EXPECT_EQ(number(context, "spacing_apart_exact"), number(context, "spacing_count"));
  EXPECT_FALSE(figure(context, "claim_generally_positive").value.as_bool());
  EXPECT_NEAR(list(figure(context, "exact_lambda_at_spikes").value)[0], -1.212539e-4, 5e-10);
  EXPECT_TRUE(figure(context, "lambda_sum").reference.is_null());  // not the notebook's case
  // A wrong output at rest has the λ of the correct one, divided by −19.
  const std::vector<double> driven = list(figure(context, "lambda_at_spikes").value),
                            resting = list(figure(context, "resting_lambda_at_spikes").value);
  for (std::size_t k = 0; k < 2; ++k) EXPECT_NEAR(resting[k], -driven[k] / 19, 1e-15);
}

TEST(EventpropAnatomy, TheTrialsEndIsHeard) {
  TestContext context(house(), 1, 0);
  run_on(context, tiny({{"spike_times", Value::List{300., 390.}}, {"largest_spacing", 10.}}));
  EXPECT_GT(number(context, "exact_lambda_sum"), 0.1);
  EXPECT_TRUE(figure(context, "claim_generally_positive").value.as_bool());
  EXPECT_TRUE(figure(context, "claim_does_not_explain_hidden_gradient").value.as_bool());
}

TEST(EventpropAnatomy, RunsWhereFormulasAreZeroByZero) {
  for (const double tau_s : {20., 20.0000001, 60.}) {
    TestContext context(house(), 1, 0);
    run_on(context, tiny({{"tau_s", tau_s}, {"total_ms", 2000.}}));
    for (const Figure& f : context.figures) {
      const bool finite = !f.value.is_number() || std::isfinite(f.value.as_number());
      EXPECT_TRUE(finite) << f.name;
    }
    EXPECT_NEAR(number(context, "mean_v_exact"), 2 * tau_s / 2000, 1e-9);
  }
}

TEST(EventpropAnatomy, OneSpikeAndTwoOutputs) {
  TestContext context(house(), 1, 0);
  run_on(context, tiny({{"spike_times", Value::List{0.}}, {"outputs", 2}, {"total_ms", 1400.}, {"weight", 0.5}}));
  EXPECT_NEAR(list(figure(context, "exact_lambda_at_spikes").value)[0], 0, 1e-13);
  EXPECT_EQ(list(figure(context, "spike_positions").value)[0], 1399);
}

TEST(EventpropAnatomy, ShowsEveryPlotOfTheNotebook) {
  TestContext context(house(), 1, 0);
  run_on(context, tiny({}));
  std::vector<std::string> names;
  std::size_t pictures = 0;
  for (const Exhibit& exhibit : context.exhibits) {
    if (const auto* chart = std::get_if<Chart>(&exhibit)) names.push_back(chart->name);
    if (const auto* table = std::get_if<Table>(&exhibit)) names.push_back(table->name);
    pictures += std::holds_alternative<Picture>(exhibit);
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"claims", "voltage", "current", "v-difference", "lambda", "wrong-output",
                                            "dt-study", "spacing", "poisson-mean", "poisson-histogram", "integral-loss",
                                            "epsp"}));
  EXPECT_EQ(pictures, 1u);
}

TEST(EventpropAnatomy, SaysWhatIsWrong) {
  const auto refused = [](std::initializer_list<std::pair<const char*, Value>> entries, const std::string& words) {
    TestContext context(house(), 1, 0);
    try {
      run_on(context, tiny(entries));
      ADD_FAILURE() << "accepted, instead of: " << words;
    } catch (const SpecError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(words));
    }
  };
  refused({{"tau_m", 0.}}, "tau_m");
  refused({{"tau_s", -5.}}, "tau_s");
  refused({{"spike_times", Value::List{}}}, "spike_times");
  refused({{"spike_times", Value::List{100., 400.}}}, "a spike at 400 ms is outside the trial");
  refused({{"spike_times", Value::List{-1., 100.}}}, "a spike at -1 ms is outside the trial");
  refused({{"spike_times", Value::List{150., 100.}}}, "100 ms comes after 150 ms");
  refused({{"spike_times", Value::List{100., 100.}}}, "rising times");
  refused({{"spike_times", Value::List{100., 100.0000001}}}, "at no step of 1 ms of its own");
  refused({{"spike_times", Value::List{100.25}}}, "the spike at 100.25 ms is at no step of 1 ms");
  refused({{"spike_times", Value::List{399.9999999}}}, "at no step of 1 ms");
  refused({{"dt", 0.7}}, "steps of 0.7 ms do not divide total_ms of 400 ms");
  refused({{"dt", 800.}}, "do not divide");
  refused({{"fine_dt", 0.3}}, "steps of 0.3 ms do not divide dt of 1 ms");
  refused({{"fine_dt", 2.}}, "fine_dt ≤ dt");
  refused({{"fine_dt", 1e-6}}, "at most 5000000 steps");
  refused({{"dt_steps", Value::List{1., 0.3}}}, "steps of 0.3 ms do not divide dt");
  refused({{"dt_steps", Value::List{0.5, 1.}}}, "1 ms comes after 0.5 ms");
  refused({{"dt_steps", Value::List{-1.}}}, "is no step");
  refused({{"r_max", Value::List{2000.}}}, "2000 Hz is more than a spike in each step of 1 ms");
  refused({{"r_max", Value::List{-1.}}}, "is no rate");
  refused({{"largest_spacing", 300.}}, "the second spike would come at 400 ms");
  refused({{"epsp_spike", 500.}}, "epsp_spike");
  refused({{"outputs", 1}}, "outputs");
  refused({{"weight", NAN}}, "weight");
  // All at once.
  refused({{"spike_times", Value::List{500.}}, {"r_max", Value::List{-1.}}}, "is no rate");
}

TEST(EventpropAnatomy, StopsWhenAsked) {
  TestContext context(house(), 1, 0);
  context.stop_after(1);
  EXPECT_THROW(run_on(context, tiny({})), Interrupted);
}

TEST(EventpropAnatomy, SameBitsForTheSameSeed) {
  TestContext first(house(), 1, 4), second(house(), 2, 4), other(house(), 1, 5);
  for (TestContext* context : {&first, &second, &other}) run_on(*context, tiny({}));
  const auto totals = [](const TestContext& context) {
    std::vector<double> all;
    for (const Value& row : figure(context, "poisson_total").value.as_list())
      for (const double total : list(row)) all.push_back(total);
    return all;
  };
  EXPECT_EQ(totals(first), totals(second));
  EXPECT_NE(totals(first), totals(other));
}

}  // namespace
}  // namespace neurarium::anatomy
