// What the laboratory asks of plans and samples before it attacks, and how it shares samples out.
#pragma once

#include <functional>
#include <string>

#include "neurarium/robustness/laboratory.hpp"

namespace neurarium {

/// SpecError if an ε is no radius, or if they do not ascend.
void require_radii(const std::vector<double>& epsilons);
/// SpecError if no attack is named, or for its radii.
void require_plan(const LaboratoryPlan& plan);
/// DataError unless there is one label 0 … classes − 1 for each sample.
void require_labels(const AttackSamples& samples, std::size_t classes);
/// DataError if a number of x [n, d] is outside the bounds, or none.
template <class T>
void require_within(View<const T> x, const Bounds& bounds);

/// task(shard, first sample, their number) for shards of `size` samples, on the pool, with progress and stops between.
void each_shard(std::size_t samples, std::size_t size, const std::string& phase, RunContext& context,
                const std::function<void(std::size_t, std::size_t, std::size_t)>& task);

}  // namespace neurarium
