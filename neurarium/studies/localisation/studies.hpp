// The studies of this folder, registered one by one.
#pragma once

#include "neurarium/core/registry.hpp"

namespace neurarium {

void register_dale_localisation(Registry& registry);

}  // namespace neurarium
