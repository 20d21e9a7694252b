// The studies of what trained networks withstand, and of what they know.
#pragma once

#include "neurarium/core/registry.hpp"

namespace neurarium {

void register_attack_network(Registry& registry);

}  // namespace neurarium
