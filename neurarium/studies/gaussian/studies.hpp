// The studies of finite Gaussian neurons, and of what trained networks know and withstand.
#pragma once

#include "neurarium/core/registry.hpp"

namespace neurarium {

void register_attack_network(Registry& registry);
void register_gaussian_conversion(Registry& registry);
void register_gaussian_robustness(Registry& registry);
void register_convert_network(Registry& registry);
void register_uncertainty(Registry& registry);

}  // namespace neurarium
