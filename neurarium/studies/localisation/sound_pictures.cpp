#include "neurarium/studies/localisation/sound_pictures.hpp"

#include <algorithm>
#include <numbers>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/rng.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/localisation/weight_pictures.hpp"

namespace neurarium {

StepSpikes sound_of(const InterauralPhaseParams& task, double ipd, double phase, std::uint64_t seed,
                    std::uint32_t number) {
  const Tensor<double> p = InterauralProbabilities(task).of(ipd, phase);
  StepSpikes spikes(p.shape()[0], p.shape()[1]);
  for (std::uint32_t t = 0; t < p.shape()[0]; ++t) {
    std::vector<StepSpikes::Unit> fired;
    for (std::uint32_t j = 0; j < p.shape()[1]; ++j)
      if (uniform(Stream(seed, "example"), {0, number, t, j}) < p(t, j))
        fired.push_back(static_cast<StepSpikes::Unit>(j));
    spikes.add_step(fired);
  }
  return spikes;
}

Array raster_of(const SpikesView& spikes, std::size_t step_width, std::size_t unit_height, bool two_ears) {
  Array image = blank_image(spikes.units() * unit_height, spikes.steps() * step_width, Colour{250, 250, 250});
  for (std::size_t t = 0; t < spikes.steps(); ++t)
    for (const StepSpikes::Unit unit : spikes.at(0, t))
      fill_rectangle(image, t * step_width, unit * unit_height, step_width - 1,
                     std::max<std::size_t>(1, unit_height - (unit_height > 2)),
                     two_ears && unit >= spikes.units() / 2 ? right_ear : ink);
  return image;
}

std::string in_degrees(double radians) { return short_digits(radians * 180 / std::numbers::pi, 3) + " deg"; }

}  // namespace neurarium
