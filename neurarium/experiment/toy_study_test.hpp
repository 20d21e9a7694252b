// A study for tests: it adds up random numbers, can be stopped, resumed, made to fail and to diverge, and shows every kind
// of exhibit.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <limits>

#include "neurarium/core/rng.hpp"
#include "neurarium/experiment/experiment.hpp"

namespace neurarium::testing {

struct ToyOptimiser {
  struct Params {
    double learning_rate = 0.1;
    static Schema fields() {
      return Schema::of<Params>({field("learning_rate", &Params::learning_rate, "Step size.").positive()});
    }
  };
};

struct ToyLayer {
  struct Params {
    std::int64_t units = 3;
    ArraySource weights;
    static Schema fields() {
      return Schema::of<Params>({field("units", &Params::units, "Units.").at_least(1),
                                 field("weights", &Params::weights, "Initial weights.")});
    }
  };
};

class ToyStudy : public Study {
 public:
  struct Train {
    std::int64_t epochs = 4;
    double window = 0.02;
    Component optimiser{"slow", Value::table()};
    static Schema fields() {
      return Schema::of<Train>({field("epochs", &Train::epochs, "Rows of metrics.").at_least(0),
                                field("window", &Train::window, "A time.").unit("s").positive(),
                                component("optimiser", &Train::optimiser, "optimiser", "How.")});
    }
  };
  struct Params {
    std::int64_t steps = 40;
    std::string mode = "plain";
    std::string dataset;
    std::vector<double> weights = {1.0, 0.1};
    ArraySource start;
    std::vector<Component> layers;
    Train train;
    std::int64_t stop_at = -1, fail_at = -1, nan_at = -1;
    static Schema fields() {
      return Schema::of<Params>({
          field("steps", &Params::steps, "How many numbers are added.").at_least(1),
          field("mode", &Params::mode, "Plain or fancy.").one_of({"plain", "fancy"}),
          field("dataset", &Params::dataset, "Data to look at."),
          field("weights", &Params::weights, "Some numbers."),
          field("start", &Params::start, "Where the sum begins."),
          component("layers", &Params::layers, "layer", "Layers."),
          field("train", &Params::train, "Learning."),
          field("stop_at", &Params::stop_at, "Step at which the test's own stop source fires."),
          field("fail_at", &Params::fail_at, "Step at which an error is thrown."),
          field("nan_at", &Params::nan_at, "Step at which a number is not finite."),
      });
    }
  };
  explicit ToyStudy(Params params) : params_(std::move(params)) {}

  /// What a test can do at each step (stop, kill, look).
  static std::function<void(std::int64_t)>& at_step() {
    static std::function<void(std::int64_t)> hook;
    return hook;
  }

  void run(RunContext& context) override {
    Array sum(DType::f64, {2});
    std::int64_t step = 0;
    if (params_.start.given()) sum.as<double>()(0) = to_tensor<double>(params_.start.array->view())(0);
    if (!params_.dataset.empty())
      sum.as<double>()(0) += to_tensor<double>(context.dataset(params_.dataset).train.x.view()).flat()[0];
    if (const auto checkpoint = context.resumed()) {
      sum = *checkpoint->find("sum");
      step = std::stoll(*checkpoint->find_text("step"));
    }
    const auto save = [&] { context.save({{{"sum", sum}}, {{"step", std::to_string(step)}}}); };
    const Stream stream(context.seed(), "toy");
    for (; step < params_.steps; ++step) {
      if (step % 10 == 0 && step > 0) save();
      if (at_step()) at_step()(step);
      if (context.stop_requested()) {
        save();
        throw Interrupted("stopped at step " + std::to_string(step));
      }
      if (step == params_.fail_at) throw Error("step " + std::to_string(step) + " failed on purpose");
      if (step == params_.nan_at) throw NumericError("sum", static_cast<std::uint64_t>(step), 0);
      sum.as<double>()(0) += uniform(stream, {0, 0, static_cast<std::uint32_t>(step), 0});
      sum.as<double>()(1) += sum.as<double>()(0) / 3;
      context.metrics({{"step", static_cast<double>(step)}, {"sum", sum.as<double>()(0)}});
      context.progress({"add", static_cast<double>(step + 1), static_cast<double>(params_.steps), "steps", "merit"});
    }
    save();
    context.array("sum", sum);
    context.choice("engine", "plain addition");
    context.add(Figure{"sum", sum.as<double>()(0), "", "Sum of the numbers.", 20.5, "made up"});
    context.add(Figure{"nothing", std::numeric_limits<double>::quiet_NaN(), "", "Not a number.", {}, {}});
    context.add(Figure{"list", Value::List{1.5, 2.0, 3}, "V", "A list.", {}, {}});
    context.add(Figure{"speed", static_cast<double>(::getpid()), "steps/s", "Never the same.", {}, {}});
    Array pixels(DType::u8, {2, 3, 3});
    for (std::size_t i = 0; i < 18; ++i) pixels.as<std::uint8_t>().flat()[i] = static_cast<std::uint8_t>(i * 14);
    context.add(Picture{"stripes", "Stripes", "Dark to light.", pixels, false});
    Trace line;
    line.name = "line";
    line.x = {0, 1, 2};
    line.y = {0.1, std::numeric_limits<double>::quiet_NaN(), 1e-300};
    line.labels = {"a", "b", "c"};
    Trace surface;
    surface.kind = Trace::Kind::surface;
    surface.name = "surface";
    surface.x = {0, 1};
    surface.y = {0, 1};
    surface.grid = Array(DType::f32, {2, 2});
    surface.grid.as<float>()(0, 1) = 0.1F;
    Chart chart{"chart", "Chart", "Two traces.", "x", "y", "z", {line, surface}, true, false};
    chart.x_names = {"left", "right"};
    context.add(chart);
    context.add(Table{"table", "Table", "Texts.", {"a", "b"}, {{"1", "2"}, {"3", "ü \"quoted\""}}});
    context.add(Remark{"Remark", "A paragraph.\n\nAnother."});
    context.answer("the sum is " + std::to_string(sum.as<double>()(0)));
  }

 private:
  Params params_;
};

inline Registry toy_registry() {
  Registry registry;
  registry.add<ToyStudy::Params>("study", "toy-sum", "What is the sum?")
      .makes<Study>([](const ToyStudy::Params& params) { return std::make_unique<ToyStudy>(params); });
  registry.add<ToyStudy::Params>("study", "train-network", "Does it learn?")
      .makes<Study>([](const ToyStudy::Params& params) { return std::make_unique<ToyStudy>(params); });
  registry.add<ToyOptimiser::Params>("optimiser", "slow", "Slowly.");
  registry.add<ToyOptimiser::Params>("optimiser", "fast", "Fast.");
  registry.add<ToyLayer::Params>("layer", "toy-layer", "A layer.");
  return registry;
}

inline const std::vector<Preset>& toy_presets() {
  static const std::vector<Preset> presets = {
      {"toy-sum", "short",
       "steps = 12\nmode = \"fancy\"\n[train]\nepochs = 2\noptimiser = {type = \"fast\", learning_rate = 0.5}\n"},
      {"toy-sum", "long", "steps = 400\nseed = 9\n"}};
  return presets;
}

/// A folder of its own for each test, removed afterwards.
class FolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "neurarium-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_);
  }
  void TearDown() override {
    ToyStudy::at_step() = {};
    std::filesystem::current_path(before_);
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
  std::filesystem::path folder_, before_;
};

/// The message of the error that `f` throws, or "" if it throws none of that type.
template <class E, class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another error: ") + error.what();
  }
  return {};
}

}  // namespace neurarium::testing
