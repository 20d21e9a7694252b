#include "neurarium/nn/optimiser.hpp"

#include "neurarium/nn/full_batch_method.hpp"
#include "neurarium/nn/optimiser_parts.hpp"

namespace neurarium {

void register_optimisers(Registry& registry) {
  register_sgd(registry);
  register_rmsprop(registry);
  register_adam(registry);
  register_line_search_methods(registry);
  register_levenberg_marquardt(registry);
}

}  // namespace neurarium
