#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <system_error>
#include <thread>

#include "cli/verbs.hpp"

namespace neurarium {
namespace {

// A signal handler may touch almost nothing: it posts a semaphore, and a thread that waits for it sets the stop token.
// Only that thread takes signals. One that computes must not: oneDNN's products use the stack pointer for data, so that a handler
// on that stack would write over them.
sem_t interrupted;
std::atomic<std::int64_t> first_signal = 0;  // milliseconds; 0 = none yet

std::int64_t milliseconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1000 * static_cast<std::int64_t>(now.tv_sec) + now.tv_nsec / 1'000'000;
}

// One wish to stop may come as several signals: a terminal tells the whole group of processes, and a parent with threads that is
// killed tells its children once per thread (PR_SET_PDEATHSIG). So only one that comes later is a second wish.
constexpr std::int64_t same_wish_milliseconds = 300;

void on_signal(int number) {
  std::int64_t first = 0;
  const std::int64_t now = milliseconds_now();
  if (first_signal.compare_exchange_strong(first, now)) {
    sem_post(&interrupted);
  } else if (now - first > same_wish_milliseconds) {  // the user means it
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

}  // namespace

std::stop_token catch_interrupts() {
  static std::stop_source source = [] {
    std::stop_source stop;
    sem_init(&interrupted, 0, 0);
    try {
      std::thread([stop]() mutable {
        while (sem_wait(&interrupted) != 0) {}
        stop.request_stop();
        for (;;) pause();  // for a second wish
      }).detach();
    } catch (const std::system_error&) {
      return stop;  // no thread to be had: signals then end the program at once, which is better than not at all
    }
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    struct sigaction before {};  // of a terminal that is closed; under nohup that is no wish to stop
    if (sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
    sigset_t wishes;  // this thread, and all that it starts from now on, leave them to the one above
    sigemptyset(&wishes);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&wishes, number);
    pthread_sigmask(SIG_BLOCK, &wishes, nullptr);
    return stop;
  }();
  return source.get_token();
}

}  // namespace neurarium
