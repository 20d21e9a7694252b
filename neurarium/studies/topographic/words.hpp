// Words of captions and tables that only these studies need.
#pragma once

#include <string>

#include "neurarium/core/words.hpp"

namespace neurarium {

/// "< 0.001" below that, else three decimals.
inline std::string p_value(double p) { return p < 0.001 ? "< 0.001" : rounded(p, 3); }

}  // namespace neurarium
