// The benchmarks of the house: the text of every bench/<name>.py, compiled into the library, and of the helper that
// speaks for them (bench/neurarium_bench.py). docs/benchmarks.md says what a script holds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace neurarium {

struct BenchmarkScript {
  std::string_view name, text;
};
const std::vector<BenchmarkScript>& builtin_benchmarks();
std::string_view benchmark_helper();

/// The first line of a script's docstring, without its full stop: what the benchmark is.
std::string title_of_script(std::string_view text);

}  // namespace neurarium
