#include "neurarium/data/yin_yang.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/rng.hpp"
#include "neurarium/data/each_sample.hpp"
#include "neurarium/data/settings_in_name.hpp"

namespace neurarium {
namespace {

constexpr std::string_view kind = "yin-yang";
constexpr double big = 0.5, small = 0.1;

struct Point {
  double x, y;
  int label;
};

Point draw(const Stream& stream, std::uint32_t sample) {
  const int wanted = static_cast<int>(3 * uniform(stream, {0, sample, 0, 0}));
  for (std::uint32_t attempt = 1;; ++attempt) {
    const double x = uniform(stream, {0, sample, attempt, 0}), y = uniform(stream, {0, sample, attempt, 1});
    if (std::hypot(x - big, y - big) <= big && yin_yang_class(x, y) == wanted) return {x, y, wanted};
  }
}

Split make(const YinYangParams& params, const std::string& set, std::int64_t samples, WorkerPool* pool) {
  const auto n = static_cast<std::size_t>(samples);
  const Stream stream(params.seed, "yin_yang." + set);
  Split split{Array(DType::f32, {n, 4}), Array(DType::i64, {n})};
  float* x = split.x.as<float>().data();
  std::int64_t* y = split.y.as<std::int64_t>().data();
  each_sample(n, pool, [&](std::size_t k) {
    const Point point = draw(stream, static_cast<std::uint32_t>(k));
    const double row[] = {point.x, point.y, 1 - point.x, 1 - point.y};
    std::ranges::transform(row, x + 4 * k, [](double number) { return static_cast<float>(number); });
    y[k] = point.label;
  });
  return split;
}

}  // namespace

Schema YinYangParams::fields() {
  using P = YinYangParams;
  return Schema::of<P>({
      field("seed", &P::seed, "Which points are drawn.").at_most(static_cast<double>(largest_seed)),
      field("training_samples", &P::training_samples, "Points to learn from.").between(1, 1e9),
      field("test_samples", &P::test_samples, "Points of the test.").between(0, 1e9),
  });
}

int yin_yang_class(double x, double y) noexcept {
  const double left = std::hypot(x - 0.5 * big, y - big), right = std::hypot(x - 1.5 * big, y - big);
  if (left < small || right < small) return 2;
  return (left > small && left <= 0.5 * big) || (y > big && right > 0.5 * big) ? 1 : 0;
}

bool is_yin_yang(const std::string& name) { return name == kind || name.starts_with(std::string(kind) + ":"); }

YinYangParams yin_yang_params(const std::string& name) {
  if (name == kind) return {};
  return params_in_name<YinYangParams>(name, kind, "yin-yang:seed=1,training_samples=2000");
}

Dataset yin_yang_dataset(const std::string& name, WorkerPool* pool) {
  const YinYangParams params = yin_yang_params(name);
  Dataset data;
  data.name = name;
  data.classes = {"yin", "yang", "dot"};
  data.train = make(params, "training", params.training_samples, pool);
  if (params.test_samples > 0) data.test = make(params, "test", params.test_samples, pool);
  data.sha256 = content_hash(data);
  return data;
}

}  // namespace neurarium
