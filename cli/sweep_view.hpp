// What people see of a sweep: while it runs on stderr, afterwards on stdout.
#pragma once

#include <chrono>
#include <string>

#include "neurarium/experiment/sweep_result.hpp"

namespace neurarium {

/// On a terminal a table of the points, redrawn in place, with the runs that are at work and the time left; otherwise one
/// line for each run that has ended.
class SweepView {
 public:
  explicit SweepView(bool quiet);
  ~SweepView();
  void show(const SweepResult& result);
  void ended(const SweepResult& result, const SweepRun& run);
  void note(const std::string& text);
  /// Removes the table.
  void clear();

 private:
  bool quiet_, terminal_, colour_;
  std::size_t lines_ = 0;  ///< of the table that is on the terminal
};

/// The table of points, what failed, and where the page is.
std::string sweep_text(const SweepResult& result);

}  // namespace neurarium
