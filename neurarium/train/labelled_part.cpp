#include "neurarium/train/labelled_part.hpp"

#include <algorithm>

#include "neurarium/core/errors.hpp"

namespace neurarium {

Split labelled_part(const Dataset& data, const Split& split, std::int64_t wanted, const std::string& name) {
  if (split.samples() == 0)
    throw DataError(data.name, "has no " + name + " samples", "this study tests networks on samples they never saw");
  if (!split.has_labels())
    throw DataError(data.name, "has no labels: whole numbers 0, 1, 2 …, one for each sample", "give data with labels");
  const std::size_t count = wanted == 0 ? split.samples() : std::min(static_cast<std::size_t>(wanted), split.samples());
  Array y(split.y.view().rows(0, count));
  if (split.spikes) return {{}, std::move(y), std::make_shared<StepSpikes>(SpikesView(*split.spikes, 0, count).copy())};
  return {Array(split.x.view().rows(0, count)), std::move(y)};
}

std::size_t classes_of(const Split& training, const Split& test) {
  std::int64_t most = 1;
  for (const Split* split : {&training, &test})
    for (const std::int64_t label : split->y.as<std::int64_t>().flat()) most = std::max(most, label);
  return static_cast<std::size_t>(most) + 1;
}

}  // namespace neurarium
