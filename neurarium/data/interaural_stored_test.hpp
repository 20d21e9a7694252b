// The cases of validation/localisation/write_interaural.py.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "neurarium/data/interaural_phase.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {

struct StoredInterauralCase {
  InterauralPhaseParams params;
  std::map<std::string, Array> arrays;

  std::span<const double> numbers(const std::string& key) const { return arrays.at(key).as<double>().flat(); }
  StepSpikes spikes() const {
    const Array& dense = arrays.at("spikes");
    const auto steps = static_cast<std::size_t>(params.steps);
    StepSpikes made(steps, params.units());
    std::vector<StepSpikes::Unit> fired;
    const auto all = dense.as<std::uint8_t>().flat();
    for (std::size_t row = 0; row < all.size() / params.units(); ++row) {
      fired.clear();
      for (std::size_t unit = 0; unit < params.units(); ++unit)
        if (all[row * params.units() + unit]) fired.push_back(static_cast<StepSpikes::Unit>(unit));
      made.add_step(fired);
    }
    return made;
  }
};

inline std::map<std::string, StoredInterauralCase> stored_interaural_cases() {
  std::map<std::string, StoredInterauralCase> cases;
  for (auto& [key, array] : read_npz(std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/localisation/interaural.npz")) {
    const auto slash = key.find('/');
    cases[key.substr(0, slash)].arrays.emplace(key.substr(slash + 1), std::move(array));
  }
  for (auto& [name, one] : cases) {
    const auto p = one.numbers("params"), rates = one.numbers("rates");
    auto& to = one.params;
    to.steps = static_cast<std::int64_t>(p[0]), to.dt = p[1], to.fibres = static_cast<std::int64_t>(p[2]);
    to.classes = static_cast<std::int64_t>(p[3]), to.frequency = p[4], to.rate_max = p[5], to.sharpness = p[6];
    to.spontaneous_rate = p[7], to.refractory = p[8], to.phase_span = p[9];
    to.spontaneous_rates.assign(rates.begin(), rates.end());
  }
  return cases;
}

}  // namespace neurarium
