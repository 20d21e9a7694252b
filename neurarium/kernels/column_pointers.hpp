// What kernels/columns.hpp hands to the code of an instruction set: plain pointers into matrices [rows, columns].
#pragma once

#include <cstddef>

namespace neurarium::kernels {

template <class T>
struct ColumnSums {
  std::size_t rows, columns;
  const T *d, *x;
  const double* shift;
  double *sums, *products;
};

template <class T>
struct ColumnLine {
  std::size_t rows, columns;
  const T *d, *x, *shift, *offset, *scale, *slope;
  T* y;
};

}  // namespace neurarium::kernels
