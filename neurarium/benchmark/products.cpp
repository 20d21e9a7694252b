#include "neurarium/benchmark/products.hpp"

#include <algorithm>
#include <chrono>

#include "neurarium/kernels/gemm.hpp"

namespace neurarium {

struct Products::Operands {
  Array a, b, c;
};

namespace {

Array filled(DType scalar, Shape shape) {
  Array array(scalar, shape);
  with_floating(scalar, [&]<class T>() {
    // Small and of both signs, so that no sum grows or dies out however often the list is done.
    std::size_t i = 0;
    for (T& x : array.as<T>().flat()) x = static_cast<T>(static_cast<double>(i++ % 17) - 8) / 64;
  });
  return array;
}

}  // namespace

Products::Products(const ProductList& products, DType scalar, int threads)
    : products_(products), scalar_(scalar), pool_(threads), operands_(static_cast<std::size_t>(pool_.threads())) {
  for (auto& own : operands_)
    for (const MatrixProduct& p : products_.list)
      own.push_back({filled(scalar, p.first_transposed ? Shape{p.depth, p.rows} : Shape{p.rows, p.depth}),
                     filled(scalar, p.second_transposed ? Shape{p.columns, p.depth} : Shape{p.depth, p.columns}),
                     Array(scalar, Shape{p.rows, p.columns})});
}
Products::~Products() = default;

void Products::repeat(std::size_t thread, std::size_t times) {
  const auto op = [](bool transposed) { return transposed ? kernels::Op::transpose : kernels::Op::none; };
  with_floating(scalar_, [&]<class T>() {
    for (std::size_t t = 0; t < times; ++t)
      for (std::size_t k = 0; k < products_.list.size(); ++k) {
        const MatrixProduct& p = products_.list[k];
        Operands& own = operands_[thread][k];
        kernels::gemm<T>(1, std::as_const(own.a).as<T>(), op(p.first_transposed), std::as_const(own.b).as<T>(),
                         op(p.second_transposed), 0, own.c.as<T>());
      }
  });
}

double Products::rate(double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto timed = [&](std::size_t times) {
    const auto start = Clock::now();
    pool_.run(operands_.size(), [&](std::size_t thread) { repeat(thread, times); });
    return std::max(1e-9, std::chrono::duration<double>(Clock::now() - start).count());
  };
  std::size_t times = 1;
  double took = timed(times);
  while (took < 0.25 * seconds) took = timed(times *= 2);
  times = static_cast<std::size_t>(static_cast<double>(times) * std::max(1.0, seconds / took)) + 1;
  return products_.samples * static_cast<double>(times * operands_.size()) / timed(times);
}

}  // namespace neurarium
