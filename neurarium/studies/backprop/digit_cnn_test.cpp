// digit-cnn from end to end, on pictures so easy that a network must read all of them: every error is one that we put in.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "neurarium/core/rng.hpp"
#include "neurarium/studies/backprop/classic_methods.hpp"
#include "tests/contracts/study_desk.hpp"

namespace neurarium {
namespace {

/// 4 × 5 pixels; class k has its bright pixels in column k. `wrong`: test images whose label says the class after theirs.
Dataset columns_of_light(std::vector<std::size_t> wrong = {}) {
  constexpr std::size_t classes = 5;
  Dataset data;
  data.name = "columns";
  data.divisor = 255;
  data.classes = {"zero", "one", "two", "three", "four"};
  const auto fill = [&](Split& split, std::size_t count, std::uint32_t which) {
    split.x = Array(DType::u8, {count, 4, classes});
    split.y = Array(DType::i64, {count});
    Tensor<double> noise(Shape{count, 4, classes});
    fill_uniform(Stream(1, which == 0 ? "train" : "test"), {}, 0, 60, noise.flat());
    for (std::size_t i = 0; i < count; ++i) {
      split.y.as<std::int64_t>()(i) = static_cast<std::int64_t>(i % classes);
      for (std::size_t row = 0; row < 4; ++row)
        for (std::size_t column = 0; column < classes; ++column)
          split.x.as<std::uint8_t>()(i, row, column) =
              static_cast<std::uint8_t>(noise(i, row, column) + (column == i % classes ? 190 : 0));
    }
  };
  fill(data.train, 200, 0);
  fill(data.test, 60, 1);
  for (const std::size_t i : wrong) {
    std::int64_t& label = data.test.y.as<std::int64_t>()(i);
    label = (label + 1) % static_cast<std::int64_t>(classes);
  }
  return data;
}

/// Keeps the metrics of each epoch, too.
class PagesDesk : public Desk {
 public:
  explicit PagesDesk(Dataset pictures) : Desk(1, std::move(pictures), 0) {}
  void metrics(const std::vector<std::pair<std::string, double>>& row) override { table.push_back(row); }
  std::vector<std::vector<std::pair<std::string, double>>> table;
};

Value settings(std::int64_t epochs = 10, std::int64_t outputs = 5) {
  Value layer = Value::table(), model = Value::table(), train = Value::table(), all = Value::table();
  layer.set("type", "dense");
  layer.set("units", outputs);
  model.set("layers", Value::List{layer});
  model.set("loss", "cross_entropy");
  train.set("epochs", epochs);
  train.set("batch_size", 10);
  all.set("dataset", "mnist");  // the desk has data of its own
  all.set("model", model);
  all.set("train", train);
  return all;
}

void run_on(Desk& desk, const Value& table) { desk.run("digit-cnn", table); }

/// The study's page for a network of so many outputs, of which the labels use five.
std::unique_ptr<PagesDesk> page_of(std::int64_t outputs) {
  auto desk = std::make_unique<PagesDesk>(columns_of_light({3}));
  run_on(*desk, settings(1, outputs));
  return desk;
}

TEST(DigitCnnStudy, ManyClassesAreNotDrawnButSpokenOf) {
  const auto told = [](const Desk& desk) {
    for (const Exhibit& exhibit : desk.exhibits)
      if (const auto* remark = std::get_if<Remark>(&exhibit); remark && remark->title == "What is taken for what")
        return remark->text;
    return std::string();
  };
  const auto drawn = page_of(200), too_many = page_of(201);
  EXPECT_TRUE(drawn->find<Picture>("confusion"));
  EXPECT_TRUE(drawn->find<Table>("classes"));
  EXPECT_EQ(told(*drawn), "");
  EXPECT_FALSE(too_many->find<Picture>("confusion"));
  EXPECT_FALSE(too_many->find<Table>("classes"));
  EXPECT_NE(told(*too_many).find("has 201 outputs"), std::string::npos) << told(*too_many);
  EXPECT_EQ(too_many->arrays.at("confusion").shape(), (Shape{201, 201}));
}

TEST(DigitCnnStudy, TheLegendSaysHowManyClassesItLeavesOut) {
  const auto legend = [](std::int64_t outputs) {
    const std::string caption = page_of(outputs)->find<Picture>("first-errors")->caption;
    return caption.substr(caption.find(" 0: zero"));
  };
  EXPECT_EQ(legend(6), " 0: zero, 1: one, 2: two, 3: three, 4: four, 5: 5.");
  EXPECT_TRUE(legend(20).ends_with(", 18: 18, 19: 19.")) << legend(20);
  EXPECT_TRUE(legend(25).ends_with(", 18: 18, 19: 19, and 5 more.")) << legend(25);
}

TEST(DigitCnnStudy, FindsTheErrorsThatWerePutIn) {
  PagesDesk desk(columns_of_light({3, 17, 41}));
  run_on(desk, settings());
  EXPECT_EQ(desk.number("test_errors"), 3);
  EXPECT_DOUBLE_EQ(desk.number("test_accuracy"), 57.0 / 60);
  EXPECT_EQ(desk.number("train_accuracy"), 1);
  EXPECT_EQ(desk.number("epochs"), 10);
  EXPECT_EQ(desk.number("trained_on"), 200);
  EXPECT_EQ(desk.number("parameters"), 5 * 20 + 5);
  EXPECT_EQ(desk.number("bytes"), 4 * (5 * 20 + 5));
  EXPECT_GT(desk.number("images_per_second"), 0);
  EXPECT_GT(desk.number("test_loss"), desk.number("train_loss"));
  const auto wrong = desk.arrays.at("misclassified");
  EXPECT_EQ(std::vector<std::int64_t>(wrong.as<std::int64_t>().flat().begin(), wrong.as<std::int64_t>().flat().end()),
            (std::vector<std::int64_t>{3, 17, 41}));
  // Image 3 shows column 3 and is labelled 4; image 17 column 2, labelled 3; image 41 column 1, labelled 2.
  const auto counts = desk.arrays.at("confusion").as<std::int64_t>();
  EXPECT_EQ(counts(4, 3), 1);
  EXPECT_EQ(counts(3, 2), 1);
  EXPECT_EQ(counts(2, 1), 1);
  EXPECT_EQ(counts(0, 0), 12);
  EXPECT_EQ(
      desk.said,
      "95.00\u00a0% of 60 test images are read right after 10 epochs, 3 are not; most often 2 (two) is taken for 1 "
      "(one) (once).");
}

TEST(DigitCnnStudy, ShowsWhatItFound) {
  PagesDesk desk(columns_of_light({3, 17}));
  run_on(desk, settings());
  for (const char* name : {"first-errors", "confusion", "first-weights", "all-errors"}) {
    const Picture* picture = desk.find<Picture>(name);
    ASSERT_TRUE(picture) << name;
    EXPECT_EQ(picture->pixels.shape()[2], 3u) << name;
    EXPECT_FALSE(picture->caption.empty()) << name;
  }
  EXPECT_EQ(std::get<Picture>(desk.exhibits.front()).name, "first-errors");  // the study's card
  for (const char* name : {"accuracy", "loss", "reliability"}) EXPECT_TRUE(desk.find<Chart>(name)) << name;
  EXPECT_EQ(desk.find<Chart>("accuracy")->traces.size(), 1u);
  EXPECT_EQ(desk.find<Chart>("accuracy")->traces[0].y.size(), 10u);
  const Table* classes = desk.find<Table>("classes");
  ASSERT_TRUE(classes);
  ASSERT_EQ(classes->rows.size(), 5u);
  EXPECT_EQ(classes->rows[4],
            (std::vector<std::string>{"4 (four)", "13", "92.31\u00a0%", "100.00\u00a0%", "3 (three): 1×"}));
  EXPECT_FALSE(desk.find<Table>("classic-methods"));  // they were not measured on these data
  EXPECT_EQ(desk.arrays.at("outputs").shape(), (Shape{60, 5}));
}

TEST(DigitCnnStudy, PutsOtherMethodsBesideTheNetwork) {
  Dataset data = columns_of_light({3});
  data.name = "mnist";
  PagesDesk desk(data);
  run_on(desk, settings());
  const Table* table = desk.find<Table>("classic-methods");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows[0][0], "this network");
  EXPECT_EQ(table->rows[0][2], "98.33\u00a0%");
  EXPECT_GE(table->rows.size(), 5u);
  EXPECT_NE(table->caption.find("scikit-learn"), std::string::npos);
  const auto accuracy = std::ranges::find(desk.figures, "test_accuracy", &Figure::name);
  ASSERT_NE(accuracy, desk.figures.end());
  EXPECT_EQ(accuracy->reference.as_number(), 0.987);
  PagesDesk without(data);
  Value table_off = settings();
  table_off.set("classic_methods", false);
  run_on(without, table_off);
  EXPECT_FALSE(without.find<Table>("classic-methods"));
}

TEST(DigitCnnStudy, OtherMethodsAreWhatTheyAreKnownFor) {
  // Measured, but not to be mixed up: accuracies lie where the literature has them (MNIST: LeCun's table of 1998 and
  // scikit-learn's own examples; Fashion-MNIST: its authors' benchmark).
  const std::map<std::string_view, std::array<double, 4>> low = {{"mnist", {0.91, 0.965, 0.965, 0.98}},
                                                                 {"fashion-mnist", {0.83, 0.87, 0.84, 0.885}}};
  std::map<std::string_view, std::size_t> seen;
  for (const ClassicResult& r : classic_results()) {
    const double least = low.at(r.dataset).at(seen[r.dataset]++);
    EXPECT_GT(r.test_accuracy, least) << r.dataset << ' ' << r.method;
    EXPECT_LT(r.test_accuracy, least + 0.02) << r.dataset << ' ' << r.method;
    EXPECT_EQ(r.samples, 60000u);
    EXPECT_LT(r.seconds_per_image, 0.1);
    EXPECT_GT(r.bytes, 60000u);
  }
  EXPECT_EQ(seen, (std::map<std::string_view, std::size_t>{{"mnist", 4}, {"fashion-mnist", 4}}));
}

TEST(DigitCnnStudy, NothingToShowWhenNothingIsWrong) {
  PagesDesk desk(columns_of_light());
  run_on(desk, settings());
  EXPECT_EQ(desk.number("test_errors"), 0);
  EXPECT_FALSE(desk.find<Picture>("first-errors"));
  EXPECT_FALSE(desk.find<Picture>("all-errors"));
  EXPECT_EQ(desk.arrays.at("misclassified").size(), 0u);
  EXPECT_TRUE(desk.said.ends_with("0 are not.")) << desk.said;
}

TEST(DigitCnnStudy, KeepsImagesApartAndResumesToTheSameCurves) {
  Value table = settings(4);
  table.set("held_out", 0.25);
  table.set("train_samples", 120);
  PagesDesk whole(columns_of_light()), stopped(columns_of_light());
  run_on(whole, table);
  EXPECT_EQ(whole.number("trained_on"), 90);
  ASSERT_EQ(whole.table.size(), 4u);
  EXPECT_EQ(whole.table[3][3].first, "held_out_loss");
  EXPECT_EQ(whole.table[3][3].second, whole.number("held_out_loss"));
  EXPECT_EQ(whole.table[3][4].second, whole.number("held_out_accuracy"));
  ASSERT_EQ(whole.find<Chart>("loss")->traces.size(), 2u);
  stopped.stop_after(9 * 2 + 4);  // in the third epoch
  EXPECT_THROW(run_on(stopped, table), Interrupted);
  EXPECT_EQ(stopped.table.size(), 2u);
  stopped.stop_after(-1);
  stopped.table.clear();
  run_on(stopped, table);
  EXPECT_EQ(stopped.table, whole.table);
  for (const char* name : {"loss", "accuracy"})
    for (const std::size_t k : {0u, 1u})
      EXPECT_EQ(stopped.find<Chart>(name)->traces[k].y, whole.find<Chart>(name)->traces[k].y);
}

TEST(DigitCnnStudy, CountsTheImagesOfBatchesAndOfWholePasses) {
  // 200 images in batches of 30: six and a rest. Both kinds of methods go through 3 × 200.
  for (const char* optimiser : {"sgd", "lbfgs"}) {
    Value table = settings(3), train = Value::table();
    train.set("epochs", 3);
    if (optimiser == std::string("sgd")) train.set("batch_size", 30);
    train.set("optimiser", optimiser);
    table.set("train", train);
    PagesDesk desk(columns_of_light({3}));
    run_on(desk, table);
    EXPECT_NEAR(desk.number("images_per_second") * desk.number("train_seconds"), 600, 1e-6) << optimiser;
  }
}

TEST(DigitCnnStudy, NoProbabilitiesWithoutCrossEntropy) {
  Value table = settings(), model = table.at("model");
  model.set("loss", "squared_error");
  table.set("model", model);
  PagesDesk desk(columns_of_light({3}));
  run_on(desk, table);
  EXPECT_EQ(desk.number("test_errors"), 1);
  EXPECT_FALSE(desk.find<Chart>("reliability"));
  EXPECT_THROW(desk.number("calibration_error"), InternalError);
}

TEST(DigitCnnStudy, EarlyStoppingTellsTheEpochItKeptAndCountsOnlyWhatWasLearned) {
  Value table = settings(12), train = table.at("train"), stopping = Value::table();
  stopping.set("patience", 3);
  stopping.set("held_out", 0.25);
  stopping.set("on", "accuracy");
  train.set("early_stopping", stopping);
  table.set("train", train);
  table.set("train_samples", 120);
  PagesDesk desk(columns_of_light());
  run_on(desk, table);
  EXPECT_EQ(desk.number("trained_on"), 90);
  std::size_t best = 0;  // the first of the rows with the largest held_out_accuracy
  for (std::size_t i = 0; i < desk.table.size(); ++i)
    if (desk.table[i][4].second > desk.table[best][4].second) best = i;
  EXPECT_EQ(desk.number("best_epoch"), static_cast<double>(best + 1));
  EXPECT_EQ(desk.number("held_out_accuracy"), desk.table[best][4].second);
  EXPECT_EQ(desk.number("held_out_loss"), desk.table[best][3].second);
  EXPECT_EQ(desk.table.size(), best + 1 + 3);
}

TEST(DigitCnnStudy, RefusesWhatItCannotRead) {
  const auto refused = [](Dataset data, const Value& table) -> std::string {
    PagesDesk desk(std::move(data));
    try {
      run_on(desk, table);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const auto expect = [](const std::string& message, const char* words) {
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  Dataset no_test = columns_of_light(), targets = no_test, flat = no_test;
  no_test.test = {};
  expect(refused(no_test, settings()), "has no test images");
  targets.test.y = Array(DType::f32, {60, 5});
  expect(refused(targets, settings()), "has no labels for its test images");
  flat.train.x.reshape({200, 20});
  expect(refused(flat, settings()), "no pictures");
  expect(refused(columns_of_light(), settings(1, 3)), "columns (train): label 3 of sample 3 is outside 0 … 2");
  Value both = settings(), apart = settings();
  Value train = both.at("train"), patience = Value::table();
  patience.set("patience", 2);
  train.set("early_stopping", patience);
  both.set("train", train);
  both.set("held_out", 0.1);
  expect(refused(columns_of_light(), both), "early stopping");
  apart.set("held_out", 0.999);
  expect(refused(columns_of_light(), apart), "leaves nothing to learn from");
}

}  // namespace
}  // namespace neurarium
