// The body of gemm_double_*.cpp. NEURARIUM_INSTRUCTIONS names the instruction set that the file is compiled for. Eigen's
// namespace is renamed with it: else the linker would take any one of the versions for all, and an old processor might be
// given the newest instructions.
#define NEURARIUM_JOINED(a, b) a##_##b
#define NEURARIUM_JOIN(a, b) NEURARIUM_JOINED(a, b)
#define EIGEN_DONT_PARALLELIZE
#define Eigen NEURARIUM_JOIN(Eigen, NEURARIUM_INSTRUCTIONS)
#include <Eigen/Core>

#include "neurarium/kernels/gemm_double.hpp"

namespace neurarium::kernels::NEURARIUM_INSTRUCTIONS {

void multiply(const DoubleProduct& p) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto size = [](std::size_t x) { return static_cast<Eigen::Index>(x); };
  using ConstMap = Eigen::Map<const Matrix>;
  const ConstMap a(p.a, size(p.a_transposed ? p.k : p.m), size(p.a_transposed ? p.m : p.k));
  const ConstMap b(p.b, size(p.b_transposed ? p.n : p.k), size(p.b_transposed ? p.k : p.n));
  Eigen::Map<Matrix> c(p.c, size(p.m), size(p.n));
  if (p.beta == 0) c.setZero();
  else if (p.beta != 1) c *= p.beta;
  if (!p.a_transposed && !p.b_transposed) c.noalias() += p.alpha * (a * b);
  else if (!p.a_transposed) c.noalias() += p.alpha * (a * b.transpose());
  else if (!p.b_transposed) c.noalias() += p.alpha * (a.transpose() * b);
  else c.noalias() += p.alpha * (a.transpose() * b.transpose());
}

}  // namespace neurarium::kernels::NEURARIUM_INSTRUCTIONS
