#include "neurarium/robustness/ball.hpp"

#include "neurarium/core/normal.hpp"
#include "neurarium/kernels/steps.hpp"

namespace neurarium {
namespace {

template <class T>
double length(std::span<const T> v) {
  double squares = 0;
  for (const T x : v) squares += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(squares);
}

}  // namespace

template <class T>
double distance(Norm norm, std::span<const T> a, std::span<const T> b) {
  double largest = 0, squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    largest = std::max(largest, std::abs(d));
    squares += d * d;
  }
  return norm == Norm::linf ? largest : std::sqrt(squares);
}

template <class T>
void project(Norm norm, double epsilon, const Bounds& bounds, std::span<const T> centre, std::span<T> x) {
  const T low = static_cast<T>(bounds.low), high = static_cast<T>(bounds.high);
  if (norm == Norm::linf) {
    const T radius = static_cast<T>(epsilon);
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = std::min(std::max(x[i], std::max(centre[i] - radius, low)), std::min(centre[i] + radius, high));
    return;
  }
  const double far = distance<T>(Norm::l2, x, centre);
  if (far > epsilon) {
    const T factor = static_cast<T>(epsilon / far);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = centre[i] + factor * (x[i] - centre[i]);
  }
  clamp_to(bounds, x);
}

template <class T>
void step_along(Norm norm, double size, std::span<const T> gradient, std::span<T> x) {
  if (norm == Norm::linf) {
    const T step = static_cast<T>(size);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += gradient[i] > 0 ? step : gradient[i] < 0 ? -step : T{0};
    return;
  }
  const double long_ = length(gradient);
  if (!(long_ > 0) || !std::isfinite(long_)) return;
  const double factor = size / long_;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += static_cast<T>(factor * static_cast<double>(gradient[i]));
}

template <class T>
void step_within(Norm norm, double size, std::span<const T> gradient, double epsilon, const Bounds& bounds,
                 std::span<const T> centre, std::span<T> x) {
  if (norm == Norm::linf)
    return kernels::sign_step<T>(
        {centre, static_cast<T>(epsilon), static_cast<T>(bounds.low), static_cast<T>(bounds.high)}, gradient,
        static_cast<T>(size), x);
  step_along(norm, size, gradient, x);
  project(norm, epsilon, bounds, centre, x);
}

template <class T>
void random_point(Norm norm, double epsilon, const Bounds& bounds, const Stream& stream, const Counter& counter,
                  std::span<const T> centre, std::span<T> x) {
  if (norm == Norm::linf) {
    fill_uniform(stream, counter, -epsilon, epsilon, x);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += centre[i];
    return project(norm, epsilon, bounds, centre, x);
  }
  std::vector<double> direction(x.size());
  fill_normal(stream, counter, 0, 1, direction);
  Counter of_radius = counter;
  of_radius.element = largest_seed;  // behind all of the direction's
  const double radius = epsilon * std::pow(uniform(stream, of_radius), 1 / static_cast<double>(x.size()));
  const double factor = radius / length<double>(direction);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = centre[i] + static_cast<T>(factor * direction[i]);
  project(norm, epsilon, bounds, centre, x);
}

#define NEURARIUM_BALL(T)                                                                                       \
  template double distance<T>(Norm, std::span<const T>, std::span<const T>);                                    \
  template void project<T>(Norm, double, const Bounds&, std::span<const T>, std::span<T>);                      \
  template void step_along<T>(Norm, double, std::span<const T>, std::span<T>);                                  \
  template void step_within<T>(Norm, double, std::span<const T>, double, const Bounds&, std::span<const T>,     \
                               std::span<T>);                                                                   \
  template void random_point<T>(Norm, double, const Bounds&, const Stream&, const Counter&, std::span<const T>, \
                                std::span<T>);
NEURARIUM_BALL(float)
NEURARIUM_BALL(double)

}  // namespace neurarium
