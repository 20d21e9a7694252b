// What a benchmark was measured on.
#pragma once

#include <string>
#include <string_view>

#include "neurarium/core/value.hpp"

namespace neurarium {

/// CPU's name, CPUs this process may use, cache sizes, memory, kernel, compiler, instruction set of the kernels, load.
/// What the system does not tell is left out.
Value machine_facts();

/// The load average of the last minute; 0 if the system does not tell.
double load_average();

/// Whether OpenBLAS's core type is one that it falls back to when it does not know the processor.
bool is_fallback_core(std::string_view core_type);
/// The core type that suits a processor with these flags (as in /proc/cpuinfo), or "" if none is better.
std::string openblas_core_for(std::string_view cpu_flags);
/// The flags of this processor.
std::string cpu_flags();

}  // namespace neurarium
