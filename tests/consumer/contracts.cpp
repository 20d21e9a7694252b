// The contract suite for the consumer's own layer.
#include <contracts.hpp>
#include <neurarium/neurarium.hpp>

#include "softsign_dense/softsign_dense.hpp"

namespace neurarium::contracts {

Registry registry_under_test() {
  Registry registry = builtin_registry();
  register_softsign_dense(registry);
  return registry;
}

std::filesystem::path folder_of(const Registry::Entry& entry) {
  return std::filesystem::path(CONSUMER_SOURCE_DIR) / entry.type;
}

bool is_checked(const Registry::Entry& entry) { return entry.type == "softsign_dense"; }

}  // namespace neurarium::contracts
