#include "neurarium/nn/optimiser.hpp"

#include <algorithm>

#include "neurarium/core/pool.hpp"
#include "neurarium/nn/full_batch_method.hpp"
#include "neurarium/nn/optimiser_parts.hpp"
#include "neurarium/nn/sign_constraint.hpp"

namespace neurarium {

void in_stretches(const std::vector<NamedView>& parameters, WorkerPool* pool,
                  const std::function<void(std::size_t, Stretch)>& move) {
  constexpr std::size_t most = 1 << 15;
  std::vector<std::pair<std::size_t, Stretch>> stretches;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const NamedView& parameter = parameters[i];
    const std::size_t size = parameter.values.size();
    const std::size_t step =
        parameter.signs && is_projected(parameter.signs->rule) ? std::max<std::size_t>(1, size) : most;
    for (std::size_t first = 0; first < size; first += step)
      stretches.push_back({i, {first, std::min(step, size - first)}});
  }
  const auto one = [&](std::size_t k) { move(stretches[k].first, stretches[k].second); };
  if (pool && stretches.size() > parameters.size()) return pool->run(stretches.size(), one);
  for (std::size_t k = 0; k < stretches.size(); ++k) one(k);  // they are few numbers: waking a thread takes longer
}

void register_optimisers(Registry& registry) {
  register_sgd(registry);
  register_rmsprop(registry);
  register_adam(registry);
  register_line_search_methods(registry);
  register_levenberg_marquardt(registry);
}

}  // namespace neurarium
