#include "neurarium/studies/robustness/studies.hpp"

namespace neurarium {

void register_robustness_studies(Registry& registry) { register_attack_network(registry); }

}  // namespace neurarium
