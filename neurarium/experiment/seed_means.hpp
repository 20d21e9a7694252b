// One experiment with several seeds: what its tables and sentences say on average. Numbers are found in the texts as people see them, so
// that every study's tables can be averaged without its knowing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "neurarium/nn/result.hpp"

namespace neurarium {

/// The same text with every number replaced by its mean ± sample standard deviation (divisor n − 1), with as many decimals as it has in
/// the texts and one at least: "95.1 % before" and "95.3 % before" as "95.2 ± 0.1 % before". A number that is the same in all stands as
/// it is. Nothing if the texts differ in more than numbers, or are means themselves ("95 ± 1").
std::optional<std::string> mean_of_texts(std::span<const std::string> texts);

/// The tables that all these reports have, row by row; cells that differ in more than numbers are counted: "yes: 2, no: 1". Tables whose
/// names, columns or first cells of rows differ are left out: their rows are about different things.
std::vector<Table> mean_tables(std::span<const Report> reports);

}  // namespace neurarium
