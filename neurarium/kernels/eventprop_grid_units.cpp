#include <algorithm>
#include <cmath>

#include "neurarium/kernels/eventprop_grid.hpp"

namespace neurarium::kernels {
namespace {

/// (e^x − 1) / x and its derivative, without loss of digits where τm and τs are near or equal.
struct Quotient {
  double value, slope;
};
Quotient quotient_of(double x) {
  if (std::abs(x) > 0.5) {
    const double value = std::expm1(x) / x;
    return {value, (std::exp(x) - value) / x};
  }
  Quotient sum{0, 0};
  double power = 1, factorial = 1;  // x^n, (n + 1)!
  for (int n = 0; n < 16; ++n) {
    sum.value += power / factorial;
    sum.slope += (n + 1) * power / (factorial * (n + 2));
    power *= x, factorial *= n + 2;
  }
  return sum;
}

}  // namespace

template <class T>
GridUnits<T>::GridUnits(std::span<const T> membrane, std::span<const T> synapse, std::span<const T> threshold,
                        double dt, T floor, const GridRecovery<T>& recovery)
    : units_(membrane.size()),
      floor_(floor),
      dt_(static_cast<T>(dt)),
      recovers_(recovery.refractory > 0 || !recovery.adaptation.empty()),
      steps_(static_cast<std::uint32_t>(std::min(std::round(recovery.refractory / dt), 4e9))) {
  constexpr std::size_t step = 64 / sizeof(T);
  width_ = (units_ + step - 1) / step * step;
  numbers_.resize(Shape{lines, width_});
  T* out = numbers_.data();
  const auto set = [&](std::size_t line, std::size_t unit, double value) {
    out[line * width_ + unit] = static_cast<T>(value);
  };
  for (std::size_t j = 0; j < width_; ++j) {
    for (std::size_t i = 0; i < lines; ++i) set(i, j, 0);
    set(3, j, 1);  // a threshold that nothing reaches, as V stays 0
  }
  for (std::size_t j = 0; j < units_; ++j) {
    const double tm = membrane[j], ts = synapse[j];
    const double alpha = std::exp(-dt / tm), beta = std::exp(-dt / ts);
    const Quotient q = quotient_of(dt / ts - dt / tm);
    const double gamma = beta * dt / tm * q.value, steep = beta * dt / tm * q.slope;
    set(0, j, alpha), set(1, j, beta), set(2, j, gamma), set(3, j, threshold[j]), set(4, j, tm), set(5, j, ts);
    set(6, j, gamma * tm / ts);
    set(7, j, alpha * dt / (tm * tm)), set(8, j, steep * dt / (tm * tm) - gamma / tm);
    set(9, j, beta * dt / (ts * ts)), set(10, j, (gamma - steep) * dt / (ts * ts));
  }
  for (std::size_t j = 0; j < recovery.adaptation.size(); ++j) {
    const double tau = recovery.tau_adaptation[j];
    set(11, j, recovery.adaptation[j]), set(12, j, std::exp(-dt / tau)), set(13, j, 1 / tau);
  }
}

template class GridUnits<float>;
template class GridUnits<double>;

}  // namespace neurarium::kernels
