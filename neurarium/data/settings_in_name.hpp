// Data sets whose name tells their settings, as in a TOML table on one line: "interaural-phase:seed=3,steps=200".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/schema.hpp"

namespace neurarium {

/// The settings behind the colon of "KIND:SETTINGS". SpecError, with `example` as the mend, if the name is not of that
/// kind or what follows is no list of settings.
Value settings_in_name(const std::string& name, std::string_view kind, const std::string& example);

/// "KIND:key=value,…": the field `always` of `params`, and whatever is not as in `defaults`.
std::string name_with_settings(std::string_view kind, const Schema& schema, const void* params, const void* defaults,
                               std::string_view always);

/// The parameters that a name tells, all others as by default. SpecError as above, for unknown ones and such out of
/// range.
template <class Params>
Params params_in_name(const std::string& name, std::string_view kind, const std::string& example) {
  std::vector<Fault> faults;
  const Schema schema = Params::fields();
  Params params;
  const Value settings = schema.complete(settings_in_name(name, kind, example), {nullptr, &faults, "", {}});
  schema.read(settings, &params, {nullptr, &faults, "", {}});
  if (!faults.empty()) throw SpecError(std::move(faults));
  return params;
}

}  // namespace neurarium
