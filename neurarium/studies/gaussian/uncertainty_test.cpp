// The study `uncertainty` on a network whose answers are known: four logits, ten times the four inputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/train/bare_context.hpp"
#include "neurarium/train/hold_out.hpp"

namespace neurarium {
namespace {

const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

constexpr std::size_t inputs = 4;

/// Samples near one of the four unit vectors, every tenth of them labelled as another.
Split near_corners(std::size_t n, const char* path) {
  Split split{Array(DType::f32, {n, inputs}), Array(DType::i64, {n})};
  fill_uniform(Stream(1, path), {}, 0, 0.5, split.x.as<float>().flat());
  for (std::size_t i = 0; i < n; ++i) {
    split.x.as<float>()(i, i % inputs) += 0.5F;
    split.y.as<std::int64_t>()(i) = static_cast<std::int64_t>((i + (i % 10 == 0 ? 1 : 0)) % inputs);
  }
  return split;
}

class StudyContext : public BareContext {
 public:
  explicit StudyContext(const char* layer = "dense", const char* loss = "cross_entropy") : BareContext(house(), 2, 3) {
    Value settings = Value::table(), the_layer = Value::table(), the_loss = Value::table();
    the_layer.set("type", layer);
    the_layer.set("units", std::int64_t{inputs});
    the_loss.set("type", loss);
    settings.set("layers", Value::List{the_layer});
    settings.set("loss", the_loss);
    settings.set("inputs", Value::List{std::int64_t{inputs}});
    network_.state.description = {"sequential", settings};
    network_.dataset = "corners", network_.seed = seed();
    const auto model = house().make<Model>("model", network_.state.description, "model");
    for (const NamedView& p : model->parameters()) {
      const auto numbers = p.values.as<float>().flat();
      std::ranges::fill(numbers, 0.0F);
      if (p.name.ends_with("weight"))
        for (std::size_t i = 0; i < inputs; ++i) numbers[i * (inputs + 1)] = 10;
      network_.state.arrays.emplace_back(p.name, Array(p.values));
    }
  }
  TrainedNetwork network(const std::string&) override { return network_; }
  Dataset dataset(const std::string& name) override {
    Dataset data;
    data.name = name;
    if (name == "corners") {
      data.train = near_corners(300, "train");
      data.test = near_corners(200, "test");
    } else if (name == "wide") {
      data.train.x = Array(DType::f32, {5, inputs + 1});
    } else {  // all inputs the same: no class is likelier
      data.train.x = Array(DType::u8, {50, inputs});
      std::ranges::fill(data.train.x.as<std::uint8_t>().flat(), std::uint8_t{100});
      data.divisor = 200;
    }
    return data;
  }
  bool stop_requested() const override { return stop; }
  void add(Figure figure) override { report.figures.push_back(std::move(figure)); }
  void add(Exhibit exhibit) override { report.exhibits.push_back(std::move(exhibit)); }
  void answer(std::string text) override { report.answer = std::move(text); }
  void array(const std::string& name, const Array& numbers) override { arrays.emplace_back(name, numbers); }

  double figure(const std::string& name) const {
    const Figure* found = report.find(name);
    return found ? found->value.as_number() : std::nan("");
  }
  template <class T>
  const T* exhibit(const std::string& name) const {
    for (const Exhibit& one : report.exhibits)
      if (const T* found = std::get_if<T>(&one); found && found->name == name) return found;
    return nullptr;
  }

  Report report;
  NamedArrays arrays;
  bool stop = false;

