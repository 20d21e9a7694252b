// Means and histograms as NumPy itself gives them, bit by bit.
#include "neurarium/studies/eventprop/numpy_ways.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "neurarium/studies/eventprop/stored_anatomy_test.hpp"

namespace neurarium::anatomy {
namespace {

TEST(EventpropNumpyWays, MeanHasTheBitsOfNumPys) {
  const StoredAnatomy stored;
  const std::vector<double> sizes = stored.numbers("mean/sizes"), values = stored.numbers("mean/values");
  std::size_t unlike_plain = 0;
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    std::vector<double> x(static_cast<std::size_t>(sizes[k]));
    double plain = 0;
    for (std::size_t j = 0; j < x.size(); ++j) {
      x[j] = static_cast<double>(j * 7919 % 1000003) / 1000003.0;
      plain += x[j];
    }
    EXPECT_EQ(pairwise_mean(x), values[k]) << x.size();
    unlike_plain += plain / static_cast<double>(x.size()) != values[k];
  }
  EXPECT_GE(unlike_plain, 3u);  // so that the order of the sum is put to a test
  EXPECT_TRUE(std::isnan(pairwise_mean({})));
}

TEST(EventpropNumpyWays, HistogramIsNumPys) {
  const StoredAnatomy stored;
  for (const std::string name : {"many", "edges", "one", "none"}) {
    SCOPED_TRACE(name);
    const EqualBins found = equal_bins(stored.numbers("histogram/" + name + "/numbers"), 10);
    const auto counts = stored.array("histogram/" + name + "/counts").as<std::int64_t>().flat();
    EXPECT_EQ(found.counts, std::vector<std::int64_t>(counts.begin(), counts.end()));
    const std::vector<double> edges = stored.numbers("histogram/" + name + "/edges");
    ASSERT_EQ(found.edges.size(), edges.size());
    for (std::size_t k = 0; k < edges.size(); ++k) EXPECT_EQ(found.edges[k], edges[k]);
  }
}

}  // namespace
}  // namespace neurarium::anatomy
