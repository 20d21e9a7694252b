// Stretches of parameters: what threads share when each number is worked on by itself, as sums of gradients and steps of optimisers are.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "neurarium/core/pool.hpp"

namespace neurarium {

/// Some numbers of a parameter, and of what belongs to it number by number.
struct Stretch {
  std::size_t parameter = 0, first = 0, count = 0;
  template <class T>
  std::span<T> of(std::span<T> numbers) const {
    return numbers.empty() ? numbers : numbers.subspan(first, count);
  }
};

/// Parameters of these sizes in stretches of at most 2¹⁵ numbers; one for which `whole` says so, in one.
std::vector<Stretch> stretches_of(std::span<const std::size_t> sizes,
                                  const std::function<bool(std::size_t parameter)>& whole = nullptr);

/// Calls task(k) for each of the stretches of so many parameters. The threads of `pool`, if there is one, share them where a parameter has
/// more than one: few numbers are done before a thread is awake.
void share_stretches(std::size_t stretches, std::size_t parameters, WorkerPool* pool,
                     const std::function<void(std::size_t)>& task);

}  // namespace neurarium
