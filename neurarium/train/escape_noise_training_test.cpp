// Networks of units that fire by chance: their training has the same bits whoever does it.
#include <gtest/gtest.h>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/described_network_test.hpp"
#include "neurarium/train/trainer.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium {
namespace {

std::vector<double> trained(const std::string& settings, int threads, int stop_after) {
  Split split{Array(DType::f32, {60, 12, 3}), Array(DType::i64, {60})};
  fill_uniform(Stream(9, "x"), {}, 0, 1, split.x.as<float>().flat());
  for (std::size_t i = 0; i < 60; ++i) split.y.as<std::int64_t>()(i) = static_cast<std::int64_t>(i % 3);
  const auto model = described_network(
      "[model]\ntype = \"sequential\"\ninputs = [12, 3]\nloss = {type = \"cross_entropy\"}\nseed = "
      "7\n[[model.layers]]\n"
      "type = \"lif\"\nunits = 9\n" +
      settings + "[[model.layers]]\ntype = \"leaky_integrator\"\nunits = 3\n");
  TrainParams params;
  params.epochs = 3, params.batch_size = 16, params.shard_size = 4;
  auto& network = dynamic_cast<Trainable&>(*model);
  static const Registry registry = builtin_registry();
  contracts::TestContext context(registry, threads, 5);
  context.stop_after(stop_after);
  try {
    train(network, split, 1, params, context);
    EXPECT_EQ(stop_after, -1);
  } catch (const Interrupted&) {
    context.stop_after(-1);
    train(network, split, 1, params, context);
  }
  std::vector<double> all;
  for (const NamedView& parameter : model->parameters()) {
    const Tensor<double> values = to_tensor<double>(parameter.values);
    all.insert(all.end(), values.flat().begin(), values.flat().end());
  }
  return all;
}

TEST(EscapeNoiseTraining, HasTheSameBitsOnAnyNumberOfThreadsAndAfterAStop) {
  for (const std::string kind : {"", "recurrent = true\n", "spike = \"late\"\n"}) {
    const std::string noise = kind + "escape_noise = 0.2\n";
    const std::vector<double> once = trained(noise, 1, -1);
    EXPECT_EQ(trained(noise, 2, -1), once) << kind;
    EXPECT_EQ(trained(noise, 1, 4), once) << kind;
    EXPECT_NE(trained(kind, 1, -1), once) << kind;
  }
}

}  // namespace
}  // namespace neurarium
