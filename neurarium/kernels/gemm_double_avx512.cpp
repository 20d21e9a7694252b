// Compiled for processors with AVX512; CMakeLists.txt gives the flags.
#if defined(__x86_64__)
#define NEURARIUM_INSTRUCTIONS avx512
#include "neurarium/kernels/gemm_double-inl.hpp"
#endif
