// The studies of this folder, registered one by one.
#pragma once

#include "neurarium/core/registry.hpp"

namespace neurarium {

void register_dale_localisation(Registry& registry);
void register_dale_ratio(Registry& registry);
void register_dale_inhibition_site(Registry& registry);

}  // namespace neurarium
