// What a model says of many samples, in evaluation mode, in shards of fixed size on the pool's threads: the same bits for any
// number of them.
#pragma once

#include "neurarium/core/pool.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/robustness/confidence.hpp"
#include "neurarium/robustness/foreign_data.hpp"

namespace neurarium {

/// The first output of `model` as logits, and its output "support" if it says one. ShapeError if it takes other samples or its
/// first output is not [samples, classes]; NumericError if numbers stop being finite.
Answers answers_to(const Model& model, const SampleSource& samples, WorkerPool& pool);

}  // namespace neurarium
