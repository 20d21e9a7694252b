// Every layer against PyTorch (validation/backprop/write_layers.py, validation/gaussian/write_layers.py): answers, gradients, running statistics, and the losses
// of a convolutional network while it learns.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "neurarium/interchange/npz.hpp"
#include "neurarium/interchange/toml.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/nn/chain.hpp"
#include "neurarium/train/trainer.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

const Registry& registry() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

/// PyTorch's arrays by name, without the case they belong to.
using Answers = std::map<std::string, Array>;
const std::map<std::string, Answers>& cases() {
  static const std::map<std::string, Answers> all = [] {
    std::map<std::string, Answers> read;
    for (const char* family : {"backprop", "gaussian"})
      for (auto& [name, array] :
           read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/" + family + "/layers.npz")) {
        const std::size_t slash = name.find('/');
        read[name.substr(0, slash)][name.substr(slash + 1)] = std::move(array);
      }
    return read;
  }();
  return all;
}

Value layers_of(const Answers& answers) {
  const auto bytes = answers.at("layers").as<std::uint8_t>().flat();
  return parse_toml(std::string(bytes.begin(), bytes.end()), "layers.npz");
}

template <class T>
class TorchLayers : public testing::Test {
 protected:
  /// 1e-10 in double, 1e-5 in float, relative to the largest number.
  static constexpr double tolerance = sizeof(T) == 8 ? 1e-10 : 1e-5;

  static void expect_near(View<const T> found, const Array& expected, const std::string& what) {
    ASSERT_EQ(found.size(), expected.size()) << what;
    const auto e = expected.as<double>().flat();
    double largest = 1e-3;
    for (const double x : e) largest = std::max(largest, std::abs(x));
    for (std::size_t i = 0; i < e.size(); ++i)
      ASSERT_NEAR(static_cast<double>(found.flat()[i]), e[i], tolerance * largest) << what << '[' << i << ']';
  }

  static void put(ArrayView numbers, View<T> to, const std::string& what) {
    ASSERT_EQ(numbers.shape(), to.shape()) << what;
    std::ranges::copy(to_tensor<T>(numbers).flat(), to.flat().begin());
  }

  static void compare(const Answers& answers) {
    const Array& x = answers.at("x");
    std::vector<Component> parts;
    const Value layers = layers_of(answers);
    for (const Value& layer : layers.at("layers").as_list()) parts.push_back(component_from(layer));
    Chain<T> chain(parts, registry(), x.shape().tail(), "", "layers", 1);
    std::map<std::string, Tensor<T>> gradients;
    std::vector<View<T>> views;
    std::size_t taken = 0;
    for (const auto& stage : chain.stages()) {
      for (Parameter<T>* parameter : stage.parameters) {
        const std::string name = stage.name + "." + parameter->name;
        put(answers.at("state/" + name), parameter->value.view(), name);
        views.push_back((gradients[name] = Tensor<T>(parameter->value.shape())).view());
        ++taken;
      }
      for (Parameter<T>* buffer : stage.buffers)
        put(answers.at("state/" + stage.name + "." + buffer->name), buffer->value.view(), buffer->name), ++taken;
    }
    EXPECT_EQ(taken, static_cast<std::size_t>(
                         std::ranges::count_if(answers, [](const auto& a) { return a.first.starts_with("state/"); })));

    const bool training = answers.at("training").as<std::int64_t>()(0) != 0;
    const Context context{training ? Mode::train : Mode::eval, 0, 0, 0, {}};
    Activity<T> in, out, y, c, cotangent, dx;
    put(x, in.make_dense(x.shape()), "x");
    Tape tape;
    const ForwardShard<T> forward{&in, &out, &context, &tape};
    chain.forward({&forward, 1}, run_here);
    convert(out, Layout::sample_major, y);
    expect_near(y.dense(), answers.at("y"), "y");
    put(answers.at("c"), c.make_dense(out.shape()), "c");
    convert(c, out.layout(), cotangent);
    const BackwardShard<T> backward{&cotangent, &dx, &tape, views};
    chain.backward({&backward, 1}, run_here);
    expect_near(dx.dense(), answers.at("dx"), "dx");
    for (const auto& [name, gradient] : gradients)
      expect_near(gradient.view(), answers.at("gradient/" + name), "gradient of " + name);
    if (!training) return;
    chain.keep_statistics(tape);
    for (const auto& stage : chain.stages())
      for (Parameter<T>* buffer : stage.buffers)
        expect_near(buffer->value.view(), answers.at("after/" + stage.name + "." + buffer->name), buffer->name);
  }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(TorchLayers, Scalars);

TYPED_TEST(TorchLayers, AnswerAndSendBackTheSame) {
  std::set<std::string> types;
  for (const auto& [name, answers] : cases()) {
    if (name == "curve") continue;
    SCOPED_TRACE(name);
    TestFixture::compare(answers);
    if (testing::Test::HasFatalFailure()) return;
    const Value layers = layers_of(answers);
    for (const Value& layer : layers.at("layers").as_list()) types.insert(layer.at("type").as_text());
  }
  for (const char* type :
       {"activation", "average_pool", "batch_norm", "conv2d", "dense", "dropout", "flatten", "max_pool", "residual"})
    EXPECT_TRUE(types.contains(type)) << type << " was not compared";
}

/// A network whose loss at every step is written down.
class Watched : public Trainable {
 public:
  explicit Watched(Trainable& model) : model_(model) {}
  DType scalar() const override { return model_.scalar(); }
  Shape input_shape() const override { return model_.input_shape(); }
  std::vector<NamedView> parameters() override { return model_.parameters(); }
  std::vector<NamedView> buffers() override { return model_.buffers(); }
  NamedArrays outputs(const Samples& samples, const Context& context) const override {
    return model_.outputs(samples, context);
  }
  Evaluation evaluate(const Batch& batch, const Context& context, Tape& tape) const override {
    return model_.evaluate(batch, context, tape);
  }
  Evaluation evaluate_with_gradient(const Batch& batch, const Context& context, Tape& tape,
                                    Gradient& gradient) const override {
    return model_.evaluate_with_gradient(batch, context, tape, gradient);
  }
  bool couples_samples() const override { return model_.couples_samples(); }
  void evaluate_together(std::span<ShardOfBatch> shards, WorkerPool& pool) const override {
    model_.evaluate_together(shards, pool);
    Evaluation sum;
    for (const ShardOfBatch& shard : shards) sum += shard.result;
    losses.push_back(sum.loss / static_cast<double>(sum.samples));
  }
  void keep_statistics(const Tape& tape) override { model_.keep_statistics(tape); }
  mutable std::vector<double> losses;

