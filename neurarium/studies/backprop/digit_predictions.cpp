// The network's answers to a whole split.
#include <algorithm>

#include "neurarium/studies/backprop/digit_findings.hpp"

namespace neurarium {

Tensor<double> predict(const Model& model, const Split& split, double divisor, RunContext& context) {
  constexpr std::size_t at_once = evaluation_shard_size;
  const std::size_t samples = split.samples(), count = (samples + at_once - 1) / at_once;
  std::vector<Tensor<double>> parts(count);
  context.pool().run(count, [&](std::size_t i) {
    const std::size_t first = i * at_once, size = std::min(at_once, samples - first);
    const Array x = scaled(split.x.view().rows(first, size), divisor, model.scalar());
    parts[i] = to_tensor<double>(model.outputs(x, {Mode::eval, context.seed(), 0, 0, {}}).front().second.view());
  });
  if (count == 0) return {};
  Tensor<double> scores(Shape{samples, parts.front().size() / parts.front().shape()[0]});
  auto to = scores.flat().begin();
  for (const Tensor<double>& part : parts) to = std::ranges::copy(part.flat(), to).out;
  return scores;
}

}  // namespace neurarium
