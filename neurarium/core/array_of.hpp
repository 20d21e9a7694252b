// A list of numbers as an array [n].
#pragma once

#include <algorithm>
#include <ranges>

#include "neurarium/core/array.hpp"

namespace neurarium {

template <std::ranges::contiguous_range Numbers>
Array array_of(const Numbers& numbers) {
  using T = std::ranges::range_value_t<Numbers>;
  Array array(dtype_of<T>(), {std::ranges::size(numbers)});
  std::ranges::copy(numbers, array.as<T>().data());
  return array;
}

}  // namespace neurarium
