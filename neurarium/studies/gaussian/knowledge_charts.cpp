#include "neurarium/studies/gaussian/knowledge_charts.hpp"

#include <algorithm>

namespace neurarium {

Trace confidence_histogram(const std::string& name, const std::vector<double>& confidence, std::size_t bins) {
  Trace trace;
  trace.name = name;
  const auto count = static_cast<double>(bins);
  std::vector<double> share(bins, 0.0);
  for (const double c : confidence)
    share[std::min(bins - 1, static_cast<std::size_t>(c * count))] += 100 / static_cast<double>(confidence.size());
  for (std::size_t b = 0; b < bins; ++b) {
    trace.x.push_back((static_cast<double>(b) + 0.5) / count);
    trace.y.push_back(share[b]);
  }
  return trace;
}

Trace reliability_line(const std::string& name, const Calibration& calibration, double whole) {
  Trace trace;
  trace.name = name;
  for (const Calibration::Bin& bin : calibration.bins) {
    if (bin.samples == 0) continue;
    trace.x.push_back(whole * bin.confidence);
    trace.y.push_back(whole * bin.accuracy);
  }
  return trace;
}

}  // namespace neurarium
