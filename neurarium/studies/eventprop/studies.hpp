// The studies of this folder, registered one by one.
#pragma once

#include "neurarium/core/registry.hpp"

namespace neurarium {

void register_eventprop_anatomy(Registry& registry);

}  // namespace neurarium
