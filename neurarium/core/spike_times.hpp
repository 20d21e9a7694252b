// Spikes without a grid of time: events in compressed rows, sample → time → unit. What is silent takes no room and no work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace neurarium {

/// Spikes of n samples by `units` units, each at a time in seconds after the beginning of its sample. Samples are watched for
/// `duration` seconds. Within a sample times rise; spikes of one time stand in the order of their units.
template <class T>
class SpikeTimes {
 public:
  using Unit = std::uint16_t;
  static constexpr std::size_t most_units = 65536;

  SpikeTimes() = default;
  SpikeTimes(std::size_t units, double duration) { reset(units, duration); }
  /// No samples, of these sizes; keeps the memory. ShapeError for more than 65,536 units.
  void reset(std::size_t units, double duration);

  std::size_t samples() const noexcept { return first_.size() - 1; }
  std::size_t units() const noexcept { return units_; }
  std::size_t events() const noexcept { return times_.size(); }
  double duration() const noexcept { return duration_; }

  /// Appends a spike to the sample that is being written, in any order.
  void add(T time, Unit unit) { times_.push_back(time), unit_.push_back(unit); }
  /// Ends the sample that is being written; sorts its spikes by time and unit unless they are.
  void end_sample();

  std::span<const T> times(std::size_t sample) const { return {times_.data() + first_[sample], count(sample)}; }
  std::span<const Unit> units_of(std::size_t sample) const { return {unit_.data() + first_[sample], count(sample)}; }
  /// Where the sample's events begin among all; for sample = samples(): how many there are.
  std::size_t first(std::size_t sample) const { return first_[sample]; }
  std::size_t count(std::size_t sample) const { return first_[sample + 1] - first_[sample]; }
  const std::vector<T>& all_times() const noexcept { return times_; }

 private:
  std::size_t units_ = 0;
  double duration_ = 0;
  std::vector<std::size_t> first_{0};
  std::vector<T> times_;
  std::vector<Unit> unit_;
};

}  // namespace neurarium
