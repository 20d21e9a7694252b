#include "neurarium/data/event_arrays.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

class Reader {
 public:
  Reader(const EventArrays& events, const std::string& source) : events_(events), source_(source) {
    require_list(events.t, "t");
    require_list(events.i, "i");
    require_list(events.offsets, "offsets");
    if (is_floating(events.i.dtype())) fail("i holds floating-point numbers", "units are whole numbers 0, 1, 2 …");
    if (is_floating(events.offsets.dtype()))
      fail("offsets holds floating-point numbers", "they are whole numbers: where each sample's events begin");
    if (events.t.size() != events.i.size())
      fail("t has " + std::to_string(events.t.size()) + " events, i has " + std::to_string(events.i.size()),
           "they must be equally many");
    if (is_floating(events.t.dtype()) && !(events.dt > 0))
      fail("t holds floating-point numbers, which are seconds, and there is no dt",
           "save dt, the seconds of a step; or whole numbers, which are steps");
    if (!is_floating(events.t.dtype()) && events.dt > 0)
      fail("t holds whole numbers, which are steps, and dt is there, too",
           "leave dt out, or save floating-point numbers: seconds");
  }

  StepSpikes spikes() {
    const std::vector<std::size_t> offsets = checked_offsets();
    StepSpikes out(events_.steps, events_.units);
    out.reserve(offsets.size() - 1, events_.t.size());
    with_dtype(events_.t.dtype(), [&]<class Time>() {
      with_dtype(events_.i.dtype(), [&]<class Unit>() {
        const auto t = events_.t.as<Time>().flat();
        const auto i = events_.i.as<Unit>().flat();
        for (std::size_t sample = 0; sample + 1 < offsets.size(); ++sample)
          add_sample(t, i, sample, offsets[sample], offsets[sample + 1], out);
      });
    });
    return out;
  }

 private:
  std::string name(const std::string& array) const { return array + events_.suffix; }
  [[noreturn]] void fail(const std::string& what, const std::string& mend) const {
    throw DataError(source_, events_.suffix.empty() ? what : "of the arrays " + name("…") + ": " + what, mend);
  }
  [[noreturn]] void fail_at(const char* array, std::size_t event, std::size_t sample, const std::string& what,
                            const std::string& mend) const {
    throw DataError(
        source_, name(array) + "[" + std::to_string(event) + "], of sample " + std::to_string(sample) + ", is " + what,
        mend);
  }
  void require_list(ArrayView array, const char* what) const {
    if (array.shape().axes() != 1)
      fail(std::string(what) + " has shape " + to_string(array.shape()) + ", expected a list [n]", "reshape it");
  }

  std::vector<std::size_t> checked_offsets() const {
    std::vector<std::size_t> offsets;
    if (events_.offsets.size() < 2)
      fail("there are no samples: offsets has " + std::string(events_.offsets.size() == 0 ? "no" : "a single") +
               " entry, expected one for each sample and one more",
           "save [0, …, number of events]");
    const std::size_t all = events_.t.size();
    with_dtype(events_.offsets.dtype(), [&]<class Number>() {
      for (const Number given : events_.offsets.as<Number>().flat()) {
        const std::size_t k = offsets.size();
        const auto at = "offsets[" + std::to_string(k) + "] is " + std::to_string(given);
        if (given < Number{0} || static_cast<std::uint64_t>(given) > all)
          fail(at + ", outside 0 … " + std::to_string(all) + ", the number of events", "");
        const auto offset = static_cast<std::size_t>(given);
        if (k == 0 && offset != 0) fail(at + ", expected 0", "the first sample's events begin at 0");
        if (k > 0 && offset < offsets.back())
          fail(at + ", and the one before " + std::to_string(offsets.back()), "offsets must not fall");
        offsets.push_back(offset);
      }
    });
    if (offsets.back() != all)
      fail("offsets ends at " + std::to_string(offsets.back()) + ", and there are " + std::to_string(all) + " events",
           "the last entry is the number of events");
    return offsets;
  }

