#include "neurarium/data/intervals.hpp"

#include <algorithm>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/data/each_sample.hpp"
#include "neurarium/data/settings_in_name.hpp"

namespace neurarium {
namespace {

constexpr std::string_view kind = "intervals";

double latest_onset(const IntervalsParams& p) {
  return 1 - static_cast<double>(p.channels - 1) * p.longest_gap - p.jitter;
}

Split make(const IntervalsParams& params, const Tensor<double>& lags, const std::string& set, std::int64_t samples,
           WorkerPool* pool) {
  const auto n = static_cast<std::size_t>(samples), channels = static_cast<std::size_t>(params.channels);
  const Stream stream(params.seed, "intervals." + set);
  Split split{Array(DType::f32, {n, channels}), Array(DType::i64, {n})};
  float* x = split.x.as<float>().data();
  std::int64_t* y = split.y.as<std::int64_t>().data();
  each_sample(n, pool, [&](std::size_t k) {
    const auto sample = static_cast<std::uint32_t>(k);
    const auto drawn = [&](std::uint32_t element, double low, double high) {
      return low + (high - low) * uniform(stream, {0, sample, 0, element});
    };
    const auto label = static_cast<std::size_t>(drawn(0, 0, static_cast<double>(params.classes)));
    const double onset = drawn(1, params.jitter, latest_onset(params));
    for (std::size_t i = 0; i < channels; ++i)
      x[k * channels + i] = static_cast<float>(onset + lags(label, i) +
                                               drawn(2 + static_cast<std::uint32_t>(i), -params.jitter, params.jitter));
    y[k] = static_cast<std::int64_t>(label);
  });
  return split;
}

}  // namespace

Schema IntervalsParams::fields() {
  using P = IntervalsParams;
  return Schema::of<P>({
      field("seed", &P::seed, "Which lags and samples are drawn.").at_most(static_cast<double>(largest_seed)),
      field("classes", &P::classes, "How many patterns of intervals there are.").between(2, 1000),
      field("channels", &P::channels, "How many channels fire, each once.").between(2, 1000),
      field("shortest_gap", &P::shortest_gap, "Least interval of neighbours, as a share of the window.").between(0, 1),
      field("longest_gap", &P::longest_gap, "Largest interval of neighbours, likewise.").between(0, 1),
      field("jitter", &P::jitter, "How far each spike is moved at most, likewise.").between(0, 1),
      field("training_samples", &P::training_samples, "Samples to learn from.").between(1, 1e9),
      field("test_samples", &P::test_samples, "Samples of the test.").between(0, 1e9),
  });
}

void IntervalsParams::check() const {
  if (shortest_gap > longest_gap)
    throw SpecError("shortest_gap is above longest_gap", "give shortest_gap ≤ longest_gap");
  if (2 * jitter > shortest_gap)
    throw SpecError("jitter: " + exact_digits(jitter) + " can change the order of channels",
                    "give at most half of shortest_gap");
  if (latest_onset(*this) < jitter)
    throw SpecError("longest_gap: " + std::to_string(channels) + " channels of gaps up to " +
                        exact_digits(longest_gap) + " take more than the window, 1",
                    "give (channels − 1) · longest_gap + 2 · jitter ≤ 1");
}

bool is_intervals(const std::string& name) { return name == kind || name.starts_with(std::string(kind) + ":"); }

IntervalsParams intervals_params(const std::string& name) {
  if (name == kind) return {};
  auto params = params_in_name<IntervalsParams>(name, kind, "intervals:seed=1,classes=8");
  params.check();
  return params;
}

Tensor<double> interval_lags(const IntervalsParams& params) {
  Tensor<double> lags(Shape{static_cast<std::size_t>(params.classes), static_cast<std::size_t>(params.channels)});
  const Stream stream(params.seed, "intervals.lags");
  for (std::size_t c = 0; c < lags.shape()[0]; ++c) {
    lags(c, std::size_t{0}) = 0;
    for (std::size_t i = 1; i < lags.shape()[1]; ++i)
      lags(c, i) = lags(c, i - 1) + params.shortest_gap +
                   (params.longest_gap - params.shortest_gap) *
                       uniform(stream, {0, static_cast<std::uint32_t>(c), 0, static_cast<std::uint32_t>(i)});
  }
  return lags;
}

Dataset intervals_dataset(const std::string& name, WorkerPool* pool) {
  const IntervalsParams params = intervals_params(name);
  const Tensor<double> lags = interval_lags(params);
  Dataset data;
  data.name = name;
  data.train = make(params, lags, "training", params.training_samples, pool);
  if (params.test_samples > 0) data.test = make(params, lags, "test", params.test_samples, pool);
  data.sha256 = content_hash(data);
  return data;
}

}  // namespace neurarium
