// What validation/eventprop/write_anatomy.py has written, by name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "neurarium/core/errors.hpp"
#include "neurarium/interchange/npz.hpp"
#include "neurarium/studies/eventprop/exact_adjoint.hpp"

namespace neurarium::anatomy {

class StoredAnatomy {
 public:
  StoredAnatomy() {
    for (auto& [key, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/eventprop/anatomy.npz"))
      arrays_.emplace(key, std::move(array));
  }
  const Array& array(const std::string& name) const {
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) throw InternalError("no stored " + name);
    return found->second;
  }
  std::vector<double> numbers(const std::string& name) const {
    const auto flat = array(name).as<double>().flat();
    return {flat.begin(), flat.end()};
  }
  /// "exact/NAME"
  ExactCell exact_cell(const std::string& name) const {
    const std::vector<double> s = numbers("exact/" + name);
    return {{s[0], s[1]}, s[2], {static_cast<std::size_t>(s[4]), s[5] == 1}, s[3], numbers("exact/" + name + "/spikes"),
            false};
  }

 private:
  std::map<std::string, Array> arrays_;
};

inline const std::vector<std::string> exact_names = {"notebook", "negative", "wrong",       "late",
                                                     "strong",   "equal",    "slow-synapse"};

}  // namespace neurarium::anatomy
