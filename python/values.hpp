// Python ↔ Value: None, bool, int, float, str, path, list, tuple, dict, NumPy scalars and arrays.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "neurarium/core/value.hpp"

namespace neurarium::python {

/// `source` is where messages say that the values come from, e.g. "nr.run()". Arrays are copied: what describes an experiment
/// must not change under it. TypeError for anything else; a whole number beyond 64 bits is an OverflowError.
Value to_value(const pybind11::handle& object, const std::string& source);

/// Arrays come out read-only, and share their numbers.
pybind11::object to_python(const Value& value);

}  // namespace neurarium::python
