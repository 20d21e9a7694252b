#include "neurarium/studies/eventprop/studies.hpp"

namespace neurarium {

void register_eventprop_studies(Registry& registry) { register_eventprop_anatomy(registry); }

}  // namespace neurarium
