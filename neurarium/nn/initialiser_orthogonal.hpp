// The orthogonal initialiser's matrix (see initialiser.hpp), apart because Eigen compiles slowly.
#pragma once

#include "neurarium/core/rng.hpp"

namespace neurarium {

/// gain · Q [rows, columns], row by row.
void fill_orthogonal(const Stream& stream, double gain, std::size_t rows, std::size_t columns, std::span<double> out);

}  // namespace neurarium
