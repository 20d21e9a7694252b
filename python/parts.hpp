// What module.cpp is put together from.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "neurarium/core/registry.hpp"
#include "neurarium/data/dataset.hpp"

namespace neurarium::python {

/// Everything in the house.
const Registry& registry();

/// `component` checked and with every default written, arrays read from their files; throws a SpecError with every fault.
Component completed(const std::string& kind, const Component& component, const std::string& source);

/// Arrays given as data, by name: what a .npz file of the user's holds, and checked like one.
Dataset dataset_of(const pybind11::dict& named);

void add_model(pybind11::module_& module);
void add_runs(pybind11::module_& module);
void add_sweep(pybind11::module_& module);
void add_trained_run(pybind11::module_& module);
void add_convert(pybind11::module_& module);

}  // namespace neurarium::python
