#include "neurarium/core/spikes.hpp"

#include <algorithm>
#include <utility>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/pool.hpp"

namespace neurarium {

void StepSpikes::reset(std::size_t steps, std::size_t units) {
  if (units > most_units)
    throw ShapeError("spikes", "at most " + std::to_string(most_units) + " units", std::to_string(units));
  if (steps == 0 || units == 0)
    throw ShapeError("spikes", "at least one step and one unit",
                     std::to_string(steps) + " steps of " + std::to_string(units) + " units");
  steps_ = steps, units_ = units;
  first_.assign(1, 0);
  events_.clear();
}

void StepSpikes::reserve(std::size_t samples, std::size_t events) {
  first_.reserve(samples * steps_ + 1);
  events_.reserve(events);
}

void StepSpikes::add_step(std::span<const Unit> units) {
  const auto where = [&] {
    const std::size_t row = first_.size() - 1;
    return "spikes: sample " + std::to_string(row / steps_) + ", step " + std::to_string(row % steps_);
  };
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (units[i] >= units_)
      throw DataError(where(), "unit " + std::to_string(units[i]) + " fired, but there are " + std::to_string(units_),
                      "count units from 0");
    if (i > 0 && units[i] < units[i - 1])
      throw DataError(where(), "unit " + std::to_string(units[i]) + " stands behind " + std::to_string(units[i - 1]),
                      "sort the units of a step");
  }
  add_known_step(units.data(), units.size());
}

StepSpikes::Room StepSpikes::make_room(std::size_t steps, std::size_t most) {
  const std::size_t rows = first_.size();
  if (room_.size() < most) room_.resize(most);
  first_.resize(rows + steps);
  return {room_.data(), first_.data() + rows, events_.size()};
}

void StepSpikes::append(const StepSpikes& more) {
  if (more.steps_ != steps_ || more.units_ != units_)
    throw ShapeError("spikes", std::to_string(steps_) + " steps of " + std::to_string(units_) + " units",
                     std::to_string(more.steps_) + " steps of " + std::to_string(more.units_));
  const std::uint64_t before = events_.size();
  events_.insert(events_.end(), more.events_.begin(), more.events_.end());
  first_.reserve(first_.size() + more.first_.size());
  for (std::size_t i = 1; i < more.first_.size(); ++i) first_.push_back(before + more.first_[i]);
}

// Counting places, twice: how many fours of steps each unit has says where it stands, how many steps there are before it says where
// its own begin. Blocks of samples go to whatever threads there are.
SpikesByUnit StepSpikes::turned(const std::vector<bool>& wanted, WorkerPool& pool) const {
  constexpr std::size_t block = 64;
  SpikesByUnit out{StepSpikes(units_, steps_), std::vector<Unit>(samples() * units_)};
  out.steps.first_.resize(samples() * units_ + 1);
  std::vector<std::uint64_t> begin(samples() + 1);
  for (std::size_t i = 0; i < samples(); ++i) begin[i + 1] = begin[i] + (wanted[i] ? rows(i)[steps_] - rows(i)[0] : 0);
  out.steps.events_.resize(begin.back());
  pool.run((samples() + block - 1) / block, [&](std::size_t b) {
    std::vector<std::uint64_t> next(units_);  // how many steps a unit has, then where its next one goes
    std::vector<std::size_t> place;           // where the next unit with so many fours stands
    for (std::size_t i = b * block; i < std::min(samples(), (b + 1) * block); ++i) {
      const std::uint64_t* first = rows(i);
      const Unit* const units = events_.data() + first[0];
      std::ranges::fill(next, 0);
      for (std::uint64_t e = begin[i]; e < begin[i + 1]; ++e) ++next[units[e - begin[i]]];
      place.assign(*std::ranges::max_element(next) / 4 + 1, 0);
      for (const std::uint64_t count : next) ++place[count / 4];
      for (std::size_t before = 0; std::size_t & units_of_length : place)
        before += std::exchange(units_of_length, before);
      Unit* const unit_at = out.places.data() + i * units_;
      for (std::size_t j = 0; j < units_; ++j) unit_at[place[next[j] / 4]++] = static_cast<Unit>(j);
      std::uint64_t end = begin[i];
      for (std::size_t p = 0; p < units_; ++p) {
        end += std::exchange(next[unit_at[p]], end);
        out.steps.first_[i * units_ + p + 1] = end;
      }
      for (std::size_t t = 0; t < steps_ && wanted[i]; ++t)
        for (std::uint64_t e = first[t]; e < first[t + 1]; ++e)
          out.steps.events_[next[events_[e]]++] = static_cast<Unit>(t);
    }
  });
  return out;
}

SpikesByUnit SpikesView::turned_copy(WorkerPool& pool) const {
  std::vector<bool> wanted(all_->samples());
  for (std::size_t i = 0; i < count_; ++i) wanted[id(i)] = true;
  return all_->turned(wanted, pool);
}

StepSpikes SpikesView::copy() const {
  StepSpikes some(steps(), units());
  some.reserve(count_, events());
  for (std::size_t i = 0; i < count_; ++i)
    for (std::size_t t = 0; t < steps(); ++t) some.add_known_step(at(i, t).data(), at(i, t).size());
  return some;
}

std::size_t SpikesView::events() const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < count_; ++i) sum += rows(i)[steps()] - rows(i)[0];
  return sum;
}

}  // namespace neurarium
