// The products of matrices that a piece of work can't do without, by kernels::gemm alone: how fast that would be if
// everything around them took no time.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/pool.hpp"

namespace neurarium {

/// c [rows, columns] = a [rows, depth] · b [depth, columns], with either factor stored as its transpose.
struct MatrixProduct {
  std::size_t rows = 0, columns = 0, depth = 0;
  bool first_transposed = false, second_transposed = false;
};

/// Done once for each `samples` samples, on one thread.
struct ProductList {
  std::vector<MatrixProduct> list;
  double samples = 1;
};

/// Each thread has matrices of its own and does the whole list again and again.
class Products {
 public:
  Products(const ProductList& products, DType scalar, int threads);
  ~Products();
  Products(const Products&) = delete;
  Products& operator=(const Products&) = delete;
  /// Samples per second, all threads together, measured over about `seconds`.
  double rate(double seconds);

 private:
  struct Operands;
  void repeat(std::size_t thread, std::size_t times);
  ProductList products_;
  DType scalar_;
  WorkerPool pool_;
  std::vector<std::vector<Operands>> operands_;  ///< [thread][product]
};

}  // namespace neurarium
