#include "neurarium/core/pool.hpp"

#include <sched.h>

#include <pthread.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

int cgroup_limit() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");  // "max 100000" or "150000 100000"
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  return std::max(1, static_cast<int>(std::stod(quota) / period));
}

}  // namespace

int available_cpus() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  int count = sched_getaffinity(0, sizeof mask, &mask) == 0 ? CPU_COUNT(&mask) : 1;
  if (const int limit = cgroup_limit(); limit > 0) count = std::min(count, limit);
  return std::max(1, count);
}

// A round is published under the mutex; workers then draw task numbers from `next` until none is left. Who waits, for the next round
// or for the others to finish this one, spins for at most 50 µs (rounds are often as short, and follow at once) and then sleeps.
struct WorkerPool::State {
  std::mutex mutex;
  std::condition_variable wake, finished;
  std::atomic<std::uint64_t> round{0};
  std::atomic<std::size_t> next{0};
  std::size_t count = 0;
  std::atomic<std::size_t> busy{0};
  bool stopping = false;
  const std::function<void(std::size_t)>* task = nullptr;
  std::size_t failed_task = 0;
  std::exception_ptr failure;
  std::vector<std::jthread> workers;

  ~State() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    workers.clear();  // joins, while the rest is still there
  }

  void work() {
    for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
      try {
        (*task)(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure || i < failed_task) {
          failure = std::current_exception();
          failed_task = i;
        }
      }
    }
  }

  template <class Done>
  static void spin_until(const Done& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(50);
    while (!done() && std::chrono::steady_clock::now() < deadline) {}
  }

  void worker_loop() {
    std::uint64_t seen = 0;
    for (;;) {
      spin_until([&] { return round.load(std::memory_order_acquire) != seen; });
      std::unique_lock lock(mutex);
      wake.wait(lock, [&] { return stopping || round.load(std::memory_order_relaxed) != seen; });
      if (stopping) return;
      seen = round.load(std::memory_order_relaxed);
      lock.unlock();
      work();
      lock.lock();
      if (busy.fetch_sub(1, std::memory_order_release) == 1) finished.notify_one();
    }
  }
};

namespace {

/// While it lives, threads that are started take no signals from outside: a handler must not run on the stack of one that computes
/// (oneDNN's products use the stack pointer for data).
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t outside;
    sigemptyset(&outside);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGCHLD, SIGWINCH, SIGPROF})
      sigaddset(&outside, number);
    pthread_sigmask(SIG_BLOCK, &outside, &before_);
  }
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

WorkerPool::WorkerPool(int threads) : state_(std::make_unique<State>()) {
  const int total = threads > 0 ? threads : available_cpus();
  const WithoutSignals here;
  try {
    for (int i = 1; i < total; ++i) state_->workers.emplace_back([state = state_.get()] { state->worker_loop(); });
  } catch (const std::system_error&) {  // ~State stops those that did start
    throw Error("can't start " + std::to_string(total) + " threads: the system allows " +
                std::to_string(state_->workers.size() + 1) + "; give a smaller number (--threads)");
  }
}

WorkerPool::~WorkerPool() = default;

int WorkerPool::threads() const noexcept { return static_cast<int>(state_->workers.size()) + 1; }

void WorkerPool::run(std::size_t count, const std::function<void(std::size_t)>& task) {
  State& s = *state_;
  if (s.workers.empty() || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) task(i);
    return;
  }
  {
    const std::lock_guard lock(s.mutex);
    s.task = &task;
    s.count = count;
    s.next.store(0);
    s.failure = nullptr;
    s.busy.store(s.workers.size(), std::memory_order_relaxed);
    s.round.fetch_add(1, std::memory_order_release);
  }
  s.wake.notify_all();
  s.work();
  State::spin_until([&] { return s.busy.load(std::memory_order_acquire) == 0; });
  std::unique_lock lock(s.mutex);
  s.finished.wait(lock, [&] { return s.busy.load(std::memory_order_relaxed) == 0; });
  if (s.failure) std::rethrow_exception(s.failure);
}

}  // namespace neurarium
