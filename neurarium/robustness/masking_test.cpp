// Warnings of masking: networks of the test's own that hide something, and one that does not.
#include "neurarium/robustness/masking.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "neurarium/robustness/linear_network_test.hpp"
#include "neurarium/robustness/stored_networks_test.hpp"

namespace neurarium {
namespace {

std::vector<MaskingWarning> probe(const Model& model) {
  Tensor<double> x(Shape{200, 2});
  x.fill(0.5);
  const Tensor<std::int64_t> y(Shape{200});
  contracts::TestContext context(testing_attacks::registry(), 1, 3);
  return warnings_by_probes(model, {x.view(), y.view(), 1, {}}, {}, {}, context);
}

TEST(MaskingProbes, TellOfAnswersThatAreDrawn) {
  const ToldNetwork drawing([](std::size_t, std::size_t row, const Context& context) {
    const Stream stream(context.seed, "answers");
    return uniform(stream, {0, 0, 0, static_cast<std::uint32_t>(row)}) < 0.9 ? std::size_t{0} : 1;
  });
  const std::vector<MaskingWarning> warnings = probe(drawing);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].kind, "outputs");
  EXPECT_THAT(warnings[0].text, testing::HasSubstr("drawn at random"));
}

TEST(MaskingProbes, SayNothingOfAnswersThatAreAlwaysTheSame) {
  EXPECT_TRUE(probe(ToldNetwork([](std::size_t, std::size_t row, const Context&) { return row % 2; })).empty());
}

}  // namespace
}  // namespace neurarium
