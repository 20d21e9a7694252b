#include "neurarium/nn/optimiser.hpp"

#include "neurarium/nn/full_batch_method.hpp"
#include "neurarium/nn/optimiser_parts.hpp"
#include "neurarium/nn/sign_constraint.hpp"

namespace neurarium {

void in_stretches(const std::vector<NamedView>& parameters, WorkerPool* pool,
                  const std::function<void(std::size_t, Stretch)>& move) {
  std::vector<std::size_t> sizes;
  for (const NamedView& parameter : parameters) sizes.push_back(parameter.values.size());
  const auto stretches = stretches_of(
      sizes, [&](std::size_t i) { return parameters[i].signs && is_projected(parameters[i].signs->rule); });
  share_stretches(stretches.size(), parameters.size(), pool,
                  [&](std::size_t k) { move(stretches[k].parameter, stretches[k]); });
}

void register_optimisers(Registry& registry) {
  register_sgd(registry);
  register_rmsprop(registry);
  register_adam(registry);
  register_line_search_methods(registry);
  register_levenberg_marquardt(registry);
}

}  // namespace neurarium
