// The weights of several networks side by side, all on one scale.
#pragma once

#include <span>
#include <string>

#include "neurarium/nn/result.hpp"
#include "neurarium/studies/localisation/localisation_runs.hpp"

namespace neurarium {

/// Called "weights". `titles` stand above the networks; `kind` says what each is the first network of: "share of inhibitory units".
Picture weights_beside(std::span<const LocalisationOutcome* const> networks, std::span<const std::string> titles,
                       const std::string& kind);

}  // namespace neurarium
