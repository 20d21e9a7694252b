#include "neurarium/benchmark/bench.hpp"

#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "neurarium/benchmark/machine.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/core/temporary_folder.hpp"
#include "neurarium/data/child_process.hpp"

namespace neurarium {
namespace {

/// The peer with its script, on one core and with the matrix kernels that suit the processor.
class Session {
 public:
  Session(const BenchScript& script, const BenchOptions& options) : script_(script), options_(options) {
    python_ = options.python;
    if (python_.empty()) python_ = "/usr/bin/python3";  // Debian's own: another may come first on the path
    std::error_code error;
    if (options.python.empty() && !std::filesystem::exists(python_, error))
      if (const auto other = find_program("python3"); !other.empty()) python_ = other;
    file_ = script.file.empty() ? folder_.path() / (script.name + ".py") : std::filesystem::absolute(script.file);
    if (script.file.empty()) write_atomically(file_, script.text);
    write_atomically(folder_.path() / "neurarium_bench.py", benchmark_helper());
    // A core type that happens to be set may be an old one: the peer gets what suits the processor.
    environment_ = {{"OPENBLAS_NUM_THREADS", "1"}, {"OMP_NUM_THREADS", "1"}, {"OPENBLAS_CORETYPE", ""}};
    start();
    if (const auto better = better_core(); !better.empty()) {
      const std::string own = core();
      environment_.back().second = better;
      start();
      described_.software.set("BLAS core type by itself", own + ": OpenBLAS does not know this processor");
    }
    for (const auto& [name, value] : environment_)
      described_.software.set(name, value.empty() ? "not set: OpenBLAS chose by itself" : value);
  }

  Benchmark& described() { return described_; }
  Peer& peer() { return *peer_; }
  /// Makes an empty folder for one case.
  std::filesystem::path case_folder(std::size_t number) const {
    auto folder = folder_.path() / ("case-" + std::to_string(number));
    std::filesystem::create_directories(folder);
    return folder;
  }

 private:
  void start() {
    peer_.reset();
    PeerOptions options;
    options.name = script_.name;
    options.command = {python_.string(), "-B", (folder_.path() / "neurarium_bench.py").string(), file_.string()};
    options.environment = environment_;
    options.log = folder_.path() / "peer.log";
    options.time_limit = options_.time_limit;
    options.stop = options_.stop;
    peer_ = std::make_unique<Peer>(std::move(options));
    Value ask = Value::table();
    ask.set("do", "describe");
    ask.set("quick", options_.quick);
    ask.set("parameters", options_.parameters);
    described_ = read_benchmark(script_.name, peer_->ask(ask));
  }
  std::string core() const {
    const Value* core = described_.software.find("BLAS core type");
    return core && core->is_text() ? core->as_text() : "";
  }
  std::string better_core() const { return is_fallback_core(core()) ? openblas_core_for(cpu_flags()) : ""; }

  const BenchScript& script_;
  const BenchOptions& options_;
  TemporaryFolder folder_{"neurarium-bench"};
  std::filesystem::path python_, file_;
  std::vector<std::pair<std::string, std::string>> environment_;
  Benchmark described_;
  std::unique_ptr<Peer> peer_;  // destroyed before the folder
};

bool matches(const std::string& pattern, const std::string& name) {
  return pattern.empty() || name.find(pattern) != std::string::npos || ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

void keep_matching(Benchmark& benchmark, const std::string& pattern) {
  std::string names;
  for (const BenchCase& one : benchmark.cases) names += (names.empty() ? "" : ", ") + one.name;
  std::erase_if(benchmark.cases, [&](const BenchCase& one) { return !matches(pattern, one.name); });
  if (benchmark.cases.empty())
    throw SpecError(benchmark.name + ": no case matches '" + pattern + "'", "cases: " + names);
}

}  // namespace

std::string title_of_script(std::string_view text) {
  const std::size_t open = text.find("\"\"\"");
  if (open == std::string_view::npos) return {};
  text.remove_prefix(open + 3);
  text = text.substr(0, std::min(text.find('\n'), text.find("\"\"\"")));
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(text);
}

BenchScript find_benchmark(const std::string& word) {
  for (const BenchmarkScript& script : builtin_benchmarks())
    if (script.name == word) return {word, {}, script.text};
  std::error_code error;
  const std::filesystem::path file = word;
  if (word.ends_with(".py")) {
    if (!std::filesystem::is_regular_file(file, error))
      throw SpecError(word + ": there is no such file", "`neurarium bench --list` shows the benchmarks of the house");
    if (!is_file_name(file.stem().string()))
      throw SpecError(word + ": its name becomes a file's name; use letters, digits, '-' and '_'");
    return {file.stem().string(), file, {}};
  }
  std::vector<std::string> names;
  std::string list;
  for (const BenchmarkScript& script : builtin_benchmarks()) {
    names.emplace_back(script.name);
    list += (list.empty() ? "" : ", ") + names.back();
  }
  const std::string near = nearest(word, names);
  throw SpecError("there is no benchmark '" + word + "'", (near.empty() ? "" : "did you mean '" + near + "'? ") +
                                                              "there are: " + list + "; or give a FILE.py of your own");
}

Benchmark describe_benchmark(const BenchScript& script, const BenchOptions& options) {
  Session session(script, options);
  keep_matching(session.described(), options.pattern);
  return std::move(session.described());
}

BenchResult run_benchmark(const BenchScript& script, const Registry& registry, const BenchOptions& options) {
  using Clock = std::chrono::steady_clock;
  BenchResult result;
  result.machine = machine_facts();
  Session session(script, options);
  result.declared = session.described();
  keep_matching(result.declared, options.pattern);
  result.quick = options.quick;
  result.rounds = options.rounds > 0 ? options.rounds : options.quick ? 3 : 11;
  result.command = options.command;
  const auto start = Clock::now();
  const auto clock = [start] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  if (options.note)
    for (const auto& [name, value] : result.declared.software.as_table())
      if (value.is_text()) options.note("  " + name + ": " + value.as_text());
  for (std::size_t i = 0; i < result.declared.cases.size(); ++i) {
    const BenchCase& one = result.declared.cases[i];
    MeasureOptions how;
    how.rounds = result.rounds;
    how.turn_seconds = options.quick ? 0.02 : 0.1;
    how.stop = options.stop;
    if (options.progress) {
      options.progress(one.name, 0, result.rounds);
      how.progress = [&](double done, double total) { options.progress(one.name, done, total); };
    }
    const std::filesystem::path folder = session.case_folder(i);
    result.cases.push_back(measure(one, session.peer(), folder, registry, clock, how));
    std::filesystem::remove_all(folder);  // large cases fill the disk otherwise
  }
  result.seconds = clock();
  result.machine.set("load at the end", load_average());
  return result;
}

}  // namespace neurarium
