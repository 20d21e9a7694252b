// Presets: named settings of a study, from studies/*/<study>.<preset>.toml, compiled into the library.
#pragma once

#include <string_view>
#include <vector>

namespace neurarium {

struct Preset {
  std::string_view study, name, toml;
};
const std::vector<Preset>& builtin_presets();

}  // namespace neurarium
