// A network whose weights are given, so that its answers are known: train-network with no epochs.
#include "neurarium/experiment/evaluate_run.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/core/files.hpp"
#include "neurarium/core/temporary_folder.hpp"
#include "neurarium/experiment/ask_run.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/report/png.hpp"

namespace neurarium {
namespace {

const Registry& house() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

/// Four outputs, each of which is one pixel of a picture of 2 × 2.
TrainedRun pixel_reader(const std::filesystem::path& folder, const std::string& loss) {
  Array eye(DType::f64, {4, 4});
  for (std::size_t i = 0; i < 4; ++i) eye.as<double>()(i, i) = 1;
  Value layer = Value::table(), model = Value::table(), train = Value::table(), settings = Value::table();
  layer.set("type", "dense");
  layer.set("units", 4);
  layer.set("weights", Value(std::make_shared<const Array>(eye)));
  model.set("type", "sequential");
  model.set("layers", Value::List{layer});
  model.set("loss", loss);
  train.set("epochs", 0);
  settings.set("model", model);
  settings.set("train", train);
  settings.set("dataset", in_memory);
  Dataset data;
  data.train.x = Array(DType::u8, {4, 2, 2});
  data.train.y = Array(DType::i64, {4});
  for (std::size_t i = 0; i < 4; ++i) {
    data.train.x.as<std::uint8_t>().flat()[5 * i] = 255;  // sample i: pixel i is white
    data.train.y.as<std::int64_t>()(i) = i == 3 ? 0 : static_cast<std::int64_t>(i);
  }
  data.divisor = 255;
  RunOptions options;
  options.out = folder / loss;
  options.dataset_in_memory = &data;
  run(resolve({"train-network", {}, settings}, house()), house(), options);
  return open_run(folder / loss, house());
}

std::filesystem::path png(const std::filesystem::path& folder, const std::vector<std::uint8_t>& greys) {
  Array image(DType::u8, {2, 2, 3});
  for (std::size_t i = 0; i < 12; ++i) image.as<std::uint8_t>().flat()[i] = greys[i / 3];
  write_atomically(folder / "four.png", std::span<const std::byte>(png_bytes(image)));
  return folder / "four.png";
}

TEST(EvaluateRun, LossAndAccuracyInClosedForm) {
  const TemporaryFolder folder("evaluate-run");
  const TrainedRun run = pixel_reader(folder.path(), "cross_entropy");
  EvaluateOptions options;
  options.outputs = true;
  const RunEvaluation found = evaluate_run(run, options);
  // Logits are 1 for one class and 0 for three: ln(e + 3) − 1 where that class is the label, ln(e + 3) for the last sample.
  ASSERT_TRUE(found.loss && found.accuracy);
  EXPECT_NEAR(*found.loss, std::log(std::exp(1.0) + 3) - 0.75, 1e-6);
  EXPECT_EQ(*found.accuracy, 0.75);
  EXPECT_EQ(found.split, "train");
  ASSERT_EQ(found.outputs.size(), 2u);
  EXPECT_EQ(found.outputs[0].second.shape(), (Shape{4, 4}));
  EXPECT_EQ(found.outputs[0].second.as<float>()(2, 2), 1);
  EXPECT_EQ(found.outputs[0].second.as<float>()(2, 1), 0);
  EXPECT_EQ(found.outputs[1].second.as<std::int64_t>()(3), 0);
}

TEST(EvaluateRun, TheSameNumbersInAnotherShapeAreOtherSamples) {
  const TemporaryFolder folder("evaluate-shapes");
  const TrainedRun run = pixel_reader(folder.path(), "cross_entropy");
  EXPECT_TRUE(entry_fits({1, 2, 2}, {2, 2}));
  EXPECT_TRUE(entry_fits({2, 2, 1}, {2, 2}));
  EXPECT_TRUE(entry_fits({4}, {2, 2}));
  EXPECT_FALSE(entry_fits({3, 32, 32}, {32, 32, 3}));
  EXPECT_FALSE(entry_fits({2, 3}, {2, 2}));
  Array x(DType::f32, {3, 4, 1});
  EXPECT_EQ(run.model->outputs(x, {}).front().second.shape(), (Shape{3, 4}));
  x.reshape({1, 12});
  EXPECT_THROW(run.model->outputs(x, {}), ShapeError);
}

TEST(EvaluateRun, GuessesAreProbabilitiesWithTheNamesOfClasses) {
  const TemporaryFolder folder("evaluate-run");
  TrainedRun run = pixel_reader(folder.path(), "cross_entropy");
  run.data.classes = {"shirt", "coat", "bag"};  // the fourth has no name
  const PictureAnswers answers = ask_run(run, {png(folder.path(), {0, 51, 102, 255})}, {});
  ASSERT_TRUE(answers.are_probabilities);
  const PictureAnswer& answer = answers.pictures.at(0);
  ASSERT_EQ(answer.best.size(), 3u);
  EXPECT_EQ(answer.best[0].name, "3");
  EXPECT_EQ(answer.best[1].name, "bag");
  EXPECT_EQ(answer.best[2].name, "coat");
  const double mass = std::exp(0.0) + std::exp(0.2) + std::exp(0.4) + std::exp(1.0);
  EXPECT_NEAR(answer.best[0].strength, std::exp(1.0) / mass, 1e-7);
  EXPECT_NEAR(answer.best[2].strength, std::exp(0.2) / mass, 1e-7);
  EXPECT_NEAR(answer.outputs[1], 0.2, 1e-7);
}

TEST(EvaluateRun, WithoutCrossEntropyTheOutputsSpeakThemselves) {
  const TemporaryFolder folder("evaluate-run");
  const TrainedRun run = pixel_reader(folder.path(), "squared_error");
  const PictureAnswers answers = ask_run(run, {png(folder.path(), {0, 255, 51, 102})}, {false, true});
  EXPECT_FALSE(answers.are_probabilities);
  EXPECT_EQ(answers.pictures.at(0).best[0].label, 0u);  // inverted: the black one is the brightest
  EXPECT_NEAR(answers.pictures[0].best[1].strength, 0.8, 1e-7);
}

}  // namespace
}  // namespace neurarium
