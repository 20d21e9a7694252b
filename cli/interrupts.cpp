#include <semaphore.h>

#include <atomic>
#include <csignal>
#include <system_error>
#include <thread>

#include "cli/verbs.hpp"

namespace neurarium {
namespace {

// A signal handler may touch almost nothing: it posts a semaphore, and a thread that waits for it sets the stop token.
sem_t interrupted;
std::atomic<int> signals_seen = 0;

void on_signal(int number) {
  if (signals_seen.fetch_add(1) > 0) {  // the user means it
    std::signal(number, SIG_DFL);
    std::raise(number);
    return;
  }
  sem_post(&interrupted);
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
    return stop;
  }();
  return source.get_token();
}

}  // namespace neurarium
