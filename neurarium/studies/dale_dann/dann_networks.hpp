// The networks that dale-dann compares: as many excitatory units in each, and three ways to be a network.
//
//   unconstrained   dense layers (ReLU), weights of any sign; first weights: He et al., the last layer Glorot & Bengio
//   ColEI           dense layers (ReLU) whose units each have one sign, a tenth as many inhibitory as excitatory ones; first weights
//                   balanced (nn/sign_constraint.hpp, start = colei), kept by clamp. Pixels only excite: first weights of the first layer
//                   are Exp with mean 1/√d, and its bias begins at −√d · (mean pixel), so that units begin around 0
//   DANN            layers of interneurons (models/dann); the first has s = √(1/(2 d)), the last one interneuron;
//                   by plain gradients, or by corrected ones
// All as in the authors' program (github.com/linclab/ltlwdp).
// Source: Cornford et al., ICLR 2021, section 5 and appendices.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "neurarium/core/schema.hpp"
#include "neurarium/core/tensor.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

enum class DannKind { unconstrained, colei, plain, corrected };
inline constexpr std::array<DannKind, 4> dann_kinds = {DannKind::unconstrained, DannKind::colei, DannKind::plain,
                                                       DannKind::corrected};
/// As charts name it.
const char* words_of(DannKind kind) noexcept;
/// As figures and settings name it: unconstrained, colei, dann_plain, dann_corrected.
const char* key_of(DannKind kind) noexcept;

struct DannNetworkParams {
  std::vector<std::int64_t> hidden{200, 200};
  double inhibitory_share = 0.1;
};

/// The model for entries of shape `entry`, whose mean is `mean_input`.
Component dann_network(DannKind kind, const DannNetworkParams& params, const Shape& entry, double mean_input,
                       std::size_t classes, std::uint64_t seed);

/// What the inputs do to the first `count` units of the first layer [count, d]: its weights; of DANN W_EX − W_EI W_IX.
Tensor<double> first_fields(Model& model, std::size_t count);

}  // namespace neurarium
