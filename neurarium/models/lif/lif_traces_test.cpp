// What membranes do, step by step: beside Brian2 (validation/spiking/write_brian2_traces.py), and in closed form.
#include <gtest/gtest.h>

#include "neurarium/nn/stored_network_test.hpp"
#include "neurarium/nn/traces.hpp"

namespace neurarium {
namespace {

constexpr double dt = 1e-3;

/// The course called `name` of one sample, [step, unit].
Tensor<double> course(const Model& model, const Samples& samples, const std::string& name) {
  for (auto& [found, array] : dynamic_cast<const TracedModel&>(model).traces(samples, {}))
    if (found == name) {
      array.reshape(array.shape().tail());
      return to_tensor<double>(array.view());
    }
  throw InternalError("no trace " + name);
}

std::string settings_of(const std::string& name) {
  if (name == "subtract" || name == "none") return "reset = \"" + name + "\"\n";
  if (name == "recurrent") return "recurrent = true\n";
  if (name == "cuba") return "recurrent = true\ntau_synapse = \"4 ms\"\n";
  if (name == "alif") return "adaptation = 0.4\ntau_adaptation = \"30 ms\"\n";
  return name == "refractory" ? "refractory = \"3 ms\"\n" : "";
}

class AgainstBrian2 : public testing::TestWithParam<const char*> {};

TEST_P(AgainstBrian2, MembranesThresholdsAndSpikes) {
  const std::string name = GetParam();
  const Stored stored("brian2.npz", name);
  const auto model = described_network(
      "[model]\ntype = \"sequential\"\ninputs = [200, 10]\nscalar = \"float64\"\n[[model.layers]]\ntype = \"lif\"\n"
      "units = 6\nlearn_time_constants = true\nlearn_thresholds = true\n" +
      settings_of(name));
  Tensor<double> log_tau = to_tensor<double>(stored("tau").view());
  for (double& tau : log_tau.flat()) tau = std::log(tau);
  set(*model, "lif1.weight", stored("weights"));
  set(*model, "lif1.log_tau_membrane", Array(ArrayView(std::as_const(log_tau).view())));
  set(*model, "lif1.threshold", stored("threshold"));
  if (stored.has("recurrent")) set(*model, "lif1.recurrent", stored("recurrent"));
  const StepSpikes events = events_of(stored("x"));
  const Array numbers = converted(stored("x"), DType::f64);
  for (const Samples& samples : {Samples(SpikesView(events)), Samples(numbers)}) {
    const Tensor<double> membrane = course(*model, samples, "lif1.membrane"),
                         limit = course(*model, samples, "lif1.threshold");
    const Tensor<double> expected = to_tensor<double>(stored("membrane").view());
    for (std::size_t i = 0; i < membrane.size(); ++i)
      ASSERT_NEAR(membrane.flat()[i], expected.flat()[i], 1e-10) << "step " << i / 6 << ", unit " << i % 6;
    for (std::size_t i = 0; i < limit.size(); ++i)
      ASSERT_NEAR(limit.flat()[i],
                  stored.has("limits") ? stored("limits").as<double>().flat()[i]
                                       : stored("threshold").as<double>().flat()[i % 6],
                  1e-10);
    expect_near(ArrayView(course(*model, samples, "lif1.spikes").view()), stored("spikes"), 0, "spikes");
    Array answers = model->outputs(samples, {}).front().second;
    answers.reshape({200, 6});
    expect_near(answers, stored("spikes"), 0, "answers");
  }
}
INSTANTIATE_TEST_SUITE_P(Lif, AgainstBrian2,
                         testing::Values("lif", "subtract", "none", "recurrent", "cuba", "alif", "refractory"),
                         [](const auto& of) { return std::string(of.param); });

std::unique_ptr<Model> one_unit(const std::string& settings) {
  return described_network(
      "[model]\ntype = \"sequential\"\ninputs = [40, 1]\nscalar = \"float64\"\n[[model.layers]]\ntype = \"lif\"\nunits "
      "= 1\n" +
      settings);
}

StepSpikes one_spike_at(std::size_t when) {
  StepSpikes spikes(40, 1);
  const StepSpikes::Unit unit = 0;
  for (std::size_t t = 0; t < 40; ++t)
    spikes.add_step(t == when ? std::span(&unit, 1) : std::span<const StepSpikes::Unit>());
  return spikes;
}

// u jumps by the weight in the step of the spike, and decays: w α^n, n steps later.
TEST(LifTraces, OneSpikeWithDeltaSynapses) {
  const auto model = one_unit("tau_membrane = \"7 ms\"\nweights = [[0.8]]\n");
  const StepSpikes spike = one_spike_at(5);
  const Tensor<double> u = course(*model, SpikesView(spike), "lif1.membrane");
  const Tensor<double> current = course(*model, SpikesView(spike), "lif1.current");
  for (std::size_t t = 0; t < 40; ++t) {
    EXPECT_NEAR(u(t, 0), t < 5 ? 0 : 0.8 * std::exp(-dt * static_cast<double>(t - 5) / 7e-3), 1e-14) << t;
    EXPECT_EQ(current(t, 0), t == 5 ? 0.8 : 0) << t;
  }
}

// Σ_k α^(n − k) β^k = (α^(n+1) − β^(n+1)) / (α − β), n steps after the spike.
TEST(LifTraces, OneSpikeWithSynapticCurrents) {
  const auto model = one_unit("tau_membrane = \"7 ms\"\ntau_synapse = \"3 ms\"\nweights = [[0.2]]\n");
  const StepSpikes spike = one_spike_at(5);
  const Tensor<double> u = course(*model, SpikesView(spike), "lif1.membrane");
  const Tensor<double> current = course(*model, SpikesView(spike), "lif1.current");
  const double alpha = std::exp(-dt / 7e-3), beta = std::exp(-dt / 3e-3);
  for (std::size_t t = 5; t < 40; ++t) {
    const auto n = static_cast<double>(t - 4);
    EXPECT_NEAR(u(t, 0), 0.2 * (std::pow(alpha, n) - std::pow(beta, n)) / (alpha - beta), 1e-14) << t;
    EXPECT_NEAR(current(t, 0), 0.2 * std::pow(beta, n - 1), 1e-14) << t;
  }
}

// From 0, u_n = I (1 − α^n) / (1 − α) after n steps of a current I: the first n above the threshold is the interval, and a refractory time
// comes on top of it.
TEST(LifTraces, AConstantCurrentsIntervals) {
  for (const double current : {0.14, 0.2, 0.35, 0.6})
    for (const int still : {0, 3}) {
      SCOPED_TRACE(std::to_string(current) + " and " + std::to_string(still));
      const auto model = one_unit("tau_membrane = \"8 ms\"\nweights = [[0]]\nuse_bias = true\nbias = [" +
                                  std::to_string(current) + "]\nrefractory = \"" + std::to_string(still) + " ms\"\n");
      const double alpha = std::exp(-dt / 8e-3);
      const int rise = static_cast<int>(std::floor(std::log(1 - (1 - alpha) / current) / std::log(alpha))) + 1;
      const StepSpikes silence = one_spike_at(40);
      const Tensor<double> fired = course(*model, SpikesView(silence), "lif1.spikes");
      for (int t = 0; t < 40; ++t)
        EXPECT_EQ(fired(static_cast<std::size_t>(t), 0), t % (rise + still) == rise - 1 ? 1 : 0) << t;
    }
}

TEST(LifTraces, AreThoseOfEachSampleAndOfTheLayersThatHaveAny) {
  const auto model = described_network(
      "[model]\ntype = \"sequential\"\ninputs = [40, 1]\n[[model.layers]]\ntype = \"lif\"\nunits = "
      "3\n[[model.layers]]\n"
      "type = \"lif\"\nname = \"late\"\nunits = 2\nspike = \"late\"\n[[model.layers]]\ntype = "
      "\"leaky_integrator\"\nunits = 2\n");
  StepSpikes two = one_spike_at(3);
  two.append(one_spike_at(9));
  const NamedArrays all = dynamic_cast<const TracedModel&>(*model).traces(SpikesView(two), {});
  std::vector<std::string> names;
  for (const auto& [name, array] : all) {
    names.push_back(name);
    EXPECT_EQ(array.shape(), name.starts_with("lif1") ? (Shape{2, 40, 3}) : (Shape{2, 40, 2})) << name;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"lif1.current", "lif1.membrane", "lif1.threshold", "lif1.spikes",
                                             "late.current", "late.membrane", "late.threshold", "late.spikes"}));
  const View<const float> membranes = all[1].second.as<float>();
  for (std::size_t i : {0u, 1u})
    for (std::size_t t = 0; t < 40; ++t) EXPECT_EQ(membranes(i, t, 0) != 0, t >= (i == 0 ? 3u : 9u)) << i << ' ' << t;
}

}  // namespace
}  // namespace neurarium
