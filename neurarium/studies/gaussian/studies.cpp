#include "neurarium/studies/gaussian/studies.hpp"

namespace neurarium {

void register_gaussian_studies(Registry& registry) {
  register_attack_network(registry);
  register_gaussian_conversion(registry);
  register_gaussian_robustness(registry);
  register_convert_network(registry);
  register_uncertainty(registry);
}

}  // namespace neurarium
