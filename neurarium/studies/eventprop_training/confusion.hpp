// What a network takes for what.
#pragma once

#include <string>

#include "neurarium/core/array.hpp"
#include "neurarium/nn/result.hpp"

namespace neurarium {

/// Share of each class (row), in per cent, that is taken for each class (column): scores [n, classes], labels [n]. `who` begins the
/// caption: "The first network on the test samples".
Chart confusion_chart(ArrayView scores, ArrayView labels, std::size_t classes, const std::string& who);

}  // namespace neurarium
