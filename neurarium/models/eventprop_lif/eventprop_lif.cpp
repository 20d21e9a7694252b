#include "neurarium/core/registry.hpp"
#include "neurarium/models/eventprop_lif/engine.hpp"

namespace neurarium {

void register_eventprop_lif(Registry&) {}

}  // namespace neurarium
