// What module.cpp is put together from.
#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <utility>
#include <vector>

#include "neurarium/core/registry.hpp"
#include "neurarium/data/dataset.hpp"
#include "neurarium/nn/network_state.hpp"

namespace neurarium::python {

/// Everything in the house.
const Registry& registry();

/// `component` checked and with every default written, arrays read from their files; throws a SpecError with every fault.
Component completed(const std::string& kind, const Component& component, const std::string& source);

/// What Model.to_bytes() gave: the network, and all that the file says besides its numbers.
struct SavedNetwork {
  NetworkState state;
  std::vector<std::pair<std::string, std::string>> metadata;
};
SavedNetwork saved_network(const pybind11::bytes& model);

/// Arrays given as data, by name: what a .npz file of the user's holds, and checked like one.
Dataset dataset_of(const pybind11::dict& named);

void add_model(pybind11::module_& module);
void add_saved_model(pybind11::module_& module);
void add_runs(pybind11::module_& module);
void add_sweep(pybind11::module_& module);
void add_trained_run(pybind11::module_& module);
void add_convert(pybind11::module_& module);
void add_attack(pybind11::module_& module);

}  // namespace neurarium::python
