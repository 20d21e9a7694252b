#include "neurarium/models/eventprop_lif/count_push.hpp"

#include <algorithm>

namespace neurarium {

Schema CountPushParams::fields() {
  using P = CountPushParams;
  return Schema::of<P>({
      field("strength", &P::strength, "Loss per second and spike too many; 0: no push.").at_least(0),
      field("target", &P::target, "Spikes per sample that a unit shall have.").at_least(0),
      field("of", &P::of, "Whose spikes are counted: a unit's mean over the batch, or those in each sample.")
          .one_of({"batch", "sample"}),
  });
}

template <class T>
void count_spikes(const SpikeTimes<T>& spikes, std::size_t first, std::size_t end, std::vector<double>& counts) {
  for (std::size_t i = first; i < end; ++i) {
    const auto times = spikes.times(i);
    const auto units = spikes.units_of(i);
    for (std::size_t k = 0; k < times.size() && static_cast<double>(times[k]) < spikes.duration(); ++k)
      ++counts[units[k]];
  }
}

template <class T>
void push_counts(const CountPushParams& params, const PushedSpikes<T>& layer, std::span<const double> mean_counts,
                 std::vector<T>& pushed) {
  pushed.assign(layer.above.begin(), layer.above.end());
  std::vector<double> own;
  for (std::size_t i = 0; i < layer.spikes.samples(); ++i) {
    if (mean_counts.empty()) own.assign(layer.threshold.size(), 0), count_spikes(layer.spikes, i, i + 1, own);
    const std::span<const double> counts = mean_counts.empty() ? std::span<const double>(own) : mean_counts;
    const auto units = layer.spikes.units_of(i);
    const auto times = layer.spikes.times(i);
    for (std::size_t k = 0; k < units.size() && static_cast<double>(times[k]) < layer.spikes.duration(); ++k) {
      const std::size_t e = layer.spikes.first(i) + k, j = units[k];
      const T divisor = std::max(layer.slope[e], layer.least * layer.threshold[j]);
      pushed[e] -= static_cast<T>(params.strength * (counts[j] - params.target)) * divisor;
    }
  }
}

template void count_spikes(const SpikeTimes<float>&, std::size_t, std::size_t, std::vector<double>&);
template void count_spikes(const SpikeTimes<double>&, std::size_t, std::size_t, std::vector<double>&);
template void push_counts(const CountPushParams&, const PushedSpikes<float>&, std::span<const double>,
                          std::vector<float>&);
template void push_counts(const CountPushParams&, const PushedSpikes<double>&, std::span<const double>,
                          std::vector<double>&);

}  // namespace neurarium
