// Umbrella of the library: describe an experiment, run it, look at the report.
//
//   auto registry = neurarium::builtin_registry();
//   auto experiment = neurarium::resolve({.study = "xor-surface"}, registry);
//   neurarium::Report report = neurarium::run(experiment, registry);
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/experiment/experiment.hpp"
#include "neurarium/nn/result.hpp"

namespace neurarium {

/// Everything in the house: layers, models, losses, optimisers and studies.
Registry builtin_registry();

}  // namespace neurarium
