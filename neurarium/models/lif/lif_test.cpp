// Spiking layers against PyTorch's autograd (validation/spiking/write_networks.py), and closed forms.
#include "neurarium/models/lif/lif.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurarium/nn/stored_network_test.hpp"

namespace neurarium {
namespace {

std::string settings_of(const std::string& name) {
  if (name == "subtract") return "reset = \"subtract\"\nsurrogate = {type = \"fast_sigmoid\"}\n";
  if (name == "none") return "reset = \"none\"\nsurrogate = {type = \"triangle\"}\n";
  if (name == "detached") return "detach_reset = true\nsurrogate = {type = \"arctan\"}\n";
  if (name == "subtract_detached")
    return "reset = \"subtract\"\ndetach_reset = true\nsurrogate = {type = \"gaussian\"}\n";
  if (name == "cuba") return "tau_synapse = \"4 ms\"\nsurrogate = {type = \"rectangle\"}\n";
  if (name == "alif") return "adaptation = 0.3\ntau_adaptation = \"20 ms\"\n";
  if (name == "alif_subtract")
    return "adaptation = 0.3\ntau_adaptation = \"20 ms\"\ntau_synapse = \"4 ms\"\nreset = \"subtract\"\n";
  if (name == "refractory") return "refractory = \"3 ms\"\n";
  if (name == "recurrent") return "recurrent = true\nuse_bias = true\nsurrogate = {type = \"straight\"}\n";
  if (name == "everything")
    return "recurrent = true\nuse_bias = true\nsurrogate = {type = \"gaussian\"}\nadaptation = 0.3\n"
           "tau_adaptation = \"20 ms\"\ntau_synapse = \"4 ms\"\nrefractory = \"2 ms\"\n";
  return "";
}
std::string readout_of(const std::string& name) {
  if (name == "subtract") return "sum";
  if (name == "none") return "last";
  return name == "detached" || name == "everything" ? "max" : "mean";
}

class AgainstPyTorch : public testing::TestWithParam<const char*> {};

TEST_P(AgainstPyTorch, SpikesLossesAndGradients) {
  const std::string name = GetParam();
  const Stored stored("networks.npz", name);
  const StepSpikes events = events_of(stored("x"));
  for (const Scalar& scalar : scalars)
    for (const bool as_events : {true, false}) {
      SCOPED_TRACE(std::string(scalar.name) + (as_events ? " events" : " products of matrices"));
      const auto model = described_network(
          "[model]\ntype = \"sequential\"\ninputs = [25, 12]\nloss = {type = \"cross_entropy\"}\nscalar = \"" +
          std::string(scalar.name) +
          "\"\n[[model.layers]]\ntype = \"lif\"\nunits = 7\nlearn_time_constants = true\n"
          "learn_thresholds = true\n" +
          settings_of(name) +
          "[[model.layers]]\ntype = \"leaky_integrator\"\nunits = 3\nlearn_time_constant = true\n"
          "readout = \"" +
          readout_of(name) + "\"\n");
      auto* trainable = dynamic_cast<Trainable*>(model.get());
      EXPECT_EQ(trainable->gradient_kind(), Trainable::GradientKind::surrogate);
      for (const NamedView& parameter : model->parameters()) set(*model, parameter.name, stored(parameter.name));
      const Array numbers = converted(stored("x"), model->scalar());
      const Samples samples = as_events ? Samples(SpikesView(events)) : Samples(numbers);
      expect_near(model->outputs(samples, {}).front().second, stored("logits"), scalar.tolerance, "logits");
      expect_near(dynamic_cast<Layered&>(*model).activities(samples, {}).front().second, stored("spikes"), 0, "spikes");
      Tape tape;
      Gradient gradient = make_gradient(*model);
      const Batch batch = as_events ? Batch{{}, stored("y"), 1, events} : Batch{numbers, stored("y")};
      const Evaluation result = trainable->evaluate_with_gradient(batch, {}, tape, gradient);
      EXPECT_NEAR(result.loss, stored("loss").as<double>().flat()[0], scalar.tolerance * result.loss);
      const auto parameters = model->parameters();
      for (std::size_t i = 0; i < parameters.size(); ++i)
        expect_near(gradient[i], stored(parameters[i].name + ".gradient"), scalar.tolerance, parameters[i].name);
      EXPECT_EQ(stored.has("lif1.recurrent"),
                std::ranges::any_of(parameters, [](const NamedView& p) { return p.name == "lif1.recurrent"; }));
      if (as_events) {  // by unit, the same bits
        WorkerPool pool(1);
        const SpikesByUnit turned = SpikesView(events).turned_copy(pool);
        Batch by_unit = batch;
        by_unit.spikes.set_turned(turned);
        EXPECT_TRUE(trainable->reads_turned_spikes());
        Gradient same = make_gradient(*model);
        trainable->evaluate_with_gradient(by_unit, {}, tape, same);
        for (std::size_t i = 0; i < parameters.size(); ++i)
          expect_near(same[i], gradient[i], 0, "turned: " + parameters[i].name);
        continue;
      }
      auto& differentiable = dynamic_cast<Differentiable&>(*model);
      Tape again;
      const Array logits(differentiable.logits(numbers, {}, again));
      const Array cotangent = slope_of_cross_entropy(logits, stored("y"));
      expect_near(differentiable.pull_back(cotangent, again), stored("dx"), scalar.tolerance, "dx");
    }
}
INSTANTIATE_TEST_SUITE_P(Lif, AgainstPyTorch,
                         testing::Values("zero", "subtract", "none", "detached", "subtract_detached", "cuba", "alif",
                                         "alif_subtract", "refractory", "recurrent", "everything"),
                         [](const auto& of) { return std::string(of.param); });

// The founding notebook's network; its weights are |w| times the sign of their row, which is undone here.
TEST(Lif, TheNotebooksNetwork) {
  const Stored stored("networks.npz", "notebook");
  const StepSpikes events = events_of(stored("x"));
  const auto signed_weights = [&](const char* w, const char* signs) {
    Tensor<double> values = to_tensor<double>(stored(w).view());
    for (std::size_t i = 0; i < values.shape()[0]; ++i)
      for (std::size_t j = 0; j < values.shape()[1]; ++j)
        values(i, j) = std::abs(values(i, j)) * stored(signs).as<double>()(i);
    return Array(ArrayView(std::as_const(values).view()));
  };
  for (const Scalar& scalar : scalars) {
    SCOPED_TRACE(scalar.name);
    const auto model = described_network(
        "[model]\ntype = \"sequential\"\ninputs = [100, 200]\nloss = {type = \"cross_entropy\"}\nscalar = \"" +
        std::string(scalar.name) +
        "\"\n[[model.layers]]\ntype = \"lif\"\nunits = 30\nspike = \"late\"\n"
        "[[model.layers]]\ntype = \"leaky_integrator\"\nunits = 12\ninput = \"late\"\n");
    set(*model, "lif1.weight", signed_weights("w1", "signs1"));
    set(*model, "leaky_integrator1.weight", signed_weights("w2", "signs2"));
    expect_near(dynamic_cast<Layered&>(*model).activities(SpikesView(events), {}).front().second, stored("spikes"), 0,
                "spikes");
    Tape tape;
    Gradient gradient = make_gradient(*model);
    const Evaluation result =
        dynamic_cast<Trainable&>(*model).evaluate_with_gradient({{}, stored("y"), 1, events}, {}, tape, gradient);
    EXPECT_NEAR(result.loss, stored("loss").as<double>().flat()[0], scalar.tolerance * result.loss);
    const auto raw = [&](const Array& of, const char* w, const char* signs) {
      Tensor<double> values = to_tensor<double>(of.view());
      for (std::size_t i = 0; i < values.shape()[0]; ++i)
        for (std::size_t j = 0; j < values.shape()[1]; ++j)
          values(i, j) *= (stored(w).as<double>()(i, j) < 0 ? -1 : 1) * stored(signs).as<double>()(i);
      return Array(ArrayView(std::as_const(values).view()));
    };
    expect_near(raw(gradient[0], "w1", "signs1"), stored("dw1"), scalar.tolerance, "w1");
    expect_near(raw(gradient[1], "w2", "signs2"), stored("dw2"), scalar.tolerance, "w2");
  }
}

// A constant current I from step 0 on: u_t = I (1 − α^(t+1)) / (1 − α), until it is above the threshold, and again from 0.
TEST(Lif, AConstantCurrentFiresAtTheTimesOfTheClosedForm) {
  const auto model = described_network(
      "[model]\ntype = \"sequential\"\ninputs = [60, 1]\nscalar = \"float64\"\n"
      "[[model.layers]]\ntype = \"lif\"\nunits = 1\ntau_membrane = \"10 ms\"\nweights = [[1]]\n");
  Array x(DType::f64, {1, 60, 1});
  constexpr double current = 0.15;
  std::ranges::fill(x.as<double>().flat(), current);
  const double alpha = std::exp(-0.1);
  const auto period = static_cast<std::size_t>(std::floor(std::log(1 - (1 - alpha) / current) / std::log(alpha))) + 1;
  const Array spikes = model->outputs(x, {}).front().second;
  for (std::size_t t = 0; t < 60; ++t) EXPECT_EQ(spikes.as<double>()(0, t, 0), (t + 1) % period == 0 ? 1 : 0) << t;
}

TEST(Lif, ASilentNetworkHasNoGradientAndNoNaN) {
  const auto model = described_network(
      "[model]\ntype = \"sequential\"\ninputs = [20, 5]\nloss = {type = \"cross_entropy\"}\n"
      "[[model.layers]]\ntype = \"lif\"\nunits = 6\n[[model.layers]]\ntype = \"leaky_integrator\"\nunits = 3\n");
  StepSpikes silence(20, 5);
  for (int t = 0; t < 40; ++t) silence.add_step({});
  Array y(DType::i64, {2});
  Tape tape;
  Gradient gradient = make_gradient(*model);
  dynamic_cast<Trainable&>(*model).evaluate_with_gradient({{}, y, 1, silence}, {}, tape, gradient);
  for (const Array& part : gradient) EXPECT_EQ(largest(part), 0);
}

TEST(Lif, SaysWhatItCantTake) {
  const auto with = [](const std::string& settings, const std::string& inputs = "[20, 5]") {
    return described_network("[model]\ntype = \"sequential\"\ninputs = " + inputs +
                             "\n[[model.layers]]\ntype = \"lif\"\nunits = 3\n" + settings);
  };
  EXPECT_THROW(with("", "[5]"), ShapeError);
  EXPECT_THROW(with("spike = \"late\"\nrefractory = \"2 ms\"\n"), SpecError);
  EXPECT_THROW(with("surrogate = {type = \"no_such\"}\n"), SpecError);
  EXPECT_THROW(with("recurrent_weights = [[1]]\n"), SpecError);
  EXPECT_THROW(with("thresholds = [1, 1]\n"), ShapeError);
  EXPECT_THROW(with("thresholds = [1, 1, -1]\n"), SpecError);
  EXPECT_THROW(with("tau_membrane = \"0 ms\"\n"), SpecError);
  const auto model = with("");
  StepSpikes others(20, 6);
  for (int t = 0; t < 20; ++t) others.add_step({});
  EXPECT_THROW(model->outputs(SpikesView(others), {}), ShapeError);
}

}  // namespace
}  // namespace neurarium
