// Compiled for processors with AVX2; CMakeLists.txt gives the flags.
#if defined(__x86_64__)
#define NEURARIUM_INSTRUCTIONS avx2
#include "neurarium/kernels/gemm_double-inl.hpp"
#endif
