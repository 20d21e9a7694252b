// The matrix product in double, compiled once per instruction set. Eigen chooses its vectors when it is compiled, so that
// one portable build needs it several times, each under a namespace of its own (see gemm_double-inl.hpp).
#pragma once

#include <cstddef>

namespace neurarium::kernels {

/// c [m, n] ← α op(a) op(b) + β c, row-major; `a_transposed`: a is stored [k, m]; `b_transposed`: b is stored [n, k].
struct DoubleProduct {
  double alpha, beta;
  const double *a, *b;
  double* c;
  std::size_t m, n, k;
  bool a_transposed, b_transposed;
};

namespace baseline {
void multiply(const DoubleProduct& product);
}
#if defined(__x86_64__)
namespace avx2 {
void multiply(const DoubleProduct& product);
}
namespace avx512 {
void multiply(const DoubleProduct& product);
}
#endif

}  // namespace neurarium::kernels
