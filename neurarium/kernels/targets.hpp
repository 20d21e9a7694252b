// Which instruction set the kernels run on. Chosen once at run time from what the processor offers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace neurarium::kernels {

/// The instruction sets behind the float and double kernels, e.g. "highway:AVX3 onednn:avx512_core eigen:avx512".
/// Results are the same bits for the same text.
std::string active_instruction_set();

/// What the matrix product in double runs on: the best that the processor has, never better than force_target() allows.
enum class DoubleTarget { baseline, avx2, avx512 };
DoubleTarget double_product_target();

/// The Highway targets this processor can run, best first; for tests that compare them all.
std::vector<std::int64_t> runnable_targets();
/// Restricts dispatch to one target (0 = choose again). Only for tests, before any worker runs.
void force_target(std::int64_t target);

}  // namespace neurarium::kernels
