// The studies of this folder, registered one by one.
#pragma once

#include "neurarium/core/registry.hpp"

namespace neurarium {

void register_xor_surface(Registry& registry);
void register_sgd_errors(Registry& registry);
void register_activations(Registry& registry);
void register_digits(Registry& registry);
void register_digit_cnn(Registry& registry);

}  // namespace neurarium
