#include "neurarium/studies/gaussian/studies.hpp"

namespace neurarium {

void register_gaussian_studies(Registry& registry) { register_gaussian_conversion(registry); }

}  // namespace neurarium
