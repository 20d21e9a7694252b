#include "neurarium/core/spikes.hpp"

#include <algorithm>
#include <utility>

#include "neurarium/core/errors.hpp"

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

// Counting places: how often each unit fires says where its steps begin.
StepSpikes StepSpikes::turned(const std::vector<bool>& wanted) const {
  StepSpikes out(units_, steps_);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < samples(); ++i)
    if (wanted[i]) total += rows(i)[steps_] - rows(i)[0];
  out.reserve(samples(), total);
  std::vector<std::uint32_t> next(units_);
  std::vector<Unit> steps_of_units;
  for (std::size_t i = 0; i < samples(); ++i) {
    const std::uint64_t* first = rows(i);
    const Unit* const units = events_.data() + first[0];
    const std::size_t count = wanted[i] ? first[steps_] - first[0] : 0;
    std::ranges::fill(next, 0);
    for (std::size_t e = 0; e < count; ++e) ++next[units[e]];
    std::uint32_t place = 0;
    for (std::uint32_t& from : next) {
      place += std::exchange(from, place);
      out.first_.push_back(out.events_.size() + place);
    }
    steps_of_units.resize(count);
    for (std::size_t t = 0; t < steps_ && wanted[i]; ++t)
      for (std::uint64_t e = first[t]; e < first[t + 1]; ++e) steps_of_units[next[events_[e]]++] = static_cast<Unit>(t);
    out.events_.insert(out.events_.end(), steps_of_units.begin(), steps_of_units.end());
  }
  return out;
}

StepSpikes SpikesView::turned_copy() const {
  std::vector<bool> wanted(all_->samples());
  for (std::size_t i = 0; i < count_; ++i) wanted[id(i)] = true;
  return all_->turned(wanted);
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
