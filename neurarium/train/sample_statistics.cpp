#include "neurarium/train/sample_statistics.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

/// The continued fraction of I_x(a, b), by Lentz's method; it converges quickly for x < (a + 1) / (a + b + 2).
double beta_fraction(double x, double a, double b) {
  constexpr double tiny = 1e-300;
  const auto kept = [](double v) { return std::abs(v) < tiny ? tiny : v; };
  double c = 1, d = 1 / kept(1 - (a + b) * x / (a + 1)), f = d;
  for (int m = 1; m < 1000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double change = 1;
    for (const double numerator : {even, odd}) {
      d = 1 / kept(1 + numerator * d);
      c = kept(1 + numerator / c);
      change = c * d;
      f *= change;
    }
    if (std::abs(change - 1) < 1e-16) break;
  }
  return f;
}

/// I_x(a, b), where `rest` = 1 − x is known better than by subtraction.
double regular_beta(double x, double rest, double a, double b) {
  if (x <= 0) return 0;
  if (rest <= 0) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log(rest));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(x, a, b) / a;
  return 1 - front * beta_fraction(rest, b, a) / b;
}

/// P(T > t) for t ≥ 0.
double upper_tail(double t, double degrees) {
  const double all = degrees + t * t;
  return 0.5 * regular_beta(degrees / all, t * t / all, degrees / 2, 0.5);
}

}  // namespace

double student_t_quantile(double probability, double degrees) {
  if (!(probability > 0 && probability < 1) || !(degrees >= 1))
    throw InternalError("student_t_quantile needs a probability in (0, 1) and at least 1 degree of freedom");
  if (probability == 0.5) return 0;
  if (probability < 0.5) return -student_t_quantile(1 - probability, degrees);
  const double tail = 1 - probability;
  double low = 0, high = 1;
  while (upper_tail(high, degrees) > tail) high *= 2;
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) break;  // neighbours
    (upper_tail(middle, degrees) > tail ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

SampleSummary summarise(std::span<const double> numbers) {
  SampleSummary out;
  double first = 0, sum = 0, squares = 0;
  for (const double x : numbers) {
    if (!std::isfinite(x)) continue;
    if (out.n++ == 0) first = x;
    sum += x - first;  // so that the mean of equal numbers is that number, and their deviation 0
  }
  if (out.n == 0) return out;
  const auto n = static_cast<double>(out.n);
  out.mean = first + sum / n;
  if (out.n < 2) return out;
  for (const double x : numbers)
    if (std::isfinite(x)) squares += (x - out.mean) * (x - out.mean);
  out.sd = std::sqrt(squares / (n - 1));
  const double reach = student_t_quantile(0.975, n - 1) * out.sd / std::sqrt(n);
  out.low = out.mean - reach;
  out.high = out.mean + reach;
  return out;
}

double population_sd(std::span<const double> numbers) {
  if (numbers.size() < 2) return 0;
  const auto n = static_cast<double>(numbers.size());
  return summarise(numbers).sd * std::sqrt((n - 1) / n);
}

MeanDifference contrast_of_means(std::span<const WeightedSample> samples) {
  MeanDifference found;
  double variance = 0, part = 0;
  bool has_spread = true;
  for (const WeightedSample& sample : samples) {
    const SampleSummary s = summarise(sample.numbers);
    found.mean += sample.weight * s.mean;
    if (s.n < 2) {
      has_spread = false;
      continue;
    }
    const double share = sample.weight * sample.weight * s.sd * s.sd / static_cast<double>(s.n);
    variance += share, part += share * share / static_cast<double>(s.n - 1);
  }
  double reach = 0;
  if (variance > 0) reach = student_t_quantile(0.975, std::max(1., variance * variance / part)) * std::sqrt(variance);
  found.low = has_spread ? found.mean - reach : NAN, found.high = has_spread ? found.mean + reach : NAN;
  return found;
}

MeanDifference difference_of_means(std::span<const double> a, std::span<const double> b) {
  const WeightedSample both[] = {{1, {a.begin(), a.end()}}, {-1, {b.begin(), b.end()}}};
  return contrast_of_means(both);
}

}  // namespace neurarium
