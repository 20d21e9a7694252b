// Processes that keep CPUs busy, to see how a benchmark fares on a machine that is shared.
#pragma once

#include <sys/types.h>

#include <vector>

namespace neurarium {

class BusyProcesses {
 public:
  explicit BusyProcesses(int count);
  ~BusyProcesses();
  BusyProcesses(const BusyProcesses&) = delete;
  BusyProcesses& operator=(const BusyProcesses&) = delete;

 private:
  void end();
  std::vector<pid_t> children_;
};

}  // namespace neurarium
