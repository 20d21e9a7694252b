#include "neurarium/nn/stretches.hpp"

#include <algorithm>

namespace neurarium {

std::vector<Stretch> stretches_of(std::span<const std::size_t> sizes, const std::function<bool(std::size_t)>& whole) {
  constexpr std::size_t most = 1 << 15;
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::size_t step = whole && whole(i) ? std::max<std::size_t>(1, sizes[i]) : most;
    for (std::size_t first = 0; first < sizes[i]; first += step)
      stretches.push_back({i, first, std::min(step, sizes[i] - first)});
  }
  return stretches;
}

void share_stretches(std::size_t stretches, std::size_t parameters, WorkerPool* pool,
                     const std::function<void(std::size_t)>& task) {
  if (pool && stretches > parameters) return pool->run(stretches, task);
  for (std::size_t k = 0; k < stretches; ++k) task(k);
}

}  // namespace neurarium
