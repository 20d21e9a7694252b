// What module.cpp is put together from.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "neurarium/core/registry.hpp"

namespace neurarium::python {

/// Everything in the house.
const Registry& registry();

/// `component` checked and with every default written, arrays read from their files; throws a SpecError with every fault.
Component completed(const std::string& kind, const Component& component, const std::string& source);

void add_model(pybind11::module_& module);
void add_runs(pybind11::module_& module);

}  // namespace neurarium::python
