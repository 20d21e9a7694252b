// How much memory a stretch of work took: the highest resident size of this process while it went on, beyond what lay there before.
// Linux says it (/proc/self/clear_refs, /proc/self/status); elsewhere nothing is said.
#pragma once

#include <optional>

namespace neurarium {

class PeakMemory {
 public:
  /// From now on. What was freed is given back to the system first, so that nobody takes it unseen.
  PeakMemory();
  /// Bytes, until now; nothing where the system does not say.
  std::optional<double> taken() const;

 private:
  std::optional<double> before_;
};

}  // namespace neurarium
