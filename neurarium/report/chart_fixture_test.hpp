// A chart for tests of pages and of what they are told.
#pragma once

#include <cmath>
#include <utility>

#include "neurarium/nn/result.hpp"

namespace neurarium {

/// √x at x = 0, 1, 2 …
inline Trace line(std::size_t points) {
  Trace trace;
  trace.name = "training";
  for (std::size_t k = 0; k < points; ++k) {
    trace.x.push_back(static_cast<double>(k));
    trace.y.push_back(std::sqrt(static_cast<double>(k)));
  }
  return trace;
}

inline Chart chart_of(Trace trace) {
  Chart chart;
  chart.name = "loss";
  chart.title = "Loss while training";
  chart.caption = "Falls, then rises.";
  chart.x_label = "step";
  chart.y_label = "loss";
  chart.traces.push_back(std::move(trace));
  return chart;
}

}  // namespace neurarium
