#include "neurarium/robustness/foreign_data.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/normal.hpp"

namespace neurarium {
namespace {

Shape entry_of(ArrayView x) {
  if (x.shape().axes() == 0) throw ShapeError("samples", "[samples, …]", to_string(x.shape()));
  return x.shape().tail();
}

/// A source that fills one sample after the other: fill(number of the sample, its place).
template <class Fill>
SampleSource drawn(std::string name, std::string meaning, const Shape& entry, std::size_t samples, Fill fill) {
  return {std::move(name), std::move(meaning), samples, [entry, fill](std::size_t first, std::size_t count) {
            Array out(DType::f64, entry.with_leading(count));
            const std::size_t each = entry.elements();
            for (std::size_t i = 0; i < count; ++i)
              fill(static_cast<std::uint32_t>(first + i), out.as<double>().flat().subspan(i * each, each));
            return out;
          }};
}

}  // namespace

NumbersOfData numbers_of(ArrayView x, double divisor) {
  if (x.empty()) throw DataError("data", "there are no numbers");
  if (const std::size_t bad = first_non_finite(x); bad < x.size())
    throw DataError("data", "number " + std::to_string(bad) + " is not finite");
  return with_dtype(x.dtype(), [&]<class T>() {
    const auto all = x.as<T>().flat();
    const auto n = static_cast<double>(all.size());
    const auto [low, high] = std::ranges::minmax(all);
    double mean = 0, square = 0;
    for (const T number : all) mean += static_cast<double>(number);
    mean /= n;
    for (const T number : all) square += std::pow(static_cast<double>(number) - mean, 2);
    return NumbersOfData{static_cast<double>(low) / divisor, static_cast<double>(high) / divisor, mean / divisor,
                         std::sqrt(square / n) / divisor};
  });
}

SampleSource known_data(const std::string& name, const std::string& meaning, ArrayView x, double divisor) {
  entry_of(x);
  return {name, meaning, x.shape()[0], [x, divisor](std::size_t first, std::size_t count) {
            return scaled(x.rows(first, count), divisor, DType::f64);
          }};
}

SampleSource uniform_noise(const NumbersOfData& numbers, const Shape& entry, std::size_t samples, std::uint64_t seed) {
  return drawn("uniform_noise", "uniform noise", entry, samples,
               [numbers, stream = Stream(seed, "foreign.uniform")](std::uint32_t sample, std::span<double> out) {
                 fill_uniform(stream, {0, sample, 0, 0}, numbers.low, numbers.high, out);
               });
}

SampleSource gaussian_noise(const NumbersOfData& numbers, const Shape& entry, std::size_t samples, std::uint64_t seed) {
  return drawn("gaussian_noise", "Gaussian noise", entry, samples,
               [numbers, stream = Stream(seed, "foreign.gaussian")](std::uint32_t sample, std::span<double> out) {
                 fill_normal(stream, {0, sample, 0, 0}, numbers.mean, numbers.sd, out);
                 for (double& number : out) number = std::clamp(number, numbers.low, numbers.high);
               });
}

SampleSource shuffled_pixels(ArrayView x, double divisor, std::uint64_t seed) {
  return drawn("shuffled_pixels", "shuffled pixels", entry_of(x), x.shape()[0],
               [x, divisor, stream = Stream(seed, "foreign.shuffled")](std::uint32_t sample, std::span<double> out) {
                 const Array own = scaled(x.rows(sample, 1), divisor, DType::f64);
                 const std::vector<std::uint64_t> order = permutation(stream, sample, out.size());
                 for (std::size_t i = 0; i < out.size(); ++i) out[i] = own.as<double>().flat()[order[i]];
               });
}

SampleSource scaled_data(ArrayView x, double divisor, double factor) {
  entry_of(x);
  const std::string times = short_digits(factor);
  return {"times_" + times, "data\u00a0×\u00a0" + times, x.shape()[0],
          [x, divisor, factor](std::size_t first, std::size_t count) {
            Array out = scaled(x.rows(first, count), divisor, DType::f64);
            for (double& number : out.as<double>().flat()) number *= factor;
            return out;
          }};
}

std::vector<SampleSource> usual_foreign_data(ArrayView x, double divisor, std::uint64_t seed) {
  const NumbersOfData numbers = numbers_of(x, divisor);
  const Shape entry = entry_of(x);
  const std::size_t n = x.shape()[0];
  return {uniform_noise(numbers, entry, n, seed), gaussian_noise(numbers, entry, n, seed),
          shuffled_pixels(x, divisor, seed), scaled_data(x, divisor, 2), scaled_data(x, divisor, 10)};
}

}  // namespace neurarium
