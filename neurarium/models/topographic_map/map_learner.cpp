#include "neurarium/models/topographic_map/map_learner.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <numeric>

namespace neurarium::topographic {
namespace {

std::size_t rounded_up(std::size_t x, std::size_t to) { return (x + to - 1) / to * to; }

/// Chunks that threads may share out: as many as pay, each a whole number of blocks and tall enough that its first and last
/// rows are not the same.
std::size_t wanted_chunks(std::size_t weight_bytes) {
  if (weight_bytes < 384 * 1024) return 1;  // waiting for each other would cost more than half the work
  return weight_bytes < (std::size_t{4} << 20) ? 2 : weight_bytes < (std::size_t{64} << 20) ? 4 : 8;
}

}  // namespace

Plan plan_for(std::size_t rows, std::size_t columns, std::size_t radius, std::size_t weight_bytes) {
  return make_plan(rows, columns, radius, wanted_chunks(weight_bytes), weight_bytes > largest_two_pass);
}

Plan make_plan(std::size_t rows, std::size_t columns, std::size_t radius, std::size_t chunks, bool wave) {
  Plan plan;
  plan.wave = wave;
  const std::size_t grain = block / std::gcd(columns, block);  // rows that are a whole number of blocks
  const std::size_t edge = rounded_up(radius, grain);
  while (chunks > 1 && rows / chunks < 2 * edge + 2 * grain) --chunks;
  for (std::size_t i = 0, first = 0; i < chunks; ++i) {
    const std::size_t end = i + 1 == chunks ? rows : rows * (i + 1) / chunks / grain * grain;
    plan.chunks.push_back({first, end});
    const std::size_t inner_first = i == 0 ? first : first + edge, inner_end = i + 1 == chunks ? end : end - edge;
    if (inner_first > first) plan.bands.push_back({first, inner_first});
    plan.bands.push_back({inner_first, inner_end});
    if (end > inner_end) plan.bands.push_back({inner_end, end});
    first = end;
  }
  plan.edge = edge;
  return plan;
}

template <class T>
Planes<T>::Planes(const Rule<T>& rule)
    : stride(rounded_up(rule.columns, line<T>)),
      source_stride(rounded_up(stride + 2 * rule.radius, line<T>)),
      sources(Shape{rule.rows * source_stride + line<T>}),
      row_sums(Shape{(rule.rows + 2 * rule.radius) * stride}) {}

template <class T>
Work<T>::Work(const Rule<T>& rule_in, std::size_t inputs_in, Plan plan_in)
    : rule(rule_in),
      plan(std::move(plan_in)),
      inputs(inputs_in),
      lines((inputs + line<T> - 1) / line<T>),
      planes(rule) {
  const std::size_t units = rounded_up(rule.rows * rule.columns, block), numbers = lines * line<T>;
  weights = Tensor<T>(Shape{units * numbers});
  drive = thresholds = code = Tensor<T>(Shape{units + line<T>});
  parts = Tensor<T>(Shape{2 * plan.bands.size() * numbers});
  own.resize(plan.chunks.size());
  for (Own& of_thread : own) {
    of_thread.input = of_thread.direction = Tensor<T>(Shape{numbers});
    of_thread.of_units = Tensor<T>(drive.shape());
  }
}

template <class T>
MapLearner<T>::MapLearner(const Rule<T>& rule, std::size_t inputs)
    : work_(rule, inputs,
            plan_for(rule.rows, rule.columns, rule.radius,
                     rounded_up(rule.rows * rule.columns, block) * rounded_up(inputs, line<T>) * sizeof(T))) {}

template <class T>
void MapLearner<T>::load(View<const T> weights, View<const T> thresholds) {
  const std::size_t numbers = work_.lines * line<T>, inputs = work_.inputs, units = weights.shape()[0];
  for (std::size_t n = 0; n < units; ++n) {
    const T* from = weights.data() + n * inputs;
    T* to = work_.weights.data() + n / block * block * numbers + n % block * line<T>;
    for (std::size_t j = 0; j < inputs; j += line<T>, to += block * line<T>)
      std::memcpy(to, from + j, std::min(line<T>, inputs - j) * sizeof(T));
  }
  std::ranges::copy(thresholds.flat(), work_.thresholds.data());
}

template <class T>
void MapLearner<T>::store(View<T> weights, View<T> thresholds) const {
  const std::size_t numbers = work_.lines * line<T>, inputs = work_.inputs, units = weights.shape()[0];
  for (std::size_t n = 0; n < units; ++n) {
    const T* from = work_.weights.data() + n / block * block * numbers + n % block * line<T>;
    T* to = weights.data() + n * inputs;
    for (std::size_t j = 0; j < inputs; j += line<T>, from += block * line<T>)
      std::memcpy(to + j, from, std::min(line<T>, inputs - j) * sizeof(T));
  }
  std::copy_n(work_.thresholds.data(), units, thresholds.data());
}

template <class T>
NonFinite MapLearner<T>::pass_with(std::size_t threads, const Samples& samples, WorkerPool& pool) {
  NonFinite failure;
  Barrier barrier(threads);
  const auto part = [&](std::size_t thread) { learn(work_, samples, thread, threads, barrier, failure); };
  if (threads == 1) part(0);
  else pool.run(threads, part);
  return failure;
}

template <class T>
NonFinite MapLearner<T>::learn_with(std::size_t threads, View<T> weights, View<T> thresholds, const Samples& samples,
                                    WorkerPool& pool) {
  load(weights, thresholds);
  const NonFinite failure = pass_with(threads, samples, pool);
  store(weights, thresholds);
  return failure;
}

template <class T>
NonFinite MapLearner<T>::observe(View<T> weights, View<T> thresholds, const Samples& samples, WorkerPool& pool) {
  const std::size_t all = std::min(work_.plan.chunks.size(), static_cast<std::size_t>(pool.threads()));
  load(weights, thresholds);
  NonFinite failure;
  const std::size_t count = samples.x.shape()[0];
  // Pieces of about a million weights each: long enough to be timed.
  const std::size_t piece =
      all == 1 ? count : std::clamp<std::size_t>((std::size_t{1} << 25) / work_.weights.size(), 1, 1024);
  for (std::size_t first = 0; first < count && !failure.found; first += piece) {
    const std::size_t n = std::min(piece, count - first);
    const int way = all == 1 ? 0 : one_or_all_.next();
    const auto begin = std::chrono::steady_clock::now();
    failure =
        pass_with(way == 0 ? 1 : all, {samples.x.rows(first, n), samples.divisor, samples.first_step + first}, pool);
    failure.sample += first;
    if (n == piece)
      one_or_all_.took(way, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  store(weights, thresholds);
  return failure;
}

template <class T>
NonFinite learn_plainly(const Rule<T>& rule, View<T> w, View<T> t, const Samples& samples) {
  const std::size_t rows = rule.rows, columns = rule.columns, radius = rule.radius;
  const std::size_t units = w.shape()[0], inputs = w.shape()[1];
  const auto logistic = [](T x) { return T{1} / (T{1} + std::exp(-x)); };
  const auto clip = [&] {
    for (T& x : w.flat())
      if (!(x > rule.precision)) x = 0;
  };
  if (rule.clip_every == 1 && samples.x.shape()[0] > 0) clip();
  std::vector<T> v(inputs), r(inputs), drive(units), p(units), o(units);
  for (std::size_t i = 0; i < samples.x.shape()[0]; ++i) {
    scale_into(samples.x.rows(i, 1), samples.divisor, std::span<T>(v));
    for (std::size_t n = 0; n < units; ++n) {
      drive[n] = 0;
      for (std::size_t j = 0; j < inputs; ++j) drive[n] += w(n, j) * v[j];
      p[n] = logistic(drive[n] - t(n));
    }
    std::fill(r.begin(), r.end(), T{0});
    for (std::size_t y = 0; y < rows; ++y)
      for (std::size_t x = 0; x < columns; ++x) {
        T lateral = 0;
        for (std::size_t b = y > radius ? y - radius : 0; b < std::min(rule.source_rows, y + radius + 1); ++b)
          for (std::size_t a = x > radius ? x - radius : 0; a < std::min(rule.source_columns, x + radius + 1); ++a)
            if (a != x || b != y) lateral += p[b * columns + a];
        const std::size_t n = y * columns + x;
        const T active = logistic(drive[n] + lateral - t(n));
        t(n) += (active - rule.sparsity) * rule.threshold_rate;
        o[n] = active > rule.activity_floor ? active : T{0};
        for (std::size_t j = 0; j < inputs; ++j) r[j] += o[n] * w(n, j);
      }
    for (std::size_t j = 0; j < inputs; ++j)
      if (!std::isfinite(r[j])) return {true, i, j};
    for (std::size_t n = 0; n < units; ++n)
      for (std::size_t j = 0; j < inputs; ++j) {
        const T q = (v[j] - r[j]) / std::max(r[j], rule.precision);
        w(n, j) *= T{1} + std::min(rule.learning_rate * o[n] * q, rule.largest_growth);
      }
    if ((samples.first_step + i) % rule.clip_every == 0) clip();
  }
  return {};
}

template struct Planes<float>;
template struct Planes<double>;
template class MapLearner<float>;
template class MapLearner<double>;
template NonFinite learn_plainly<float>(const Rule<float>&, View<float>, View<float>, const Samples&);
template NonFinite learn_plainly<double>(const Rule<double>&, View<double>, View<double>, const Samples&);

}  // namespace neurarium::topographic