 private:
  Trainable& model_;
};

// 201 steps over 64 images in batches of 24, 24 and 16, cut into shards of 7.
std::vector<double> losses_of(const char* scalar, std::unique_ptr<Model>& model) {
  const Answers& curve = cases().at("curve");
  Value settings = layers_of(curve), loss = Value::table();
  loss.set("type", "cross_entropy");
  settings.set("loss", loss);
  settings.set("inputs", Value::List{1, 8, 8});
  settings.set("scalar", scalar);
  model = registry().make<Model>("model", {"sequential", settings}, "model");
  for (const auto& list : {model->parameters(), model->buffers()})
    for (const NamedView& item : list)
      with_floating(item.values.dtype(), [&]<class T>() {
        const Tensor<T> first = to_tensor<T>(curve.at("state/" + item.name));
        std::ranges::copy(first.flat(), item.values.as<T>().flat().begin());
      });
  TrainParams params;
  params.epochs = 67;
  params.batch_size = 24;
  params.shard_size = 7;
  params.shuffle = false;
  params.optimiser.settings.set("learning_rate", 0.05);
  params.optimiser.settings.set("momentum", 0.9);
  Watched watched(dynamic_cast<Trainable&>(*model));
  contracts::TestContext context(registry(), 2, 0);
  const Split split{converted(curve.at("x"), model->scalar()), curve.at("labels")};
  train(watched, split, 1, params, context);
  return watched.losses;
}

TEST(TorchCurve, InDoubleEveryLossAndTheLastWeightsAreTheSame) {
  std::unique_ptr<Model> model;
  const std::vector<double> losses = losses_of("float64", model);
  const Answers& curve = cases().at("curve");
  const auto expected = curve.at("losses").as<double>().flat();
  ASSERT_EQ(losses.size(), 201u);
  ASSERT_EQ(expected.size(), 201u);
  double furthest = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    ASSERT_NEAR(losses[i], expected[i], 1e-8) << "step " << i;
    furthest = std::max(furthest, std::abs(losses[i] - expected[i]));
  }
  RecordProperty("furthest", std::to_string(furthest * 1e12) + "e-12");
  for (const auto& list : {model->parameters(), model->buffers()})
    for (const NamedView& item : list) {
      const auto last = curve.at("final/" + item.name).as<double>().flat();
      for (std::size_t i = 0; i < last.size(); ++i)
        EXPECT_NEAR(item.values.as<double>().flat()[i], last[i], 1e-8) << item.name << '[' << i << ']';
    }
}

TEST(TorchCurve, InFloatTheFirstFiftyLossesAreNear) {
  std::unique_ptr<Model> model;
  const std::vector<double> losses = losses_of("float32", model);
  const auto expected = cases().at("curve").at("losses").as<double>().flat();
  for (std::size_t i = 0; i < 50; ++i) ASSERT_NEAR(losses[i], expected[i], 1e-3) << "step " << i;
}

}  // namespace
}  // namespace neurarium
