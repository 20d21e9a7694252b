// Benchmarks: our engine beside what people use today, in turns, in one run, on the same data. One script is one
// benchmark (docs/benchmarks.md); this runs it and returns what was found as a value.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "neurarium/benchmark/measure.hpp"
#include "neurarium/benchmark/scripts.hpp"
#include "neurarium/nn/result.hpp"

namespace neurarium {

struct BenchOptions {
  Value parameters = Value::table();  ///< of the script
  int rounds = 0;                     ///< 0 = 11, or 3 if quick
  bool quick = false;                 ///< short turns, fewer cases: whether it works, not how fast it is
  std::string pattern;                ///< only cases whose name matches (* and ?) or contains this; "" = all
  std::filesystem::path python;       ///< empty = /usr/bin/python3, or the first on $PATH
  double time_limit = 600;            ///< seconds that one answer of the peer may take
  std::vector<std::string> command;   ///< the command line, for the page
  std::stop_token stop;
  std::function<void(const std::string& phase, double done, double total)> progress;
  std::function<void(const std::string&)> note;
};

struct BenchResult {
  Benchmark declared;              ///< software: the peer's; cases: those that were measured
  Value machine = Value::table();  ///< facts, and what was set for the peer
  int rounds = 0;
  bool quick = false;
  double seconds = 0;
  std::vector<std::string> command;
  std::vector<CaseResult> cases;
};

/// A script as named on the command line: a benchmark of the house, or FILE.py. A SpecError lists the known ones.
struct BenchScript {
  std::string name;
  std::filesystem::path file;  ///< empty = of the house
  std::string_view text;
};
BenchScript find_benchmark(const std::string& word);

/// What the script declares, nothing measured.
Benchmark describe_benchmark(const BenchScript& script, const BenchOptions& options);

/// Measures. Errors are Peer's (peer.hpp), and a SpecError for what the script declares wrongly.
BenchResult run_benchmark(const BenchScript& script, const Registry& registry, const BenchOptions& options);

// ── Results as files and as a page ─────────────────────────────────────────────────────────────────────────────────
/// Everything but the single turns.
Value to_value(const BenchResult& result);
/// Every turn: case,round,side,variant,at,work,seconds,rate.
std::string turns_csv(const BenchResult& result);
/// Figures, tables and charts.
Report bench_report(const BenchResult& result);
/// NAME.html, NAME.json and NAME.csv in `folder`; returns the page's path. `data_home`: where the charts' script lies.
std::filesystem::path write_bench_files(const BenchResult& result, const std::filesystem::path& folder,
                                        const std::filesystem::path& data_home = {});

/// "12.3 k", "1.2 M": a rate for people. And "34.5×", "78 %".
std::string rate_for_people(double rate);
std::string ratio_for_people(double ratio);
std::string share_for_people(double share);

}  // namespace neurarium
