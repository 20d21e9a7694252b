// Delays against PyTorch (validation/spiking/write_layers.py), and what they are for. That file's networks also have costs of rates and
// counts of spikes.
#include "neurarium/models/axonal_delay/axonal_delay.hpp"

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/stored_network_test.hpp"

namespace neurarium {
namespace {

std::unique_ptr<Model> stored_network(const std::string& name, const std::string& scalar) {
  const bool rounded = name == "rounded";
  return described_network(
      "[model]\ntype = \"sequential\"\ninputs = [20, 8]\nloss = {type = \"cross_entropy\"}\nscalar = \"" + scalar +
      "\"\n[[model.layers]]\ntype = \"axonal_delay\"\nmaximum = \"6 ms\"\ninterpolate = " +
      (rounded ? "false" : "true") +
      "\n[[model.layers]]\ntype = \"lif\"\nunits = 5\n[[model.layers]]\ntype = \"rate_penalty\"\nl1 = 2e-3\nl2 = 3e-5\n"
      "lower = \"60 Hz\"\nlower_strength = 2e-4\nupper = \"110 Hz\"\nupper_strength = 1e-4\nrate_of = \"" +
      (rounded ? "unit" : "population") + "\"\n[[model.layers]]\ntype = \"spike_count\"\n" +
      (rounded ? "scale = \"rate\"\nfactor = 0.02\n" : ""));
}

class DelaysAgainstPyTorch : public testing::TestWithParam<const char*> {};

TEST_P(DelaysAgainstPyTorch, SpikesLossesAndGradients) {
  const Stored stored("layers.npz", GetParam());
  const StepSpikes events = events_of(stored("x"));
  for (const Scalar& scalar : scalars)
    for (const bool as_events : {true, false}) {
      SCOPED_TRACE(std::string(scalar.name) + (as_events ? " events" : " numbers"));
      const auto model = stored_network(GetParam(), scalar.name);
      for (const NamedView& parameter : model->parameters()) set(*model, parameter.name, stored(parameter.name));
      const Array numbers = converted(stored("x"), model->scalar());
      const Samples samples = as_events ? Samples(SpikesView(events)) : Samples(numbers);
      const NamedArrays activities = dynamic_cast<Layered&>(*model).activities(samples, {});
      expect_near(activities[1].second, stored("spikes"), 0, "spikes");
      expect_near(activities[2].second, stored("spikes"), 0, "spikes behind the penalty");
      expect_near(activities[3].second, stored("logits"), scalar.tolerance, "logits");

      const Batch batch = as_events ? Batch{{}, stored("y"), 1, events} : Batch{numbers, stored("y")};
      const auto& trainable = dynamic_cast<Trainable&>(*model);
      EXPECT_EQ(trainable.gradient_kind(), Trainable::GradientKind::surrogate);
      Tape tape;
      Gradient gradient = make_gradient(*model);
      const Context training{Mode::train, 0, 0, 0, {}};
      const double with_cost = stored("loss").as<double>().flat()[0],
                   plain = stored("plain_loss").as<double>().flat()[0];
      EXPECT_NEAR(trainable.evaluate_with_gradient(batch, training, tape, gradient).loss, with_cost,
                  scalar.tolerance * with_cost);
      EXPECT_NEAR(trainable.evaluate(batch, {}, tape).loss, plain, scalar.tolerance * plain);
      const auto parameters = model->parameters();
      ASSERT_EQ(parameters.size(), 2u);
      for (std::size_t i = 0; i < parameters.size(); ++i)
        expect_near(gradient[i], stored(parameters[i].name + ".gradient"), scalar.tolerance, parameters[i].name);

      if (as_events)
        continue;  // gradients at the input, of numbers; in training, too, the penalty is no part of the logits
      auto& differentiable = dynamic_cast<Differentiable&>(*model);
      const Array logits(differentiable.logits(numbers, training, tape));
      expect_near(differentiable.pull_back(slope_of_cross_entropy(logits, stored("y")), tape), stored("dx"),
                  scalar.tolerance, "dx");
    }
}
INSTANTIATE_TEST_SUITE_P(AxonalDelay, DelaysAgainstPyTorch, testing::Values("rounded", "shared_out"),
                         [](const auto& of) { return std::string(of.param); });

TEST(AxonalDelay, MovesEventsAndLosesThoseThatComeTooLate) {
  const auto model = described_network(
      "[model]\ntype = \"sequential\"\ninputs = [4, 3]\n"
      "[[model.layers]]\ntype = \"axonal_delay\"\ndelays = [0, 1.5e-3, 1]\nmaximum = 1\n");
  StepSpikes spikes(4, 3);  // two samples; units 0 and 2 fire twice in a step
  for (const std::vector<StepSpikes::Unit>& step :
       std::vector<std::vector<StepSpikes::Unit>>{{0, 0, 1}, {1}, {0, 2, 2}, {1}, {}, {1, 1}, {}, {0, 1}})
    spikes.add_step(step);
  const Array found = model->outputs(SpikesView(spikes), {}).front().second;
  const std::vector<float> expected = {2, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0,   // unit 1 moves by two steps,
                                       0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0};  // unit 2 by a second
  EXPECT_TRUE(std::ranges::equal(found.as<float>().flat(), expected));
}

TEST(AxonalDelay, FirstDelays) {
  const auto with = [](const std::string& settings) {
    return described_network(
        "[model]\ntype = \"sequential\"\ninputs = [5, 200]\n[[model.layers]]\ntype = \"axonal_delay\"\n" + settings);
  };
  const auto same = with("initial = \"constant\"\ndelay = \"3 ms\"\ndt = \"0.5 ms\"\nlearn_delays = false\n");
  EXPECT_TRUE(same->parameters().empty());
  ASSERT_EQ(same->buffers().size(), 1u);  // not learned, but kept with the network
  for (const float steps : same->buffers().front().values.as<float>().flat()) EXPECT_FLOAT_EQ(steps, 6);
  const auto drawn = with("maximum = \"20 ms\"\n");
  double sum = 0;
  for (const float steps : drawn->parameters().front().values.as<float>().flat()) {
    EXPECT_TRUE(steps >= 0 && steps < 20) << steps;
    sum += static_cast<double>(steps);
  }
  EXPECT_NEAR(sum / 200, 10, 5 * 20 / std::sqrt(12 * 200.0));
  EXPECT_THROW(with("delays = [1, 2]\n"), ShapeError);
  EXPECT_THROW(with("initial = \"constant\"\ndelay = \"11 ms\"\n"), SpecError);
  EXPECT_THROW(with("maximum = -1\n"), SpecError);
}

// Six fibres fire once each: in sounds of class 1 the later, the higher their number; in those of class 0 the other way round. One
// unit counts coincidences; its weights can't tell the two apart, since each fibre fires as often in both. Delays can.
TEST(AxonalDelay, LearnsToDetectASequenceByItsDelaysAlone) {
  constexpr std::size_t fibres = 6, steps = 40, samples = 64;
  const auto sounds = [&](std::uint64_t seed, StepSpikes& spikes, Array& labels) {
    std::vector<double> draws(samples * 2);
    fill_uniform(Stream(seed, "sounds"), {}, 0, 1, draws);
    for (std::size_t i = 0; i < samples; ++i) {
      const bool rising = draws[2 * i] < 0.5;
      const auto start = static_cast<std::size_t>(draws[2 * i + 1] * 10);
      labels.as<std::int64_t>()(i) = rising;
      for (std::size_t t = 0; t < steps; ++t) {
        std::vector<StepSpikes::Unit> fired;
        for (std::size_t j = 0; j < fibres; ++j)
          if (t == start + 3 * (rising ? j : fibres - 1 - j)) fired.push_back(static_cast<StepSpikes::Unit>(j));
        spikes.add_step(fired);
      }
    }
  };
  const auto model = described_network(
      "[model]\ntype = \"sequential\"\ninputs = [40, 6]\nloss = {type = \"cross_entropy\"}\n"
      "[[model.layers]]\ntype = \"axonal_delay\"\nmaximum = \"20 ms\"\ninitial = \"constant\"\ndelay = \"8 ms\"\n"
      "[[model.layers]]\ntype = \"lif\"\nunits = 1\nthreshold = 2.8\nweights = [[1], [1], [1], [1], [1], [1]]\n"
      "surrogate = {type = \"fast_sigmoid\"}\ndetach_reset = true\n"
      "[[model.layers]]\ntype = \"spike_count\"\n"
      "[[model.layers]]\ntype = \"dense\"\nunits = 2\nweights = [[-2], [2]]\nbias = [1, -1]\nactivation = "
      "\"identity\"\n");
  ASSERT_EQ(model->parameters().front().name, "axonal_delay1.delay");
  const auto delays = model->parameters().front().values.as<float>().flat();
  auto& trainable = dynamic_cast<Trainable&>(*model);
  StepSpikes train(steps, fibres), test(steps, fibres);
  Array train_labels(DType::i64, {samples}), test_labels(DType::i64, {samples});
  sounds(1, train, train_labels), sounds(2, test, test_labels);
  Tape tape;
  const auto accuracy = [&] {
    return trainable.evaluate({{}, test_labels, 1, test}, {}, tape).correct / static_cast<double>(samples);
  };
  EXPECT_LT(accuracy(), 0.7);
  constexpr int learning_steps = 60;
  for (int step = 0; step < learning_steps; ++step) {  // ever shorter steps along the gradient of the delays alone
    Gradient gradient = make_gradient(*model);
    trainable.evaluate_with_gradient({{}, train_labels, 1, train}, {}, tape, gradient);
    const auto slope = gradient.front().as<float>().flat();
    float squares = 1e-12F;
    for (const float x : slope) squares += x * x;
    const float length = 0.5F * (1 - static_cast<float>(step) / learning_steps);
    for (std::size_t j = 0; j < fibres; ++j) delays[j] -= length * slope[j] / std::sqrt(squares);
  }
  EXPECT_EQ(accuracy(), 1);
  EXPECT_GT(std::abs(delays[0]), std::abs(delays[5]) + 5);  // who fires first waits longest
}

}  // namespace
}  // namespace neurarium
