// Copies by hand, in the order of their times; gradients add up; too many units are refused.
#include "neurarium/models/delay_line/delay_line.hpp"

#include "neurarium/nn/spike_mover_test.hpp"

namespace neurarium {
namespace {

TEST(DelayLine, CopiesComeLaterAndTheirGradientsAddUp) {
  DelayLine<double> layer({"", 3, 0.25});
  const std::vector<std::uint64_t> ids = {0, 1};
  for (const Context& context : {Context{}, Context{Mode::train, 1, 1, 0, {}}})
    for (const auto& sample : moved(layer, {{0, 1}, {0.25, 0}, {0.625, 1}}, 2, 1.0, ids, context)) {
      EXPECT_EQ(sample.spikes,
                (std::vector<MovedSample::Spike>{
                    {0, 1}, {0.25, 0}, {0.25, 3}, {0.5, 2}, {0.5, 5}, {0.625, 1}, {0.75, 4}, {0.875, 3}}));
      EXPECT_EQ(sample.back, (std::vector<double>{1 + 100 + 10000, 10 + 1000 + 1000000, 100000 + 10000000}));
    }
  EXPECT_EQ(layer.build({2}, "later", 0), Shape{6});
  EXPECT_THROW(layer.build({40000}, "later", 0), ShapeError);
  EXPECT_THROW(layer.build({2, 2}, "later", 0), ShapeError);
}

TEST(DelayLine, LeavesOutCopiesAtTheEndButNoSpikeBeyondIt) {
  DelayLine<double> layer({"", 2, 0.5});
  const std::vector<std::uint64_t> ids = {0};
  const auto found = moved(layer, {{0.5, 0}, {1.25, 0}}, 1, 1.0, ids, {});
  EXPECT_EQ(found[0].spikes, (std::vector<MovedSample::Spike>{{0.5, 0}, {1.25, 0}}));
}

}  // namespace
}  // namespace neurarium
