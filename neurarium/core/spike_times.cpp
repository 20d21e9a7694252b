#include "neurarium/core/spike_times.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "neurarium/core/errors.hpp"

namespace neurarium {

template <class T>
void SpikeTimes<T>::reset(std::size_t units, double duration) {
  if (units > most_units)
    throw ShapeError("spike times", "at most " + std::to_string(most_units) + " units", std::to_string(units));
  units_ = units, duration_ = duration;
  first_.assign(1, 0), times_.clear(), unit_.clear();
}

template <class T>
void SpikeTimes<T>::end_sample() {
  const std::size_t begin = first_.back(), end = times_.size();
  const auto before = [&](std::size_t a, std::size_t b) {
    return times_[a] < times_[b] || (times_[a] == times_[b] && unit_[a] < unit_[b]);
  };
  bool sorted = true;
  for (std::size_t k = begin + 1; k < end && sorted; ++k) sorted = !before(k, k - 1);
  if (!sorted) {
    std::vector<std::pair<T, Unit>> spikes;
    for (std::size_t k = begin; k < end; ++k) spikes.emplace_back(times_[k], unit_[k]);
    std::ranges::sort(spikes);
    for (std::size_t k = begin; k < end; ++k) std::tie(times_[k], unit_[k]) = spikes[k - begin];
  }
  first_.push_back(end);
}

template class SpikeTimes<float>;
template class SpikeTimes<double>;

}  // namespace neurarium
