#include "neurarium/benchmark/busy.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "neurarium/core/errors.hpp"

namespace neurarium {

BusyProcesses::BusyProcesses(int count) {
  const pid_t self = ::getpid();
  for (int n = 0; n < count; ++n) {
    const pid_t child = ::fork();
    if (child == 0) {
      // Only calls that are safe after a fork in a program with threads.
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      std::signal(SIGINT, SIG_DFL);
      std::signal(SIGTERM, SIG_DFL);
      std::atomic<int> spin = 0;
      while (::getppid() == self)
        for (int i = 0; i < 1'000'000; ++i) spin.fetch_add(1, std::memory_order_relaxed);
      ::_exit(0);
    }
    if (child < 0) {
      const std::string why = std::strerror(errno);
      end();
      throw Error("can't start a busy process: " + why);
    }
    ::setpgid(child, child);
    children_.push_back(child);
  }
}

BusyProcesses::~BusyProcesses() { end(); }

void BusyProcesses::end() {
  for (const pid_t child : children_) {
    ::kill(child, SIGKILL);
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {}
  }
  children_.clear();
}

}  // namespace neurarium
