// Data sets that are made sample by sample, each a pure function of its number: by the threads of a pool, or by this one alone.
#pragma once

#include <algorithm>
#include <cstddef>

#include "neurarium/core/pool.hpp"

namespace neurarium {

/// make(k) for each sample k < n. It writes only to the sample's own place.
template <class Make>
void each_sample(std::size_t n, WorkerPool* pool, const Make& make) {
  constexpr std::size_t block = 256;  // that a thread makes at a time
  const auto some = [&](std::size_t part) {
    for (std::size_t k = part * block; k < std::min(n, (part + 1) * block); ++k) make(k);
  };
  const std::size_t parts = (n + block - 1) / block;
  if (pool) pool->run(parts, some);
  else
    for (std::size_t part = 0; part < parts; ++part) some(part);
}

}  // namespace neurarium
