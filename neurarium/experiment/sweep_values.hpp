// The values of a sweep as words of a command line.
//
//   model.radius=0,1,2                a list; commas inside brackets, braces or quotes do not separate
//   train.decay=range(0,1,0.1)        0, 0.1, 0.2 … 1: start, stop (included if it is met), step; computed in decimals,
//                                     so that 0.3 is 0.3. Whole numbers stay whole
//   learning_rate=logspace(-4,-1,4)   10^a … 10^b in n steps of the same ratio: 1e-4, 1e-3, 0.01, 0.1
//   model.units=8,range(16,64,16)     any mixture
//   size=[8,4],[16,8]                 a value may itself be a list
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "neurarium/core/value.hpp"

namespace neurarium {

/// One swept setting: its dotted key and the values it takes, in order.
struct SweepAxis {
  std::string key;
  std::vector<Value> values;
};

/// A command line taken apart.
struct SweptWords {
  std::vector<SweepAxis> axes;       ///< words with several values, or with range() or logspace()
  std::vector<std::string> others;   ///< all other words, as they were
  std::vector<std::size_t> numbers;  ///< of the others: their places among the words, counted from 1, or as given
};

/// Takes the swept words out of `words`. Throws one SpecError with all faults; places as in parse_overrides().
SweptWords swept_words(const std::vector<std::string>& words, std::span<const std::size_t> numbers = {});

/// The values written in `text` (what stands behind "key="), each at `where`. Throws a SpecError.
std::vector<Value> sweep_values(const std::string& text, const Location& where, const std::string& key = {});

}  // namespace neurarium
