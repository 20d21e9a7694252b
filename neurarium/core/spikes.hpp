// Spikes on a grid of time: events in compressed rows, sample → step → unit. What is silent takes no room and no work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace neurarium {

class WorkerPool;
struct SpikesByUnit;

/// Spikes of n samples in `steps` steps of time by `units` units. A unit that stands twice in a step fired twice.
class StepSpikes {
 public:
  using Unit = std::uint16_t;
  static constexpr std::size_t most_units = 65536;

  StepSpikes() = default;
  /// ShapeError for more than 65,536 units.
  StepSpikes(std::size_t steps, std::size_t units) { reset(steps, units); }
  /// No samples, of these sizes; keeps the memory.
  void reset(std::size_t steps, std::size_t units);

  std::size_t samples() const noexcept { return steps_ == 0 ? 0 : (first_.size() - 1) / steps_; }
  std::size_t steps() const noexcept { return steps_; }
  std::size_t units() const noexcept { return units_; }
  std::size_t events() const noexcept { return events_.size(); }

  void reserve(std::size_t samples, std::size_t events);
  /// Appends the next step of the sample that is being written. DataError unless the units rise (or repeat) and exist.
  void add_step(std::span<const Unit> units);
  /// The same without a look at them: for kernels, which count on their own order.
  void add_known_step(const Unit* units, std::size_t count) {
    events_.insert(events_.end(), units, units + count);
    first_.push_back(events_.size());
  }
  /// Room for `steps` more steps with at most `most` events, for kernels that write them as units[i], and as ends[t] the place
  /// behind the last event of step t, where the first one's is `place`. keep() then takes what was written.
  struct Room {
    Unit* units;
    std::uint64_t* ends;
    std::uint64_t place;
  };
  Room make_room(std::size_t steps, std::size_t most);
  void keep() { events_.insert(events_.end(), room_.data(), room_.data() + (first_.back() - events_.size())); }
  void append(const StepSpikes& more);
  /// These spikes turned, for those who need all of a unit's steps together; only samples with wanted[sample] are there, the others
  /// are silent. At most 65,536 steps (ShapeError).
  SpikesByUnit turned(const std::vector<bool>& wanted, WorkerPool& pool) const;

  std::span<const Unit> at(std::size_t sample, std::size_t step) const {
    const std::uint64_t* row = first_.data() + sample * steps_ + step;
    return {events_.data() + row[0], row[1] - row[0]};
  }
  /// Of one sample: steps + 1 places in all(), where each of its steps begins and the last one ends.
  const std::uint64_t* rows(std::size_t sample) const { return first_.data() + sample * steps_; }
  const Unit* all() const noexcept { return events_.data(); }

  bool operator==(const StepSpikes& other) const {
    return steps_ == other.steps_ && units_ == other.units_ && first_ == other.first_ && events_ == other.events_;
  }

 private:
  std::size_t steps_ = 0, units_ = 0;
  std::vector<std::uint64_t> first_{0};
  std::vector<Unit> events_, room_;
};

/// Spikes by unit: sample → place → the steps in which the unit at that place fired, by rising step. Units stand in the order of how
/// many whole fours of steps they have: a loop over fours is then mostly as long as the one before it, and the processor foresees its end.
struct SpikesByUnit {
  StepSpikes steps;                      ///< its "steps" are places, its "units" steps
  std::vector<StepSpikes::Unit> places;  ///< [samples, places]: which unit stands there

  /// Of one sample: the steps of units[p] are steps[first[p]] … steps[first[p + 1] − 1], for p below `count`.
  struct Sample {
    const std::uint64_t* first;
    const StepSpikes::Unit *steps, *units;
    std::size_t count;
  };
  Sample sample(std::size_t i) const {
    return {steps.rows(i), steps.all(), places.data() + i * steps.steps(), steps.steps()};
  }
};

/// Some samples of such spikes, by number, for reading; those who own the spikes and the numbers must outlive it.
class SpikesView {
 public:
  SpikesView() = default;
  SpikesView(const StepSpikes& all) : all_(&all), count_(all.samples()) {}
  SpikesView(const StepSpikes& all, std::size_t first, std::size_t count) : all_(&all), first_(first), count_(count) {}
  SpikesView(const StepSpikes& all, std::span<const std::uint64_t> ids)
      : all_(&all), ids_(ids.data()), count_(ids.size()) {}

  explicit operator bool() const noexcept { return all_ != nullptr; }
  std::size_t samples() const noexcept { return count_; }
  std::size_t steps() const noexcept { return all_->steps(); }
  std::size_t units() const noexcept { return all_->units(); }
  std::span<const StepSpikes::Unit> at(std::size_t sample, std::size_t step) const {
    return all_->at(id(sample), step);
  }
  const std::uint64_t* rows(std::size_t sample) const { return all_->rows(id(sample)); }
  const StepSpikes::Unit* all() const noexcept { return all_->all(); }
  std::size_t events() const;
  /// Whether reading them by unit pays: a unit fires twice a sample or more, in the mean over all that these are of (whose places a
  /// turned copy keeps), and there are not more steps than a copy can tell apart.
  bool are_worth_turning() const {
    return steps() <= StepSpikes::most_units && events() >= 2 * units() * all_->samples();
  }
  /// What these are of, turned (StepSpikes::turned); of other samples it has nothing.
  SpikesByUnit turned_copy(WorkerPool& pool) const;
  /// Such a copy, for by_unit(); must outlive the view.
  void set_turned(const SpikesByUnit& turned) { turned_ = &turned; }
  bool are_turned() const noexcept { return turned_ != nullptr; }
  /// A sample by unit, of spikes that are turned.
  SpikesByUnit::Sample by_unit(std::size_t sample) const { return turned_->sample(id(sample)); }
  /// `count` of these samples, from `first` on.
  SpikesView part(std::size_t first, std::size_t count) const {
    SpikesView some = *this;
    some.ids_ = ids_ ? ids_ + first : nullptr, some.first_ += first, some.count_ = count;
    return some;
  }
  /// The samples `ids` of these; their numbers lie in `memory`, which must outlive the view.
  SpikesView chosen(std::span<const std::uint64_t> ids, std::vector<std::uint64_t>& memory) const {
    memory.clear();
    for (const std::uint64_t i : ids) memory.push_back(id(i));
    SpikesView some(*all_, memory);
    some.turned_ = turned_;
    return some;
  }
  StepSpikes copy() const;

 private:
  std::size_t id(std::size_t sample) const { return ids_ ? ids_[sample] : first_ + sample; }
  const StepSpikes* all_ = nullptr;
  const SpikesByUnit* turned_ = nullptr;
  const std::uint64_t* ids_ = nullptr;
  std::size_t first_ = 0, count_ = 0;
};

}  // namespace neurarium
