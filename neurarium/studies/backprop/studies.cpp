#include "neurarium/studies/backprop/studies.hpp"

namespace neurarium {

void register_backprop_studies(Registry& registry) {
  register_xor_surface(registry);
  register_sgd_errors(registry);
  register_activations(registry);
  register_digits(registry);
  register_digit_cnn(registry);
}

}  // namespace neurarium
