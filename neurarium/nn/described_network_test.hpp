// Networks described in TOML, for tests.
#pragma once

#include "neurarium/interchange/toml.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

inline std::unique_ptr<Model> described_network(const std::string& toml) {
  static const Registry house = builtin_registry();
  return house.make<Model>("model", component_from(parse_toml(toml, "test").at("model")), "model");
}

}  // namespace neurarium
