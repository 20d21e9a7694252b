#include "neurarium/nn/initialiser_orthogonal.hpp"

#include <Eigen/QR>
#include <vector>

#include "neurarium/core/normal.hpp"

namespace neurarium {

void fill_orthogonal(const Stream& stream, double gain, std::size_t rows, std::size_t columns, std::span<double> out) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto size = [](std::size_t n) { return static_cast<Eigen::Index>(n); };
  // QR takes a tall matrix: a wide one is made lying on its side.
  const bool wide = rows < columns;
  const Eigen::Index tall = size(wide ? columns : rows), narrow = size(wide ? rows : columns);
  std::vector<double> numbers(rows * columns);
  fill_normal(stream, {}, 0, 1, numbers);
  const Eigen::HouseholderQR<Matrix> qr(Eigen::Map<const Matrix>(numbers.data(), tall, narrow));
  Matrix q = qr.householderQ() * Matrix::Identity(tall, narrow);
  for (Eigen::Index j = 0; j < narrow; ++j) q.col(j) *= qr.matrixQR()(j, j) < 0 ? -gain : gain;
  Eigen::Map<Matrix> result(out.data(), size(rows), size(columns));
  if (wide) result = q.transpose();
  else result = q;
}

}  // namespace neurarium
