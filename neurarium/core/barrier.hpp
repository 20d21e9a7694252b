// Barrier: the place where the threads of one loop wait for each other, many thousand times a second. A wait spins for at
// most 20 µs and then sleeps, so that a thread that lost its processor does not cost the others theirs.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace neurarium {

class Barrier {
 public:
  /// For `threads` threads that each call wait() equally often.
  explicit Barrier(std::size_t threads) : threads_(threads) {}
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

  /// Returns when all threads have called it. What they wrote before is then visible to all.
  void wait() noexcept {
    if (threads_ == 1) return;
    const std::uint32_t round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      round_.notify_all();  // a system call only if somebody sleeps
      return;
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(20);
    do {
      for (int look = 0; look < 64; ++look) {
        if (round_.load(std::memory_order_acquire) != round) return;
        pause();
      }
    } while (std::chrono::steady_clock::now() < deadline);
    while (round_.load(std::memory_order_acquire) == round) round_.wait(round, std::memory_order_acquire);
  }

 private:
  static void pause() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  const std::size_t threads_;
  std::atomic<std::size_t> arrived_{0};
  alignas(64) std::atomic<std::uint32_t> round_{0};
};

}  // namespace neurarium
