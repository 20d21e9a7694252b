// One figure of a sweep as a chart.
#pragma once

#include <optional>

#include "neurarium/experiment/sweep_result.hpp"
#include "neurarium/nn/result.hpp"

namespace neurarium {

/// A page has no room for more; sweep.csv has everything.
inline constexpr std::size_t most_sweep_charts = 12;

/// Mean against the first swept key whose values are numbers, with the band of the 95 % confidence interval where there are
/// repeats, and the single runs as points; each combination of the other keys' values is a line. Keys that are all words
/// give bars, and a sweep over seeds alone one point per seed. Nothing if no run has the figure.
std::optional<Chart> sweep_chart(const SweepResult& result, const SweepFigure& figure);

}  // namespace neurarium
