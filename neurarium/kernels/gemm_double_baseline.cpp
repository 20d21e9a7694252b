// Compiled for any processor of the architecture; CMakeLists.txt gives the flags.
#define NEURARIUM_INSTRUCTIONS baseline
#include "neurarium/kernels/gemm_double-inl.hpp"
