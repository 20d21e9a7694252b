// The table of figures: each beside its reference, with unit, meaning and source.
#pragma once

#include <string>
#include <vector>

#include "neurarium/nn/result.hpp"

namespace neurarium {

/// A <section> with the table, or nothing if there are no figures. Each row has the id figure-NAME.
std::string figures_table(const std::vector<Figure>& figures);

}  // namespace neurarium
