#include "neurarium/robustness/answers.hpp"

#include <algorithm>

namespace neurarium {
namespace {

constexpr std::size_t shard_size = 64;

}  // namespace

Answers answers_to(const Model& model, const SampleSource& samples, WorkerPool& pool) {
  if (samples.samples == 0) throw DataError(samples.name, "has no samples");
  const std::size_t shards = (samples.samples + shard_size - 1) / shard_size;
  std::vector<Array> logits(shards), support(shards);
  pool.run(shards, [&](std::size_t i) {
    const std::size_t first = i * shard_size, count = std::min(shard_size, samples.samples - first);
    NamedArrays said = model.outputs(converted(samples.rows(first, count), model.scalar()), {});
    logits[i] = std::move(said.front().second);
    for (auto& [name, numbers] : said)
      if (name == "support") support[i] = std::move(numbers);
  });
  Answers answers;
  answers.logits = to_tensor<double>(joined_rows(logits));
  if (answers.logits.shape().axes() != 2)
    throw ShapeError("what the network says", "[samples, classes]", to_string(answers.logits.shape()));
  if (!support.front().empty()) {
    const Tensor<double> all = to_tensor<double>(joined_rows(support));
    answers.support.assign(all.flat().begin(), all.flat().end());
  }
  return answers;
}

}  // namespace neurarium