 private:
  TrainedNetwork network_;
};

void ask(StudyContext& context, const std::vector<std::pair<std::string, Value>>& settings) {
  Value table = Value::table();
  table.set("run", "some");
  for (const auto& [key, value] : settings) table.set(key, value);
  house().make<Study>("study", {"uncertainty", table}, "study")->run(context);
}

TEST(UncertaintyStudy, SaysWhatTheNetworkKnows) {
  StudyContext context;
  ask(context, {{"other", "flat"}});
  EXPECT_NEAR(context.figure("accuracy"), 0.9, 1e-12);
  // Ten times the inputs: too sure by far, since one label of ten is wrong wherever the sample lies.
  EXPECT_GT(context.figure("temperature"), 1);
  EXPECT_GT(context.figure("confidence"), 0.9);
  EXPECT_LT(context.figure("ece_tempered"), context.figure("ece"));
  EXPECT_DOUBLE_EQ(context.figure("confidence_other"), 0.25);
  EXPECT_DOUBLE_EQ(context.figure("confidence_tempered_other"), 0.25);
  EXPECT_DOUBLE_EQ(context.figure("auroc_other"), 1);
  EXPECT_DOUBLE_EQ(context.figure("fpr95_other"), 0);
  EXPECT_GT(context.figure("confidence_times_10"), 0.999);  // a classical network is surest far away
  EXPECT_LT(context.figure("auroc_times_10"), 0.1);
  EXPECT_GT(context.figure("accuracy_when_refusing"), 0.88);
  for (const char* set : {"uniform_noise", "gaussian_noise", "shuffled_pixels", "times_2"})
    for (const char* what : {"confidence_", "confidence_tempered_", "auroc_", "fpr95_"})
      EXPECT_TRUE(std::isfinite(context.figure(std::string(what) + set))) << what << set;
  EXPECT_NEAR(context.figure("auroc_shuffled_pixels"), 0.5, 0.1);  // the corners in another order are corners
}

TEST(UncertaintyStudy, ShowsTablesAndCharts) {
  StudyContext context;
  ask(context, {{"other", "flat"}});
  const Table* auroc = context.exhibit<Table>("auroc");
  ASSERT_TRUE(auroc);
  EXPECT_EQ(auroc->columns,
            (std::vector<std::string>{"foreign samples", "max-softmax", "margin", "energy", "tempered-softmax"}));
  ASSERT_EQ(auroc->rows.size(), 6u);
  EXPECT_EQ(auroc->rows.back().front(), "flat");
  EXPECT_EQ(auroc->rows.back()[1], "1.0000");
  const Chart* confidence = context.exhibit<Chart>("confidence");
  ASSERT_TRUE(confidence);
  ASSERT_EQ(confidence->traces.size(), 7u);
  for (const Trace& trace : confidence->traces) {
    double all = 0;
    for (const double share : trace.y) all += share;
    EXPECT_NEAR(all, 100, 1e-9) << trace.name;
  }
  const Chart* reliability = context.exhibit<Chart>("reliability");
  ASSERT_TRUE(reliability);
  EXPECT_EQ(reliability->traces.size(), 3u);
  const Chart* risk = context.exhibit<Chart>("risk-coverage");
  ASSERT_TRUE(risk);
  EXPECT_DOUBLE_EQ(risk->traces.front().x.back(), 100);
  EXPECT_NEAR(risk->traces.front().y.back(), 10, 1e-9);
  EXPECT_TRUE(context.exhibit<Table>("coverage"));
  ASSERT_EQ(context.arrays.size(), 1u);
  EXPECT_EQ(context.arrays[0].second.shape(), (Shape{4, 6, 4}));
  EXPECT_NE(context.report.answer.find("90.00\u00a0% of 200 clean samples"), std::string::npos)
      << context.report.answer;
}

TEST(UncertaintyStudy, JudgesByTheScoreThatIsChosen) {
  StudyContext gaussian("finite_gaussian");
  ask(gaussian, {{"score", "support"}});
  EXPECT_GT(gaussian.figure("auroc_times_10"), 0.99);  // ten times as far from the centre
  EXPECT_EQ(gaussian.exhibit<Table>("auroc")->columns.size(), 6u);
  StudyContext classical;
  try {
    ask(classical, {{"score", "support"}});
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("no finite Gaussian layers"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("max-softmax, margin, energy"), std::string::npos) << error.what();
  }
}

TEST(UncertaintyStudy, GoesWithoutATemperature) {
  StudyContext context;
  ask(context, {{"held_out", 0.0}});
  EXPECT_FALSE(context.report.find("temperature"));
  EXPECT_FALSE(context.report.find("confidence_tempered_times_2"));
  EXPECT_EQ(context.exhibit<Chart>("reliability")->traces.size(), 2u);
}

TEST(UncertaintyStudy, TakesTheTemperatureFromSamplesThatCountForNothingElse) {
  StudyContext context, all;
  ask(context, {{"held_out", 0.4}, {"held_out_from", "test"}});
  ask(all, {});
  const auto meaning = [](const StudyContext& c, const char* name) { return c.report.find(name)->meaning; };
  EXPECT_NE(meaning(context, "accuracy").find("120 test samples of corners"), std::string::npos);
  EXPECT_NE(meaning(context, "temperature").find("by 80 test samples;"), std::string::npos);
  EXPECT_NE(context.figure("temperature"), all.figure("temperature"));
  // Twenty of the 200 labels are wrong: those among the 120 that are left.
  const HeldOut ids = hold_out(3, 200, 0.4);
  const auto wrong = std::ranges::count_if(ids.kept, [](std::uint64_t id) { return id % 10 == 0; });
  EXPECT_NEAR(context.figure("accuracy"), 1 - static_cast<double>(wrong) / 120, 1e-12);
  EXPECT_NE(meaning(all, "accuracy").find("200 test samples"), std::string::npos);
  EXPECT_NE(meaning(all, "temperature").find("by 30 training samples, which"), std::string::npos);
}

TEST(UncertaintyStudy, RefusesWhatItCannotAnswer) {
  EXPECT_THROW(house().make<Study>("study", {"uncertainty", Value::table()}, "study"), SpecError);
  StudyContext classical, regression("dense", "squared_error"), stopped;
  try {
    ask(classical, {{"other", "wide"}});
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_NE(std::string(error.what()).find("wide"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("5]"), std::string::npos) << error.what();
  }
  EXPECT_THROW(ask(regression, {}), SpecError);
  stopped.stop = true;
  EXPECT_THROW(ask(stopped, {}), Interrupted);
}

}  // namespace
}  // namespace neurarium
