#include "neurarium/studies/gradient_duel/grid_latencies.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/digits.hpp"

namespace neurarium {

Schema GridLatencyParams::fields() {
  using P = GridLatencyParams;
  return Schema::of<P>({
      field("duration", &P::duration,
            "How long samples that are numbers are watched; spikes of files say it themselves.")
          .unit("s")
          .positive(),
      field("order", &P::order, "Which numbers come first.").one_of({"larger_first", "larger_later"}),
      field("latest", &P::latest, "When the last of the numbers comes; the first comes at 0.").unit("s").positive(),
      field("silent_below", &P::silent_below, "Numbers up to this one do not fire; below 0: all do.").at_most(1),
      field("bias_time", &P::bias_time, "When a unit fires that always does; below 0: there is none.").unit("s"),
  });
}

Split as_grid_latencies(const Split& split, double divisor, const GridLatencyParams& p, double dt) {
  const auto steps = static_cast<std::size_t>(std::llround(p.duration / dt));
  const auto step_of = [&](double time) { return static_cast<std::size_t>(std::llround(time / dt)); };
  for (const auto& [what, time] : {std::pair("latest", p.latest), std::pair("bias_time", std::max(0.0, p.bias_time))})
    if (step_of(time) >= steps)
      throw SpecError(std::string(what) + " = " + short_digits(time) +
                          " s lies behind the end of a sample, duration = " + short_digits(p.duration) + " s",
                      "set duration to some time constants more than that");
  const std::size_t features = split.entry_shape().elements(), units = features + (p.bias_time >= 0 ? 1 : 0);
  const Tensor<double> x = to_tensor<double>(split.x.view());
  auto spikes = std::make_shared<StepSpikes>(steps, units);
  std::vector<std::vector<StepSpikes::Unit>> of_step(steps);
  for (std::size_t i = 0; i < split.samples(); ++i) {
    for (auto& row : of_step) row.clear();
    for (std::size_t j = 0; j < features; ++j) {
      const double number = x.flat()[i * features + j] / divisor;
      if (!(number >= -1e-6 && number <= 1 + 1e-6))
        throw DataError("latencies on a grid",
                        "number " + std::to_string(j) + " of sample " + std::to_string(i) + " is " +
                            short_digits(number) + ", and no time belongs to it",
                        "give numbers from 0 to 1");
      if (number <= p.silent_below) continue;
      const double share = std::clamp(p.order == "larger_first" ? 1 - number : number, 0., 1.);
      of_step[step_of(p.latest * share)].push_back(static_cast<StepSpikes::Unit>(j));
    }
    if (p.bias_time >= 0) of_step[step_of(p.bias_time)].push_back(static_cast<StepSpikes::Unit>(features));
    for (const auto& row : of_step) spikes->add_step(row);
  }
  return {{}, split.y, std::move(spikes)};
}

}  // namespace neurarium
