#include "neurarium/models/channels_first/channels_first.hpp"

#include <gtest/gtest.h>

namespace neurarium {
namespace {

TEST(ChannelsFirst, MovesTheChannelsInFrontAndTheirGradientsBack) {
  ChannelsFirst<double> layer({});
  EXPECT_EQ(layer.build({2, 3, 2}, "layer", 0), (Shape{2, 2, 3}));
  Activity<double> in, out, back;
  const auto x = in.make_dense({2, 2, 3, 2});
  for (std::size_t i = 0; i < x.size(); ++i) x.flat()[i] = static_cast<double>(i);
  Tape tape;
  layer.forward(in, out, {}, tape);
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t j = 0; j < 3; ++j)
        for (std::size_t c = 0; c < 2; ++c) EXPECT_EQ(out.dense()(n, c, i, j), x(n, i, j, c));
  layer.backward(out, &back, tape, {});
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(back.dense().flat()[i], x.flat()[i]);
}

TEST(ChannelsFirst, RefusesWhatIsNoPicture) {
  ChannelsFirst<float> layer({});
  EXPECT_EQ(layer.build({5, 4}, "layer", 0), (Shape{1, 5, 4}));
  EXPECT_THROW(layer.build({784}, "layer", 0), ShapeError);
}

}  // namespace
}  // namespace neurarium
