// The founding notebook's 2-2-1 logistic network with its nine weights:
//   y = σ(b1 + w1 σ(b2 + w3 x1 + w4 x2) + w2 σ(b3 + w5 x1 + w6 x2)).
#pragma once

#include <vector>

#include "neurarium/core/schema.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

/// As a model to build, in float64.
Component notebook_network();
/// Whether `model` is that network, with those weights.
bool is_notebook_network(Model& model);

}  // namespace neurarium
