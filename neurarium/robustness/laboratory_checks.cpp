#include "neurarium/robustness/laboratory_checks.hpp"

#include "neurarium/core/digits.hpp"

namespace neurarium {

void require_radii(const std::vector<double>& epsilons) {
  for (std::size_t i = 0; i < epsilons.size(); ++i) {
    const double e = epsilons[i];
    if (!(e >= 0) || !std::isfinite(e))
      throw SpecError("epsilon: " + short_digits(e) + " is no radius", "give finite numbers ≥ 0");
    if (i > 0 && e <= epsilons[i - 1])
      throw SpecError("epsilon: " + short_digits(e) + " comes after " + short_digits(epsilons[i - 1]),
                      "list them from small to large, each once");
  }
}

void require_plan(const LaboratoryPlan& plan) {
  if (plan.attacks.empty()) throw SpecError("attacks: there is none", "name one: pgd, say");
  if (plan.eot == 0) throw SpecError("eot: gradients can't be averaged over no draws", "give 1 or more");
  require_radii(plan.epsilons_linf);
  require_radii(plan.epsilons_l2);
}

void require_labels(const AttackSamples& samples, std::size_t classes) {
  if (samples.y.dtype() != DType::i64 || samples.y.shape() != Shape{samples.x.shape()[0]})
    throw DataError("samples to be attacked", "have no labels: one whole number (int64) for each sample",
                    "an attack wants to know what the right answer is");
  const auto labels = samples.y.as<std::int64_t>().flat();
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] < 0 || labels[i] >= static_cast<std::int64_t>(classes))
      throw DataError("samples to be attacked",
                      "label " + std::to_string(labels[i]) + " of sample " + std::to_string(i) + " is outside 0 … " +
                          std::to_string(classes - 1),
                      "the network has " + std::to_string(classes) + " classes");
}

template <class T>
void require_within(View<const T> x, const Bounds& bounds) {
  const auto numbers = x.flat();
  const T low = static_cast<T>(bounds.low), high = static_cast<T>(bounds.high);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (!(numbers[i] >= low && numbers[i] <= high))
      throw DataError("samples to be attacked",
                      "sample " + std::to_string(i / (x.size() / x.shape()[0])) + " holds " +
                          short_digits(static_cast<double>(numbers[i])) + ", which is outside the bounds " +
                          short_digits(bounds.low) + " … " + short_digits(bounds.high),
                      "give wider bounds");
}

template void require_within<float>(View<const float>, const Bounds&);
template void require_within<double>(View<const double>, const Bounds&);

void each_shard(std::size_t samples, std::size_t size, const std::string& phase, RunContext& context,
                const std::function<void(std::size_t, std::size_t, std::size_t)>& task) {
  const std::size_t shards = (samples + size - 1) / size;
  const std::size_t wave = 2 * static_cast<std::size_t>(context.pool().threads());
  for (std::size_t first = 0; first < shards; first += wave) {
    if (context.stop_requested()) throw Interrupted("stopped in " + phase);
    const std::size_t count = std::min(wave, shards - first);
    context.pool().run(count, [&](std::size_t i) {
      const std::size_t shard = first + i, begin = shard * size;
      task(shard, begin, std::min(size, samples - begin));
    });
    context.progress({phase,
                      static_cast<double>(std::min(samples, (first + count) * size)),
                      static_cast<double>(samples),
                      "samples",
                      {}});
  }
}

}  // namespace neurarium
