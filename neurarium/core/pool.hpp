// WorkerPool: threads that share out numbered tasks. Results must not depend on who did what: a task writes
// only to its own place, and sums over tasks are taken afterwards in task order.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace neurarium {

/// CPUs this process may use: the affinity mask, limited by the control group's quota. At least 1.
int available_cpus();

class WorkerPool {
 public:
  /// `threads` includes the calling thread; 0 = available_cpus().
  explicit WorkerPool(int threads = 1);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  int threads() const noexcept;
  /// Calls task(i) for i in [0, count), each once, and returns when all are done. The calling thread works too.
  /// An exception of the lowest-numbered failing task is rethrown. Not re-entrant: a task must not call run().
  void run(std::size_t count, const std::function<void(std::size_t)>& task);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace neurarium
