// The studies of finite Gaussian neurons.
#pragma once

#include "neurarium/core/registry.hpp"

namespace neurarium {

void register_gaussian_conversion(Registry& registry);

}  // namespace neurarium
