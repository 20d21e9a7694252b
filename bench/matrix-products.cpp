// How fast kernels::gemm multiplies what a dense layer of 784 inputs and 128 units needs, one thread, float32: X Wᵀ (forward), D W (back to
// the input) and Dᵀ X (to the weights), and beside the first X times a W that lies transposed. Thousands of millions of multiply-adds a
// second, medians of rounds in turns, on matrices that stay in the caches.
//
//   ninja -C build/release matrix_products && build/release/bench/matrix_products [--rounds N]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "neurarium/kernels/gemm.hpp"

namespace {

using namespace neurarium;
using kernels::Op;
constexpr std::size_t inputs = 784, units = 128;

Tensor<float> filled(Shape shape) {
  Tensor<float> made(shape);
  std::size_t k = 0;
  for (float& x : made.flat()) x = static_cast<float>(static_cast<double>(k++ % 17) - 8) / 64;
  return made;
}

struct Product {
  const char* name;
  Tensor<float> a, b, c;
  Op of_a, of_b;
  std::vector<double> rates = {};

  void time(std::size_t multiply_adds) {
    using Clock = std::chrono::steady_clock;
    const std::size_t times = std::max<std::size_t>(1, 200'000'000 / multiply_adds);
    const auto start = Clock::now();
    for (std::size_t i = 0; i < times; ++i) kernels::gemm<float>(1, a.view(), of_a, b.view(), of_b, 0, c.view());
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    rates.push_back(static_cast<double>(multiply_adds * times) / seconds / 1e9);
  }
  double median() {
    std::ranges::sort(rates);
    return rates[rates.size() / 2];
  }
};

void measure(std::size_t samples, int rounds) {
  const Shape x{samples, inputs}, d{samples, units}, w{units, inputs};
  std::vector<Product> products;
  products.push_back({"X W^T", filled(x), filled(w), filled(d), Op::none, Op::transpose});
  products.push_back({"X V, V = W^T", filled(x), filled({inputs, units}), filled(d), Op::none, Op::none});
  products.push_back({"D W", filled(d), filled(w), filled(x), Op::none, Op::none});
  products.push_back({"D^T X", filled(d), filled(x), filled(w), Op::transpose, Op::none});
  for (int round = 0; round < rounds; ++round)
    for (Product& product : products) product.time(samples * inputs * units);
  std::printf("%4zu samples", samples);
  for (Product& product : products) std::printf("   %s %.0f", product.name, product.median());
  std::printf("\n");
}

}  // namespace

int main(int count, char** words) {
  const int rounds = count == 3 && std::string_view(words[1]) == "--rounds" ? std::atoi(words[2]) : 15;
  if (rounds < 1 || (count != 1 && count != 3)) {
    std::fprintf(stderr, "usage: matrix_products [--rounds N], N at least 1\n");
    return 2;
  }
  for (const std::size_t samples : {32, 64, 128, 200}) measure(samples, rounds);
}
