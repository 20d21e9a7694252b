// What the machine can do at most, measured beside the turns of a benchmark: how fast a buffer of the case's size is
// read, and read, multiplied and written back, and how many multiply-adds a core does when nothing else is in the way.
// On the best instruction set of the processor (Highway), unrolled, aligned.
#pragma once

#include <cstddef>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/pool.hpp"

namespace neurarium {

class Sweeps {
 public:
  /// A buffer of `bytes` (at least one vector per thread), of float or double, shared out evenly among the threads.
  Sweeps(std::size_t bytes, DType scalar, int threads);

  /// Bytes per second, over at least `seconds`: the sum of the buffer.
  double read(double seconds);
  /// Bytes per second, counted once: x ← c x.
  double update(double seconds);
  /// Multiply-adds of numbers per second, all threads together; the buffer is not touched.
  double multiply_adds(double seconds);

 private:
  template <class Once>
  double rate(double work, double seconds, const Once& once);
  DType scalar_;
  Tensor<std::byte> buffer_;
  WorkerPool pool_;
  std::vector<double> sinks_;  ///< results that must not be optimised away
};

}  // namespace neurarium
