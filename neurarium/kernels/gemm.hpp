// Matrix product: the one seam between the networks and the libraries that multiply matrices best.
// float runs on oneDNN (which picks its instruction set at run time), double on Eigen. One call runs on one thread:
// parallel work is shared out by WorkerPool, above. The bits of an entry may depend on the shapes of the call, so
// callers that promise equal bits keep their shapes fixed (shards of one size).
#pragma once

#include <type_traits>

#include "neurarium/core/tensor.hpp"

namespace neurarium::kernels {

enum class Op { none, transpose };

/// c = alpha · op(a) · op(b) + beta · c, all row-major matrices. With beta = 0, c need not be initialised.
/// Throws ShapeError when the shapes do not fit.
template <class T>
void gemm(T alpha, std::type_identity_t<View<const T>> a, Op op_a, std::type_identity_t<View<const T>> b, Op op_b,
          T beta, View<T> c);

namespace reference {
/// The same by three plain loops, summing along k in order.
template <class T>
void gemm(T alpha, std::type_identity_t<View<const T>> a, Op op_a, std::type_identity_t<View<const T>> b, Op op_b,
          T beta, View<T> c);
}  // namespace reference

}  // namespace neurarium::kernels
