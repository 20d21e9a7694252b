// What the suite must find in the house, or some of its checks would check nothing.
#include <gtest/gtest.h>

#include <string>

#include "neurarium/neurarium.hpp"
#include "subjects.hpp"

namespace neurarium::contracts {
namespace {

// GradientsEqualCentralDifferences skips training for networks that are the same there: a layer that forgot about training
// would be skipped with them.
TEST(House, DropoutAndBatchNormDifferInTraining) {
  const Registry registry = builtin_registry();
  for (const char* type : {"dropout", "batch_norm"})
    for (const Variant& variant : variants_of(registry, *registry.find("layer", type)))
      EXPECT_TRUE(differs_in_training(registry, variant)) << type << ", " << variant.name;
}

TEST(House, DenseIsTheSameInTraining) {
  const Registry registry = builtin_registry();
  EXPECT_FALSE(differs_in_training(registry, variants_of(registry, *registry.find("layer", "dense")).front()));
}

}  // namespace
}  // namespace neurarium::contracts
