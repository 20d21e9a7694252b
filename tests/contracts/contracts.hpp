// The contract suite walks a registry: whatever is registered passes the same checks, whoever wrote it.
// A project of its own compiles contracts_test.cpp beside these two definitions and gets the suite for its own parts.
#pragma once

#include <filesystem>

#include "neurarium/core/registry.hpp"

namespace neurarium::contracts {

/// The registry whose parts are checked.
Registry registry_under_test();

/// The folder with <type>.md and example.toml of a layer or model; empty for kinds that have no folder.
std::filesystem::path folder_of(const Registry::Entry& entry);

/// Which entries are checked: all of them in the house; only its own in another project.
bool is_checked(const Registry::Entry& entry);

}  // namespace neurarium::contracts
