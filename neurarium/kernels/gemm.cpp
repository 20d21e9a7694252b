#include "neurarium/kernels/gemm.hpp"

#include <dnnl.h>
#include <omp.h>

#include "neurarium/kernels/gemm_double.hpp"
#include "neurarium/kernels/targets.hpp"

namespace neurarium::kernels {
namespace {

struct Sizes {
  std::size_t m, n, k;
};

template <class T>
Sizes sizes_of(const View<const T>& a, Op op_a, const View<const T>& b, Op op_b, const View<T>& c) {
  const auto is_matrix = [](const Shape& s) { return s.axes() == 2; };
  if (!is_matrix(a.shape()) || !is_matrix(b.shape()) || !is_matrix(c.shape()))
    throw ShapeError("gemm", "three matrices",
                     to_string(a.shape()) + ", " + to_string(b.shape()) + ", " + to_string(c.shape()));
  const auto rows = [](const Shape& s, Op op) { return op == Op::none ? s[0] : s[1]; };
  const auto columns = [](const Shape& s, Op op) { return op == Op::none ? s[1] : s[0]; };
  const Sizes sizes{rows(a.shape(), op_a), columns(b.shape(), op_b), columns(a.shape(), op_a)};
  if (rows(b.shape(), op_b) != sizes.k)
    throw ShapeError("gemm: inner size", std::to_string(sizes.k), std::to_string(rows(b.shape(), op_b)));
  if (c.shape() != Shape{sizes.m, sizes.n})
    throw ShapeError("gemm: result", to_string(Shape{sizes.m, sizes.n}), to_string(c.shape()));
  return sizes;
}

// oneDNN's own threads would fight with our pool (and spin). The caller's setting is put back.
class OneOpenMPThread {
 public:
  OneOpenMPThread() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  ~OneOpenMPThread() {
    if (before_ != 1) omp_set_num_threads(before_);
  }
  OneOpenMPThread(const OneOpenMPThread&) = delete;
  OneOpenMPThread& operator=(const OneOpenMPThread&) = delete;

 private:
  int before_;
};

void multiply(float alpha, View<const float> a, Op op_a, View<const float> b, Op op_b, float beta, View<float> c,
              const Sizes& s) {
  const OneOpenMPThread guard;
  const auto letter = [](Op op) { return op == Op::none ? 'N' : 'T'; };
  const auto size = [](std::size_t x) { return static_cast<dnnl_dim_t>(x); };
  const auto status = dnnl_sgemm(letter(op_a), letter(op_b), size(s.m), size(s.n), size(s.k), alpha, a.data(),
                                 size(a.shape()[1]), b.data(), size(b.shape()[1]), beta, c.data(), size(c.shape()[1]));
  if (status != dnnl_success) throw InternalError("dnnl_sgemm failed with status " + std::to_string(status));
}

void multiply(double alpha, View<const double> a, Op op_a, View<const double> b, Op op_b, double beta, View<double> c,
              const Sizes& s) {
  const DoubleProduct product{
      alpha, beta, a.data(), b.data(), c.data(), s.m, s.n, s.k, op_a == Op::transpose, op_b == Op::transpose};
  switch (double_product_target()) {
#if defined(__x86_64__)
    case DoubleTarget::avx512: return avx512::multiply(product);
    case DoubleTarget::avx2: return avx2::multiply(product);
#endif
    default: return baseline::multiply(product);
  }
}

}  // namespace

template <class T>
void gemm(T alpha, std::type_identity_t<View<const T>> a, Op op_a, std::type_identity_t<View<const T>> b, Op op_b,
          T beta, View<T> c) {
  const Sizes sizes = sizes_of(a, op_a, b, op_b, c);
  if (sizes.m == 0 || sizes.n == 0) return;
  multiply(alpha, a, op_a, b, op_b, beta, c, sizes);
}

template <class T>
void reference::gemm(T alpha, std::type_identity_t<View<const T>> a, Op op_a, std::type_identity_t<View<const T>> b,
                     Op op_b, T beta, View<T> c) {
  const Sizes s = sizes_of(a, op_a, b, op_b, c);
  for (std::size_t i = 0; i < s.m; ++i)
    for (std::size_t j = 0; j < s.n; ++j) {
      T sum = 0;
      for (std::size_t l = 0; l < s.k; ++l)
        sum += (op_a == Op::none ? a(i, l) : a(l, i)) * (op_b == Op::none ? b(l, j) : b(j, l));
      c(i, j) = alpha * sum + (beta == 0 ? T{0} : beta * c(i, j));
    }
}

template void gemm<float>(float, View<const float>, Op, View<const float>, Op, float, View<float>);
template void gemm<double>(double, View<const double>, Op, View<const double>, Op, double, View<double>);
template void reference::gemm<float>(float, View<const float>, Op, View<const float>, Op, float, View<float>);
template void reference::gemm<double>(double, View<const double>, Op, View<const double>, Op, double, View<double>);

}  // namespace neurarium::kernels
