// What people see: tables on stdout, progress and notes on stderr.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "neurarium/nn/result.hpp"
#include "neurarium/nn/study.hpp"

namespace neurarium {

/// Progress on stderr. On a terminal a bar with share, rate, merit and time left, redrawn in place; otherwise a line every
/// few seconds. Rates count from where the phase began in this process, so they are right after a resume too.
class ProgressMeter {
 public:
  explicit ProgressMeter(bool quiet);
  ~ProgressMeter();
  void show(const Progress& progress);
  void note(const std::string& text);
  /// Removes the bar.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool quiet_, terminal_, colour_, drawn_ = false;
  std::string phase_;
  double first_done_ = 0, last_done_ = 0;
  Clock::time_point phase_start_{}, last_shown_{};
};

/// "3.2 s", "4 min 10 s"
std::string duration_text(double seconds);
/// A figure's value with at most seven digits.
std::string value_text(const Value& value);
/// Columns padded to their widest cell, two spaces apart; the last column is not padded.
std::string table_text(const std::vector<std::vector<std::string>>& rows, const std::string& indent = "");
/// The answer, the figures (with the notebook's beside them), and where the page is.
std::string report_text(const Report& report);

}  // namespace neurarium
