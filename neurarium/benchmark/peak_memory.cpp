#include "neurarium/benchmark/peak_memory.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace neurarium {
namespace {

/// A line of /proc/self/status, "VmRSS:     1234 kB", in bytes.
std::optional<double> status(const std::string& key) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key + ":")) return 1024 * std::stod(line.substr(key.size() + 1));
  return {};
}

}  // namespace

PeakMemory::PeakMemory() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
  std::ofstream forget("/proc/self/clear_refs");
  if (forget << '5' << std::flush) before_ = status("VmRSS");  // 5: the highest size is what it is now
}

std::optional<double> PeakMemory::taken() const {
  const auto highest = before_ ? status("VmHWM") : std::nullopt;
  if (!highest) return {};
  return std::max(0.0, *highest - *before_);
}

}  // namespace neurarium
