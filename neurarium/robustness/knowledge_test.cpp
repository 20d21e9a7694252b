#include "neurarium/robustness/knowledge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/nn/build_model.hpp"
#include "neurarium/robustness/confidence.hpp"
#include "neurarium/robustness/stored_scores_test.hpp"

namespace neurarium {
namespace {

Value one_layer(const char* type, std::int64_t units) {
  Value table = Value::table();
  table.set("type", type);
  table.set("units", units);
  return table;
}

/// Logits = the five inputs; a finite Gaussian one, if asked, multiplies them by g around 0, where σ = 20.
std::unique_ptr<Trainable> mirror(const char* type = "dense", const char* loss = "cross_entropy") {
  static const Registry house = builtin_registry();
  Value settings = Value::table(), the_loss = Value::table();
  the_loss.set("type", loss);
  settings.set("layers", Value::List{one_layer(type, 5)});
  settings.set("inputs", Value::List{std::int64_t{5}});
  settings.set("scalar", "float64");
  settings.set("loss", the_loss);
  auto model = build_model<Trainable>({"sequential", settings}, house, "a test");
  for (const NamedView& p : model->parameters()) {
    const auto numbers = p.values.as<double>().flat();
    std::ranges::fill(numbers, p.name.ends_with("log_width") ? std::log(20 / std::sqrt(5)) : 0);
    if (p.name.ends_with("weight"))
      for (std::size_t i = 0; i < 5; ++i) numbers[6 * i] = 1;
  }
  return model;
}

/// The stored logits, half of them clean and half held out, with a foreign set around 0.
struct Samples {
  Array x = stored_scores("logits"), y = stored_scores("labels"), strange{DType::f64, {150, 5}};
  Samples() {
    for (double& z : x.as<double>().flat()) z *= 3;
    fill_uniform(Stream(1, "strange"), {}, -1, 1, strange.as<double>().flat());
  }
  KnowledgeQuestion question() const {
    return {{x.view().rows(0, 300), y.view().rows(0, 300)},
            {x.view().rows(300, 300), y.view().rows(300, 300)},
            1,
            {known_data("strange", "strange samples", strange, 1), scaled_data(x.view().rows(0, 300), 1, 100)}};
  }
};

Answers told(ArrayView x) { return {to_tensor<double>(x), {}}; }

TEST(Knowledge, IsTheScoresOfWhatTheNetworkSays) {
  const Samples samples;
  const KnowledgeQuestion question = samples.question();
  WorkerPool pool(2);
  std::vector<std::string> sets;
  const Knowledge found =
      what_it_knows(*mirror(), question, pool, [&](const std::string& set) { sets.push_back(set); });
  EXPECT_EQ(sets,
            (std::vector<std::string>{"clean samples", "held-out samples", "strange samples", "data\u00a0×\u00a0100"}));
  const Answers clean = told(question.clean.x), held_out = told(question.held_out.x), strange = told(samples.strange);
  const auto labels = question.clean.y.as<std::int64_t>().flat();
  EXPECT_EQ(found.samples, 300u);
  EXPECT_EQ(found.classes, 5u);
  const std::vector<bool> right = right_answers(clean.logits.view(), labels);
  EXPECT_DOUBLE_EQ(found.accuracy, static_cast<double>(std::ranges::count(right, true)) / 300);
  const double t = fit_temperature(held_out.logits.view(), question.held_out.y.as<std::int64_t>().flat()).temperature;
  ASSERT_TRUE(found.temperature);
  EXPECT_NEAR(found.temperature->temperature, t, 1e-12);
  EXPECT_LT(found.after->expected_error, found.before.expected_error);  // the logits were made three times too sure

  ASSERT_EQ(found.scores.size(), 4u);
  for (std::size_t s = 0; s < 3; ++s) {
    const ScoreFinding& score = found.scores[s];
    EXPECT_EQ(score.name, score_names()[s]);
    const auto known = familiarity(score.name, clean);
    const Detection expected = detection(known, familiarity(score.name, strange));
    EXPECT_NEAR(score.detection[0].auroc, expected.auroc, 1e-12) << score.name;
    EXPECT_NEAR(score.detection[0].fpr95, expected.fpr95, 1e-12) << score.name;
    EXPECT_NEAR(score.clean.area, risk_coverage(known, right).area, 1e-12) << score.name;
    EXPECT_GE(score.refusal.answered, 0.95);
    EXPECT_LT(score.refusal.answered, 0.96);
  }
  EXPECT_EQ(found.scores[3].name, "tempered-softmax");
  EXPECT_GT(found.scores[0].detection[0].auroc, 0.9);  // near 0 it is unsure,
  EXPECT_LT(found.scores[0].detection[1].auroc, 0.2);  // and far away surest of all
  EXPECT_GT(found.foreign[1].mean_confidence, 0.99);
  EXPECT_NEAR(found.foreign[0].mean_confidence, mean_of(familiarity("max-softmax", strange)), 1e-12);
  EXPECT_NEAR(*found.foreign[0].tempered_confidence, mean_of(largest_of(softmax_at(strange.logits.view(), t).view())),
              1e-12);
  EXPECT_EQ(found.foreign[0].confidence.size(), 150u);
}

TEST(Knowledge, OfAFiniteNetworkHasItsSupport) {
  const Samples samples;
  WorkerPool pool(1);
  const Knowledge found = what_it_knows(*mirror("finite_gaussian"), samples.question(), pool);
  ASSERT_EQ(found.scores.size(), 5u);
  EXPECT_EQ(found.scores[3].name, "support");
  EXPECT_GT(found.scores[3].detection[1].auroc, 0.999);  // a hundred times away there is none
  EXPECT_LT(found.scores[3].detection[0].auroc, 0.1);    // and around 0 there is most
  EXPECT_NEAR(found.foreign[1].mean_confidence, 0.2, 1e-3);
}

TEST(Knowledge, IsTheSameForAnyNumberOfThreads) {
  const Samples samples;
  const auto model = mirror("finite_gaussian");
  WorkerPool one(1), three(3);
  const Knowledge a = what_it_knows(*model, samples.question(), one),
                  b = what_it_knows(*model, samples.question(), three);
  EXPECT_EQ(a.confidence, b.confidence);
  EXPECT_EQ(a.before.expected_error, b.before.expected_error);
  EXPECT_EQ(a.temperature->temperature, b.temperature->temperature);
  for (std::size_t s = 0; s < a.scores.size(); ++s) {
    EXPECT_EQ(a.scores[s].clean.risk, b.scores[s].clean.risk);
    EXPECT_EQ(a.scores[s].detection[0].aupr_out, b.scores[s].detection[0].aupr_out);
  }
}

TEST(Knowledge, SaysWhyThereIsNoTemperature) {
  const Samples samples;
  KnowledgeQuestion question = samples.question();
  WorkerPool pool(1);
  Array sure(DType::f64, {5, 5}), own(DType::i64, {5});
  for (std::size_t i = 0; i < 5; ++i)
    sure.as<double>()(i, i) = 9, own.as<std::int64_t>()(i) = static_cast<std::int64_t>(i);
  question.held_out = {sure, own};
  const Knowledge all_right = what_it_knows(*mirror(), question, pool);
  EXPECT_FALSE(all_right.temperature);
  EXPECT_FALSE(all_right.after);
  EXPECT_NE(all_right.why_no_temperature.find("none of the 5 samples is wrong"), std::string::npos);
  EXPECT_EQ(all_right.scores.size(), 3u);
  question.held_out = {ArrayView{}, ArrayView{}};
  EXPECT_EQ(what_it_knows(*mirror(), question, pool).why_no_temperature, "");
}

template <class E>
void expect_refused(const Trainable& model, const KnowledgeQuestion& question, const std::string& words) {
  WorkerPool pool(1);
  try {
    what_it_knows(model, question, pool);
    ADD_FAILURE() << "expected: " << words;
  } catch (const E& error) {
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

TEST(Knowledge, RefusesWhatCannotBeTold) {
  const Samples samples;
  const KnowledgeQuestion good = samples.question();
  expect_refused<SpecError>(*mirror("dense", "squared_error"), good, "no logits");
  KnowledgeQuestion bad = good;
  bad.clean.y = {};
  expect_refused<DataError>(*mirror(), bad, "have no labels");
  const Array wide(DType::f32, {4, 6});
  bad = good;
  bad.foreign = {known_data("wide", "samples of another shape", wide, 1)};
  expect_refused<ShapeError>(*mirror(), bad, "samples of another shape");
  Array beyond(DType::i64, {300});
  std::ranges::fill(beyond.as<std::int64_t>().flat(), 5);
  bad = good;
  bad.clean.y = beyond;
  expect_refused<DataError>(*mirror(), bad, "is 5, but the network has 5 outputs");
}

}  // namespace
}  // namespace neurarium
