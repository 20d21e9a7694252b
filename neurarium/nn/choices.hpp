// What a part of a model chose by itself where its settings left that open, and what it chose: Model::choices() gathers it for run.json.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace neurarium {

/// "eventprop_lif1: engine" → "grid"
using Choices = std::vector<std::pair<std::string, std::string>>;

/// A layer that may choose. A pure function of its settings and sizes, known once it is built.
class Chooses {
 public:
  virtual ~Chooses() = default;
  virtual Choices choices() const = 0;
};

}  // namespace neurarium
