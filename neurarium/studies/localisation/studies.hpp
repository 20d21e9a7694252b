// The studies of this folder, registered one by one.
#pragma once

#include "neurarium/core/registry.hpp"

namespace neurarium {

void register_dale_localisation(Registry& registry);
void register_dale_ratio(Registry& registry);
void register_dale_inhibition_site(Registry& registry);
void register_dale_cost(Registry& registry);
void register_dale_learned_signs(Registry& registry);
void register_localisation_rate(Registry& registry);

}  // namespace neurarium