  template <class Time>
  std::size_t step_of(Time t, std::size_t event, std::size_t sample) const {
    if constexpr (std::is_floating_point_v<Time>) {
      const double seconds = static_cast<double>(t);
      if (!std::isfinite(seconds)) fail_at("t", event, sample, "not a finite number", "remove it");
      const double step = std::floor(seconds / events_.dt + 1e-9);
      if (step < 0 || step >= static_cast<double>(events_.steps))
        fail_at("t", event, sample,
                short_digits(seconds) + " s, outside 0 … " +
                    short_digits(static_cast<double>(events_.steps) * events_.dt) + " s (n_steps · dt)",
                "give a larger n_steps, or leave the event out");
      return static_cast<std::size_t>(step);
    } else {
      if (t < Time{0} || static_cast<std::uint64_t>(t) >= events_.steps)
        fail_at("t", event, sample, std::to_string(t) + ", outside the steps 0 … " + std::to_string(events_.steps - 1),
                "steps count from 0; give a larger n_steps, or leave the event out");
      return static_cast<std::size_t>(t);
    }
  }

  template <class Time, class Unit>
  void add_sample(std::span<const Time> t, std::span<const Unit> i, std::size_t sample, std::size_t first,
                  std::size_t end, StepSpikes& out) {
    std::size_t event = first;
    for (std::size_t step = 0; step < events_.steps; ++step) {
      row_.clear();
      for (; event < end; ++event) {
        const std::size_t at = step_of(t[event], event, sample);
        if (at > step) break;
        if (event > first && t[event] < t[event - 1])
          fail_at("t", event, sample,
                  "earlier than the event before it: " + short_digits(static_cast<double>(t[event])) + " after " +
                      short_digits(static_cast<double>(t[event - 1])),
                  "sort the events of each sample by time");
        if (i[event] < Unit{0} || static_cast<std::uint64_t>(i[event]) >= events_.units)
          fail_at("i", event, sample,
                  std::to_string(i[event]) + ", outside the units 0 … " + std::to_string(events_.units - 1),
                  "units count from 0; give a larger n_units, or leave the event out");
        row_.push_back(static_cast<StepSpikes::Unit>(i[event]));
      }
      std::ranges::sort(row_);
      out.add_known_step(row_.data(), row_.size());
    }
  }

  const EventArrays& events_;
  const std::string& source_;
  std::vector<StepSpikes::Unit> row_;
};

}  // namespace

StepSpikes spikes_of(const EventArrays& events, const std::string& source) {
  try {
    return Reader(events, source).spikes();
  } catch (const ShapeError& error) {
    throw DataError(source, error.what());
  }
}

NamedArrays event_arrays(const StepSpikes& spikes, const std::string& suffix) {
  Array t(DType::i64, {spikes.events()}), i(DType::u16, {spikes.events()}), offsets(DType::i64, {spikes.samples() + 1});
  std::copy_n(spikes.all(), spikes.events(), i.as<StepSpikes::Unit>().data());
  std::int64_t* time = t.as<std::int64_t>().data();
  std::int64_t* offset = offsets.as<std::int64_t>().data();
  for (std::size_t sample = 0; sample < spikes.samples(); ++sample) {
    *offset = static_cast<std::int64_t>(spikes.rows(sample)[0]);
    ++offset;
    for (std::size_t step = 0; step < spikes.steps(); ++step)
      time = std::fill_n(time, spikes.at(sample, step).size(), static_cast<std::int64_t>(step));
  }
  *offset = static_cast<std::int64_t>(spikes.events());
  NamedArrays named;
  named.emplace_back("t" + suffix, std::move(t));
  named.emplace_back("i" + suffix, std::move(i));
  named.emplace_back("offsets" + suffix, std::move(offsets));
  return named;
}

}  // namespace neurarium
