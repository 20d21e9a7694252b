// The lecture's studies from end to end, beside NumPy and PyTorch (validation/backprop).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/data/generators.hpp"
#include "neurarium/interchange/npz.hpp"
#include "neurarium/nn/augmentation.hpp"
#include "tests/contracts/study_desk.hpp"

namespace neurarium {
namespace {

Array oracle(const std::string& file, const std::string& name) {
  for (auto& [key, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/backprop/" + file + ".npz"))
    if (key == name) return array;
  throw InternalError("no array " + name);
}

/// Of one data set, with all exhibits of a kind.
class SheetDesk : public Desk {
 public:
  explicit SheetDesk(Dataset of = xor_dataset()) : Desk(1, std::move(of), 0) {}
  template <class Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const Exhibit& exhibit : exhibits)
      if (const auto* one = std::get_if<Kind>(&exhibit)) found.push_back(*one);
    return found;
  }
};

SheetDesk& run_on(SheetDesk& desk, const std::string& study, std::vector<std::pair<std::string, Value>> settings = {}) {
  Value table = Value::table();
  for (auto& [key, value] : settings) table.set(key, std::move(value));
  desk.run(study, table);
  return desk;
}

TEST(SgdErrorsStudy, CurvesAreNumPys) {
  SheetDesk desk;
  run_on(desk, "sgd-errors");
  const Array expected = oracle("xor_surface", "slice"), found = desk.arrays.at("errors"), sum = desk.arrays.at("sum");
  ASSERT_EQ(found.shape(), (Shape{4, 80}));
  for (std::size_t i = 0; i < 80; ++i) {
    double total = 0;
    for (std::size_t n = 0; n < 4; ++n) {
      EXPECT_NEAR(found.as<double>()(n, i), expected.as<double>()(n, i), 1e-14);
      total += expected.as<double>()(n, i);
    }
    EXPECT_NEAR(sum.as<double>()(i), total, 1e-14);
  }
  EXPECT_NEAR(desk.number("slice_min"), 1.004290110, 5e-10);
  EXPECT_EQ(desk.number("slice_argmin"), 9.75);
  EXPECT_EQ(desk.figure("inner_minima").as_integer(), 1);
  for (const Value& count : desk.figure("pattern_inner_minima").as_list()) EXPECT_EQ(count.as_integer(), 0);
  EXPECT_NE(desk.said.find("9.75"), std::string::npos);
}

TEST(SgdErrorsStudy, SlopesAreThoseOfTheCurves) {
  // The chart of slopes beside differences of the curves themselves, on a fine grid.
  SheetDesk desk;
  Value slice = Value::table();
  slice.set("step", 0.001);
  slice.set("low", -1.0);
  slice.set("high", 1.0);
  run_on(desk, "sgd-errors", {{"slice", slice}});
  const auto charts = desk.all<Chart>();
  const auto chart = std::ranges::find(charts, "slopes", &Chart::name);
  ASSERT_NE(chart, charts.end());
  const auto e = desk.arrays.at("errors").as<double>();
  for (std::size_t n = 0; n < 4; ++n)
    for (std::size_t i = 1; i + 1 < e.shape()[1]; i += 100)
      EXPECT_NEAR(chart->traces[n].y[i], (e(n, i + 1) - e(n, i - 1)) / 0.002, 1e-8);
}

TEST(SgdErrorsStudy, RefusesALineWithoutPoints) {
  SheetDesk desk;
  Value slice = Value::table();
  slice.set("low", 3.0);
  slice.set("high", 2.0);
  EXPECT_THROW(run_on(desk, "sgd-errors", {{"slice", slice}}), SpecError);
}

TEST(XorSurfaceStudy, ThreeWalksAreNumPys) {
  SheetDesk desk;
  Value surface = Value::table(), train = Value::table();
  surface.set("step", 5.0);
  surface.set("descent_steps", 60);
  train.set("epochs", 2);
  run_on(desk, "xor-surface", {{"surface", surface}, {"train", train}});
  const Array expected = oracle("xor_surface", "walks");
  const char* names[] = {"walk", "walk-momentum", "walk-adam"};
  for (std::size_t k = 0; k < 3; ++k) {
    const Array& walk = desk.arrays.at(names[k]);
    ASSERT_EQ(walk.shape(), (Shape{61, 2}));
    for (std::size_t i = 0; i < walk.size(); ++i)
      EXPECT_NEAR(walk.as<double>().flat()[i], expected.as<double>()[k].flat()[i], 1e-9) << names[k] << ' ' << i / 2;
  }
  EXPECT_LT(desk.figure("adam_end").as_number(), desk.figure("descent_end").as_number());
}

// Charts show every other point of so many, but must end where the picture and the arrays do.
TEST(XorSurfaceStudy, ThinnedLinesEndWhereTheWalksEnd) {
  SheetDesk desk;
  Value surface = Value::table(), train = Value::table();
  surface.set("low", -100.0), surface.set("high", 100.0), surface.set("step", 20.0);
  surface.set("descent_steps", 1001);
  train.set("epochs", 2001);
  run_on(desk, "xor-surface", {{"surface", surface}, {"train", train}});
  const auto charts = desk.all<Chart>();
  const auto last_line = [&](const char* name) { return std::ranges::find(charts, name, &Chart::name)->traces.back(); };
  const auto walk = desk.arrays.at("walk").as<double>();
  for (const char* chart : {"surface-contours", "surface-3d"}) {
    const Trace line = last_line(chart);  // the first walk lies on top
    EXPECT_LT(line.x.size(), 400u);
    EXPECT_EQ(line.x.back(), walk(1001, 0)) << chart;
    EXPECT_EQ(line.y.back(), walk(1001, 1)) << chart;
  }
  EXPECT_EQ(last_line("descents").x.back(), 1001);
  EXPECT_EQ(last_line("learning").x.back(), 2001);
}

TEST(ActivationsStudy, SheetIsPyTorchs) {
  SheetDesk desk;
  run_on(desk, "activations");
  const Array x = oracle("activations", "x"), values = desk.arrays.at("values"), slopes = desk.arrays.at("derivatives");
  const std::vector<std::string> names = {"identity", "tanh", "logistic", "relu",    "leaky_relu",
                                          "elu",      "gelu", "silu",     "softplus"};
  ASSERT_EQ(values.shape(), (Shape{names.size(), 100}));
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(desk.arrays.at("x").as<double>()(i), x.as<double>()(i)) << i;
  for (std::size_t k = 0; k < names.size(); ++k) {
    const Array expected = oracle("activations", names[k]);
    for (std::size_t i = 0; i < 100; ++i) {
      EXPECT_NEAR(values.as<double>()(k, i), expected.as<double>()(0, i), 2e-15) << names[k];
      EXPECT_NEAR(slopes.as<double>()(k, i), expected.as<double>()(1, i), 2e-15) << names[k];
    }
  }
  EXPECT_LT(desk.figure("slope_error").as_number(), 1e-9);
  EXPECT_EQ(desk.all<Picture>().size(), 2u);
  EXPECT_THROW(run_on(desk, "activations", {{"functions", Value::List{"sigmoid"}}}), SpecError);
}

/// Nine small grey pictures; pixel (0, 0) is the picture's number.
Dataset nine_pictures() {
  Dataset data;
  data.name = "nine";
  data.divisor = 255;
  data.test = {Array(DType::u8, {9, 2, 3}), Array(DType::i64, {9})};
  for (std::size_t i = 0; i < 9; ++i) {
    data.test.x.as<std::uint8_t>()(i, 0, 0) = static_cast<std::uint8_t>(i);
    data.test.y.as<std::int64_t>()(i) = static_cast<std::int64_t>(i % 2);
  }
  return data;
}

TEST(DigitsStudy, SheetHoldsThePicturesRowByRow) {
  SheetDesk desk(nine_pictures());
  run_on(desk, "digits", {{"first", 2}, {"rows", 2}, {"columns", 3}});
  const Picture sheet = desk.all<Picture>().front();
  ASSERT_EQ(sheet.pixels.shape().elements() % 6, 0u);
  EXPECT_EQ(sheet.pixels.shape()[0], 4u);
  EXPECT_EQ(sheet.pixels.shape()[1], 9u);
  const std::size_t channels = sheet.pixels.size() / 36;
  const auto bytes = sheet.pixels.as<std::uint8_t>().flat();
  for (std::size_t r = 0; r < 2; ++r)
    for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(bytes[(r * 2 * 9 + c * 3) * channels], 2 + 3 * r + c);
  EXPECT_EQ(desk.figure("shown").as_integer(), 6);
  EXPECT_NEAR(desk.figure("mean_brightness").as_number(), 36.0 / 255 / 54, 1e-15);
  const Table classes = desk.all<Table>().front();
  EXPECT_EQ(classes.rows[1], (std::vector<std::string>{"1", "1", "4", "3"}));
}

TEST(DigitsStudy, ShowsWhatTrainingWillSee) {
  Dataset grey = nine_pictures(), colour = grey;
  const Shape in = grey.test.x.shape();
  colour.test.x = Array(DType::u8, {in[0], in[1], in[2], 3});
  for (std::size_t i = 0; i < grey.test.x.size(); ++i) {
    std::uint8_t& v = grey.test.x.as<std::uint8_t>().flat()[i];
    v = static_cast<std::uint8_t>(40 * i);
    for (std::size_t c = 0; c < 3; ++c)  // channels that differ, so that their order shows
      colour.test.x.as<std::uint8_t>().flat()[3 * i + c] = static_cast<std::uint8_t>(c == 1 ? 255 - v : v);
  }
  const auto settings = [] {
    Value table = Value::table();
    table.set("shift", 1.0);
    table.set("rotate", 20.0);
    return std::vector<std::pair<std::string, Value>>{
        {"first", 2}, {"rows", 2}, {"columns", 3}, {"augmentation", table}};
  };
  SheetDesk plain(grey), in_colour(colour), off(grey);
  run_on(plain, "digits", settings());
  run_on(in_colour, "digits", settings());
  run_on(off, "digits", {{"first", 2}});
  EXPECT_EQ(off.all<Picture>().size(), 1u);
  ASSERT_EQ(plain.all<Picture>().size(), 2u);
  EXPECT_EQ(plain.all<Picture>()[1].pixels.shape(), plain.all<Picture>()[0].pixels.shape());
  AugmentationParams params;
  params.shift = 1, params.rotate = 20;
  const std::vector<std::uint64_t> ids{2, 3, 4, 5, 6, 7};
  Tensor<float> expected(Shape{6, in[1], in[2]});
  augment(grey.test.x.view().rows(2, 6), params, {Mode::train, plain.seed(), 0, 0, ids}, expected.view());
  const auto shown = plain.arrays.at("augmented").as<std::uint8_t>().flat();
  const auto shown_colour = in_colour.arrays.at("augmented").as<std::uint8_t>().flat();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(shown[i], expected.flat()[i], 0.501);
    EXPECT_EQ(shown_colour[3 * i], shown[i]);
    EXPECT_EQ(shown_colour[3 * i + 2], shown[i]);
  }
  EXPECT_FALSE(std::ranges::equal(shown, plain.arrays.at("pictures").as<std::uint8_t>().flat()));
}
TEST(DigitsStudy, SaysWhatIsMissing) {
  SheetDesk beyond(nine_pictures()), train(nine_pictures()), points;
  EXPECT_THROW(run_on(beyond, "digits", {{"first", 9}}), SpecError);
  EXPECT_THROW(run_on(train, "digits", {{"split", "train"}}), DataError);
  EXPECT_THROW(run_on(points, "digits", {{"split", "train"}}), DataError);  // xor: samples are no pictures
}

}  // namespace
}  // namespace neurarium
