// dale-dann on tiny pictures: what its networks are, that all keep their signs, that neither threads nor a stop change a bit, and what
// it refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/sign_constraint.hpp"
#include "neurarium/studies/dale_dann/dann_findings.hpp"
#include "neurarium/train/trainer.hpp"
#include "tests/contracts/study_desk.hpp"

namespace neurarium {
namespace {

/// Pictures of 4 × 4, one bright row each, in some noise: which row?
Split rows_of(std::size_t n, const char* name) {
  Split split{Array(DType::f32, {n, 4, 4}), Array(DType::i64, {n})};
  const auto x = split.x.as<float>();
  fill_uniform(Stream(1, name), {}, 0, 0.5, x.flat());
  for (std::size_t i = 0; i < n; ++i) {
    split.y.as<std::int64_t>()(i) = static_cast<std::int64_t>(i % 4);
    for (std::size_t j = 0; j < 4; ++j) x(i, i % 4, j) += 0.5F;
  }
  return split;
}

Dataset rows() {
  Dataset data;
  data.name = "rows", data.train = rows_of(160, "train"), data.test = rows_of(40, "test");
  return data;
}

void run_tiny(Desk& desk, std::vector<std::pair<std::string, Value>> more = {}) {
  Value table = Value::table(), rates = Value::table();
  rates.set("dann_plain", 0.004);
  if (!desk.data) desk.data = rows();
  table.set("dataset", "memory"), table.set("hidden", Value::List{8}), table.set("repeats", 2);
  table.set("epochs", 6), table.set("batch_size", 8), table.set("learning_rate", rates);
  for (auto& [key, value] : more) table.set(key, std::move(value));
  desk.run("dale-dann", table);
}

std::unique_ptr<Model> network(DannKind kind, const DannNetworkParams& params) {
  return house().make<Model>("model", dann_network(kind, params, {4, 4}, 0.25, 3, 7), "model");
}
Tensor<double> numbers(Model& model, const std::string& name) {
  for (const NamedView& parameter : model.parameters())
    if (parameter.name == name) return to_tensor<double>(ArrayView(parameter.values));
  throw InternalError("no parameter " + name);
}

TEST(DannNetworks, HaveAsManyExcitatoryUnitsEach) {
  const DannNetworkParams params{{20, 10}, 0.1};
  const auto free = network(DannKind::unconstrained, params), colei = network(DannKind::colei, params),
             dann = network(DannKind::corrected, params);
  EXPECT_EQ(numbers(*free, "dense1.weight").shape(), (Shape{20, 16}));
  EXPECT_EQ(numbers(*free, "dense3.weight").shape(), (Shape{3, 10}));
  EXPECT_EQ(numbers(*dann, "dann1.weight_ex").shape(), (Shape{20, 16}));
  EXPECT_EQ(numbers(*dann, "dann1.weight_ix").shape(), (Shape{2, 16}));
  EXPECT_EQ(numbers(*dann, "dann2.weight_ei").shape(), (Shape{10, 1}));
  EXPECT_EQ(numbers(*dann, "dann3.weight_ex").shape(), (Shape{3, 10}));
  EXPECT_EQ(numbers(*colei, "dense1.weight").shape(), (Shape{22, 16}));
  EXPECT_EQ(numbers(*colei, "dense2.weight").shape(), (Shape{11, 22}));
  // Columns of one sign: two inhibitory units of 22, one of 11; pixels only excite, and the bias takes their mean away.
  const auto inhibitory = [&](const std::string& name) {
    const Tensor<double> w = numbers(*colei, name);
    std::size_t count = 0;
    for (std::size_t j = 0; j < w.shape()[1]; ++j) {
      std::size_t negative = 0;
      for (std::size_t i = 0; i < w.shape()[0]; ++i) negative += w(i, j) < 0;
      EXPECT_TRUE(negative == 0 || negative == w.shape()[0]) << name << " column " << j;
      count += negative > 0;
    }
    return count;
  };
  EXPECT_EQ(inhibitory("dense1.weight"), 0u);
  EXPECT_EQ(inhibitory("dense2.weight"), 2u);
  EXPECT_EQ(inhibitory("dense3.weight"), 1u);
  const Tensor<double> bias = numbers(*colei, "dense1.bias");
  for (const double b : bias.flat()) EXPECT_EQ(b, -4 * 0.25);
}

TEST(DannNetworks, FirstFieldsAreWhatPixelsDo) {
  const auto dann = network(DannKind::plain, {{5}, 0.4});
  const Tensor<double> fields = first_fields(*dann, 3), ex = numbers(*dann, "dann1.weight_ex"),
                       ix = numbers(*dann, "dann1.weight_ix");
  for (std::size_t e = 0; e < 3; ++e)
    for (std::size_t j = 0; j < 16; ++j)
      EXPECT_NEAR(fields(e, j), ex(e, j) - (ix(0, j) + ix(1, j)) / 2, 1e-7);  // W_EI begins as 1/2
}

TEST(DannNetworks, KeepTheirSignsWhileTheyLearn) {
  TrainParams params;
  params.epochs = 4, params.batch_size = 8;
  params.optimiser.settings.set("learning_rate", 0.3);
  for (const DannKind kind : {DannKind::colei, DannKind::plain, DannKind::corrected}) {
    Desk desk;
    const auto model = network(kind, {{8}, 0.25});
    const Split split = [&] {
      Split some = rows_of(160, "train");
      for (std::int64_t& label : some.y.as<std::int64_t>().flat()) label %= 3;
      return some;
    }();
    train(dynamic_cast<Trainable&>(*model), split, 1, params, desk);
    std::size_t clamped = 0, kept = 0;
    for (const NamedView& parameter : model->parameters()) {
      if (!parameter.signs) continue;
      const std::vector<signed char> signs = signs_of(parameter);
      const Tensor<double> w = to_tensor<double>(ArrayView(parameter.values));
      for (std::size_t i = 0; i < signs.size(); ++i) {
        EXPECT_GE(signs[i] * w.flat()[i], 0) << parameter.name << '[' << i << ']';
        clamped += w.flat()[i] == 0, ++kept;
      }
    }
    EXPECT_GT(kept, 100u) << words_of(kind);
    EXPECT_GT(clamped, 0u) << words_of(kind);
  }
}

TEST(DaleDannStudy, AllKindsLearnAndSayHowFarTheyAreBehind) {
  Desk desk;
  run_tiny(desk);
  for (const DannKind kind : dann_kinds) {
    const std::vector<double> each = desk.numbers(std::string(key_of(kind)) + "_each");
    ASSERT_EQ(each.size(), 2u);
    for (const double accuracy : each)  // guessing: 0.25; plain updates take small steps
      EXPECT_GT(accuracy, kind == DannKind::plain ? 0.3 : 0.4) << words_of(kind);
  }
  const auto mean = [&](const char* name) {
    const std::vector<double> each = desk.numbers(name);
    return (each[0] + each[1]) / 2;
  };
  EXPECT_NEAR(desk.numbers("colei_behind")[0], mean("unconstrained_each") - mean("colei_each"), 1e-12);
  EXPECT_NE(desk.said.find("DANN with corrected updates is"), std::string::npos) << desk.said;
}

TEST(DaleDannStudy, SaysWhatGuessingGivesAndHowLongItTrained) {
  Desk desk;
  run_tiny(desk);
  EXPECT_EQ(desk.number("chance_accuracy"), 0.25);
  EXPECT_NEAR(desk.number("chance_loss"), 2 * std::log(2), 1e-15);
  EXPECT_EQ(desk.numbers("epochs_run"), (std::vector<double>{6, 6, 6, 6}));
  EXPECT_EQ(desk.number("stopped_early"), 0);
  ASSERT_NE(desk.find<Chart>("loss"), nullptr);
  for (const Trace& line : desk.find<Chart>("loss")->traces) {
    EXPECT_EQ(line.x, (std::vector<double>{1, 2, 3, 4, 5, 6})) << line.name;
    for (const double loss : line.y) EXPECT_TRUE(std::isfinite(loss) && loss > 0) << line.name;
  }
}

/// Two networks of each kind that learned for three epochs of made-up losses.
DannFindings made_up() {
  DannFindings found;
  found.entry = {16}, found.classes = 4, found.epochs = 3;
  for (const DannKind kind : dann_kinds)
    for (const double more : {0., 0.5}) {
      DannOutcome& network = found.outcomes[static_cast<std::size_t>(kind)].emplace_back();
      for (const double epoch : {1., 2., 3.}) {
        EpochResult& result = network.history.emplace_back();
        result.loss = static_cast<double>(kind) + 1 / epoch + more;
        result.held_out_loss = 10 + result.loss;
        result.held_out_accuracy = 0.5 + 0.1 * more;
      }
    }
  return found;
}

TEST(DannExhibits, DrawTrainingAndTestLossOfEachKind) {
  Desk desk;
  add_dann_exhibits(desk, made_up());
  const Chart* chart = desk.find<Chart>("loss");
  ASSERT_NE(chart, nullptr);
  ASSERT_EQ(chart->traces.size(), 2 * dann_kinds.size());
  for (std::size_t i = 0; i < chart->traces.size(); ++i) {
    const Trace& line = chart->traces[i];
    const std::size_t kind = i / 2;
    const bool test = i % 2 == 1;
    EXPECT_EQ(line.name, std::string(words_of(dann_kinds[kind])) + (test ? ", test" : ", training"));
    ASSERT_EQ(line.y.size(), 3u);
    for (std::size_t e = 0; e < 3; ++e)  // more: 0.25 on average
      EXPECT_NEAR(line.y[e], static_cast<double>(kind) + 1 / (static_cast<double>(e) + 1) + 0.25 + (test ? 10 : 0),
                  1e-12)
          << line.name;
  }
  EXPECT_NE(chart->traces[0].colour, chart->traces[1].colour);
}

TEST(DannFigures, CountTrainingsThatEndedEarly) {
  DannFindings found = made_up();
  found.outcomes[2][1].history.resize(2), found.outcomes[3][0].history.resize(1);
  Desk desk;
  add_dann_figures(desk, found);
  EXPECT_EQ(desk.numbers("epochs_run"), (std::vector<double>{3, 3, 2.5, 2}));
  EXPECT_EQ(desk.number("stopped_early"), 2);
}

TEST(DaleDannStudy, SameBitsForAnyThreadsAfterAStopAndWithMoreRepeats) {
  Desk one, two(2), stopped, more;
  run_tiny(one), run_tiny(two), run_tiny(more, {{"repeats", 3}});
  stopped.stop_after(200);
  EXPECT_THROW(run_tiny(stopped), Interrupted);
  ASSERT_TRUE(stopped.resumed());
  EXPECT_NE(stopped.resumed()->find("run.0.fields"), nullptr);
  EXPECT_EQ(stopped.resumed()->find("run.7.fields"), nullptr);
  stopped.stop_after(-1);
  run_tiny(stopped);
  for (const DannKind kind : dann_kinds) {
    const std::string name = std::string(key_of(kind)) + "_each";
    EXPECT_EQ(one.numbers(name), two.numbers(name));
    EXPECT_EQ(one.numbers(name), stopped.numbers(name));
    std::vector<double> first = more.numbers(name);
    first.pop_back();
    EXPECT_EQ(one.numbers(name), first);
  }
}

TEST(DaleDannStudy, SaysWhatItCannotTake) {
  const auto message = [](auto change, std::vector<std::pair<std::string, Value>> more = {}) -> std::string {
    Desk desk(1, rows());
    change(*desk.data);
    try {
      run_tiny(desk, std::move(more));
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing";
  };
  const auto as_it_is = [](Dataset&) {};
  EXPECT_NE(message([](Dataset& d) { d.train.x.as<float>().flat()[5] = -1; }).find("numbers below 0"),
            std::string::npos);
  EXPECT_NE(message([](Dataset& d) { d.test = {}; }).find("has no test samples"), std::string::npos);
  EXPECT_NE(message([](Dataset& d) {
              d.train.y = Array(DType::f32, {160, 1});
            }).find("has no labels"),
            std::string::npos);
  EXPECT_NE(message(as_it_is, {{"hidden", Value::list()}}).find("there is no hidden layer"), std::string::npos);
  Value rates = Value::table();
  rates.set("unconstrained", 1e30);
  const std::string diverged = message(as_it_is, {{"learning_rate", rates}});
  EXPECT_EQ(diverged.find("unconstrained, repeat 1: "), 0u) << diverged;
  EXPECT_NE(diverged.find("lower learning_rate.unconstrained"), std::string::npos) << diverged;
}

}  // namespace
}  // namespace neurarium
