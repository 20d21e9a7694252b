#include "neurarium/train/gradient_check.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "neurarium/core/rng.hpp"
#include "neurarium/nn/spike_events.hpp"

namespace neurarium {
namespace {

/// Compares `analytic` with differences of `energy` under changes of `numbers`, where `same_spikes` after both of them.
GradientCheckRow compare(const std::string& name, std::span<double> numbers, std::span<const double> analytic,
                         const GradientCheckParams& params, const std::function<double()>& energy,
                         const std::function<bool()>& same_spikes) {
  const std::size_t stride =
      params.most_entries == 0 ? 1 : std::max<std::size_t>(1, numbers.size() / params.most_entries);
  std::vector<std::size_t> entries;
  std::vector<double> numeric, noise;
  std::size_t skipped = 0;
  for (std::size_t i = 0; i < numbers.size(); i += stride) {
    const double at = numbers[i], h = params.step * std::max(1.0, std::abs(at));
    numbers[i] = at + h;
    const double above = energy();
    bool comparable = same_spikes();
    numbers[i] = at - h;
    const double below = energy();
    comparable = same_spikes() && comparable;
    numbers[i] = at;
    if (!comparable) {
      ++skipped;
      continue;
    }
    entries.push_back(i);
    numeric.push_back((above - below) / (2 * h));
    noise.push_back(std::numeric_limits<double>::epsilon() * std::max(std::abs(above), std::abs(below)) / h);
  }
  double largest = 0;
  for (const double n : numeric) largest = std::max(largest, std::abs(n));
  GradientCheckRow row{name, entries.size(), 0, 0, 0, 0, params.step, params.tolerance, skipped};
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const double a = analytic[entries[k]], n = numeric[k];
    const double scale = std::max({std::abs(a), std::abs(n), 1e-3 * largest, 1e7 * noise[k]});
    double error = scale > 0 ? std::abs(a - n) / scale : 0;
    if (!std::isfinite(a) || !std::isfinite(n)) error = INFINITY;  // std::max would let NaN pass
    if (error > row.largest_error || k == 0) {
      row.largest_error = error;
      row.worst_entry = entries[k];
      row.analytic = a;
      row.numeric = n;
    }
  }
  return row;
}

bool passes(const GradientCheckRow& row) { return row.largest_error <= row.tolerance; }

}  // namespace

const GradientCheckRow& GradientCheckResult::worst() const {
  return *std::ranges::max_element(rows, {}, [](const GradientCheckRow& r) { return r.largest_error / r.tolerance; });
}

GradientCheckResult check_gradients(Trainable& model, const Batch& batch, const Context& context,
                                    const GradientCheckParams& params) {
  if (model.scalar() != DType::f64)
    throw SpecError("gradients are checked in float64", "set model.scalar = \"float64\"");
  Tape tape;
  Gradient gradient = make_gradient(model);
  model.evaluate_with_gradient(batch, context, tape, gradient);
  GradientCheckResult result;
  const auto* timed = dynamic_cast<const SpikeTimed*>(&model);
  const SpikeEvents spikes = timed ? timed->spike_events(tape) : SpikeEvents{};
  result.smallest_slope = spikes.smallest_slope;
  const auto same_spikes = [&] { return spikes.counts.empty() || timed->spike_events(tape).counts == spikes.counts; };
  const auto parameters = model.parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i)
    result.rows.push_back(compare(
        parameters[i].name, parameters[i].values.as<double>().flat(), std::as_const(gradient[i]).as<double>().flat(),
        params, [&] { return model.evaluate(batch, context, tape).loss; }, same_spikes));
  if (const auto* differentiable = dynamic_cast<const Differentiable*>(&model); differentiable && !batch.spikes) {
    // A fixed cotangent makes one number of the logits: Σ c · logits, c_i = 1, −1/2, 1/3, …
    Tensor<double> x(batch.x.shape());
    scale_into(batch.x, batch.divisor, x.flat());
    Array cotangent(differentiable->logits(x.view(), context, tape));
    const auto c = cotangent.as<double>().flat();
    for (std::size_t i = 0; i < c.size(); ++i) c[i] = (i % 2 ? -1.0 : 1.0) / static_cast<double>(i + 1);
    const Array analytic(differentiable->pull_back(cotangent, tape));
    const auto energy = [&] {
      const ArrayView z = differentiable->logits(x.view(), context, tape);
      double sum = 0;
      for (std::size_t i = 0; i < c.size(); ++i) sum += c[i] * z.as<double>().flat()[i];
      return sum;
    };
    result.rows.push_back(compare("input", x.flat(), analytic.as<double>().flat(), params, energy, same_spikes));
  }
  result.passed = passes(result.worst());
  return result;
}

GradientCheckResult check_gradients_near_kinks(Trainable& model, const Batch& batch, const Context& context,
                                               const GradientCheckParams& params) {
  GradientCheckResult result = check_gradients(model, batch, context, params);
  if (result.passed) return result;
  const GradientCheckResult closer =
      check_gradients(model, batch, context, {params.step / 100, params.tolerance * 100, params.most_entries});
  for (std::size_t i = 0; i < result.rows.size(); ++i)
    if (!passes(result.rows[i]) && passes(closer.rows[i])) result.rows[i] = closer.rows[i];
  result.passed = passes(result.worst());
  return result;
}

Array moved_off_kinks(Trainable& model, ArrayView x, double divisor, std::uint64_t seed) {
  for (const NamedView& parameter : model.parameters()) {
    const auto numbers = parameter.values.as<double>().flat();
    std::vector<double> moves(numbers.size());
    fill_uniform(Stream(seed, "gradient_check." + parameter.name), {}, -0.02, 0.02, moves);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] += moves[i];
  }
  Array moved(DType::f64, x.shape());
  const auto numbers = moved.as<double>().flat();
  fill_uniform(Stream(seed, "gradient_check.x"), {}, 0.0001, 0.001, numbers);
  std::vector<double> seen(numbers.size());
  scale_into(x, divisor, std::span<double>(seen));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] += 0.9988 * seen[i];  // [0, 1] stays inside itself
  return moved;
}

}  // namespace neurarium
