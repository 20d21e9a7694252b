#include "neurarium/benchmark/machine.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "neurarium/core/pool.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium {
namespace {

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string cpuinfo(const std::string& key) {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos && colon + 2 <= line.size()) return line.substr(colon + 2);
  }
  return {};
}

void add_caches(Value& facts) {
  const std::filesystem::path folder = "/sys/devices/system/cpu/cpu0/cache";
  for (int i = 0; i < 8; ++i) {
    const std::filesystem::path cache = folder / ("index" + std::to_string(i));
    const std::string level = first_line(cache / "level"), type = first_line(cache / "type");
    const std::string size = first_line(cache / "size");
    if (level.empty() || size.empty() || type == "Instruction") continue;
    facts.set("L" + level + (level == "1" ? " data cache" : " cache"),
              size.ends_with("K") ? size.substr(0, size.size() - 1) + " KiB" : size);
  }
}

}  // namespace

double load_average() {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 ? load : 0;
}

std::string cpu_flags() { return cpuinfo("flags"); }

Value machine_facts() {
  Value facts = Value::table();
  if (const std::string name = cpuinfo("model name"); !name.empty()) facts.set("CPU", name);
  facts.set("CPUs", available_cpus());
  add_caches(facts);
  const long pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGE_SIZE);
  if (pages > 0 && page > 0)
    facts.set("memory",
              std::to_string((static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page)) >> 20) + " MiB");
  utsname system{};
  if (::uname(&system) == 0) facts.set("system", std::string(system.sysname) + " " + system.release);
#ifdef __clang__
  facts.set("compiler", "clang " __clang_version__);
#else
  facts.set("compiler", "g++ " __VERSION__);
#endif
  facts.set("instruction set", kernels::active_instruction_set());
  facts.set("load at the start", load_average());
  return facts;
}

// What OpenBLAS runs on when it does not recognise an x86-64 processor, or was built without choice.
bool is_fallback_core(std::string_view core_type) {
  constexpr std::array<std::string_view, 8> old = {"Prescott", "Core2",     "Katmai", "Coppermine",
                                                   "Banias",   "Northwood", "Athlon", "Generic"};
  return std::ranges::find(old, core_type) != old.end();
}

std::string openblas_core_for(std::string_view flags) {
  std::istringstream in{std::string(flags)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  const auto all = [&](std::initializer_list<const char*> wanted) {
    return std::ranges::all_of(wanted, [&](const char* w) { return std::ranges::find(words, w) != words.end(); });
  };
  if (all({"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"})) return "SkylakeX";
  if (all({"avx2", "fma"})) return "Haswell";
  return {};
}

}  // namespace neurarium
