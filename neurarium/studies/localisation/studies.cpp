#include "neurarium/studies/localisation/studies.hpp"

namespace neurarium {

void register_localisation_studies(Registry& registry) {
  register_dale_localisation(registry);
  register_dale_ratio(registry);
  register_dale_inhibition_site(registry);
  register_dale_cost(registry);
  register_dale_learned_signs(registry);
  register_localisation_rate(registry);
}

}  // namespace neurarium
