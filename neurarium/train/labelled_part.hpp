// Samples with labels of a data set, for studies that learn some of them and are tested on others.
#pragma once

#include <string>

#include "neurarium/data/dataset.hpp"

namespace neurarium {

/// The first `wanted` samples of `split`, all for 0. DataError if it has none, or no labels; `name` says which split it is.
Split labelled_part(const Dataset& data, const Split& split, std::int64_t wanted, const std::string& name);

/// One more than the largest label of both, at least 2.
std::size_t classes_of(const Split& training, const Split& test);

}  // namespace neurarium
