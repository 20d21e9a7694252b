// The whole command line of Neurarium, with a layer of our own: my-neurarium run net.toml, describe softsign_dense, …
#include <neurarium/cli.hpp>
#include <neurarium/neurarium.hpp>

#include "softsign_dense/softsign_dense.hpp"

int main(int argc, char** argv) {
  neurarium::Registry registry = neurarium::builtin_registry();
  register_softsign_dense(registry);
  return neurarium::cli_main(argc, argv, std::move(registry));
}
