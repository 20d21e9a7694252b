// Who is asked on the way back: layers below the first one that learns, only if somebody wants the gradient at the input.
#include "neurarium/nn/chain.hpp"

#include <gtest/gtest.h>

#include "neurarium/core/rng.hpp"
#include "neurarium/interchange/toml.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {
namespace {

/// Hands on what it gets, and writes down who asks it on the way back.
struct Witness : Layer<float> {
  struct Params {
    std::string name;
    static Schema fields() { return Schema::of<Params>({field("name", &Params::name, "Name.")}); }
  };
  explicit Witness(std::string name) : name_(std::move(name)) {}
  static std::vector<std::string>& heard() {
    static std::vector<std::string> names;
    return names;
  }
  Shape build(const Shape& input, const std::string&, std::uint64_t) override { return input; }
  void forward(const Activity<float>& in, Activity<float>& out, const Context&, Tape&) const override {
    std::ranges::copy(in.numbers().flat(), out.make_like(in).flat().begin());
  }
  void backward(const Activity<float>& out_gradient, Activity<float>* in_gradient, const Tape&,
                std::span<const View<float>>) const override {
    heard().push_back(name_ + (in_gradient ? ", gradient at its input" : ""));
    if (in_gradient)
      std::ranges::copy(out_gradient.numbers().flat(), in_gradient->make_like(out_gradient).flat().begin());
  }

 private:
  std::string name_;
};

std::unique_ptr<Model> network(const std::string& layers) {
  static const Registry house = [] {
    Registry registry = builtin_registry();
    registry.add<Witness::Params>("layer", "witness", "Writes down who asks it.")
        .makes<Layer<float>>([](const Witness::Params& p) { return std::make_unique<Witness>(p.name); });
    return registry;
  }();
  const std::string text = "[model]\ntype = \"sequential\"\ninputs = [3]\nseed = 1\n" + layers;
  return house.make<Model>("model", component_from(parse_toml(text, "test").at("model")), "model");
}

std::string witness(const std::string& name) {
  return "[[model.layers]]\ntype = \"witness\"\nname = \"" + name + "\"\n";
}
const std::string dense = "[[model.layers]]\ntype = \"dense\"\nunits = 3\n";

TEST(Chain, BelowTheFirstLayerThatLearnsNobodyIsAskedInTraining) {
  const auto with = network(witness("below") + dense + witness("between") + dense), without = network(dense + dense);
  Array x(DType::f32, {5, 3}), y(DType::f32, {5, 3});
  fill_uniform(Stream(1, "x"), {}, -1, 1, x.as<float>().flat());
  std::vector<Gradient> gradients;
  for (const auto* model : {&with, &without}) {
    Tape tape;
    Gradient& gradient = gradients.emplace_back(make_gradient(**model));
    Witness::heard().clear();
    dynamic_cast<Trainable&>(**model).evaluate_with_gradient({x, y}, {Mode::train, 1, 0, 0, {}}, tape, gradient);
    if (model == &with) {
      EXPECT_EQ(Witness::heard(), (std::vector<std::string>{"between, gradient at its input"}));
    }
  }
  ASSERT_EQ(gradients[0].size(), gradients[1].size());
  for (std::size_t i = 0; i < gradients[0].size(); ++i)
    EXPECT_TRUE(std::ranges::equal(gradients[0][i].as<float>().flat(), gradients[1][i].as<float>().flat()));

  Tape tape;
  auto& differentiable = dynamic_cast<Differentiable&>(*with);
  const Array logits(differentiable.logits(x, {}, tape));
  Witness::heard().clear();
  differentiable.pull_back(logits, tape);
  EXPECT_EQ(Witness::heard(),
            (std::vector<std::string>{"between, gradient at its input", "below, gradient at its input"}));
}

TEST(Chain, WithoutAnythingToLearnNobodyIsAsked) {
  const auto model = network(witness("only"));
  Array x(DType::f32, {2, 3}), y(DType::f32, {2, 3});
  Tape tape;
  Gradient gradient = make_gradient(*model);
  Witness::heard().clear();
  dynamic_cast<Trainable&>(*model).evaluate_with_gradient({x, y}, {Mode::train, 1, 0, 0, {}}, tape, gradient);
  EXPECT_TRUE(Witness::heard().empty());
}

}  // namespace
}  // namespace neurarium
