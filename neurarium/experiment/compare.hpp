// Two runs side by side.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "neurarium/core/value.hpp"

namespace neurarium {

struct FigurePair {
  std::string name, unit;
  Value a, b;           ///< nothing if the run has no such figure
  bool same = false;    ///< the same bits
  bool timing = false;  ///< a time or a rate: never the same, and left out of an exact comparison
};

struct Comparison {
  std::vector<FigurePair> figures;
  std::vector<std::string> differences;  ///< of an exact comparison: figures, arrays, checkpoint; empty = the same bits
};

/// Compares two run directories; a DataError if one holds no finished report. The exact part looks at every figure that is
/// no time or rate, at arrays/*.npy, and at the arrays of checkpoint.safetensors, bit by bit.
Comparison compare_runs(const std::filesystem::path& a, const std::filesystem::path& b);

/// Whether a unit measures time (s, ms, …) or something per time (1/s, samples/s, …).
bool is_time_or_rate(const std::string& unit);

}  // namespace neurarium
