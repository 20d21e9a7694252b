#include "cli/cli.hpp"
#include "neurarium/neurarium.hpp"

int main(int argc, char** argv) { return neurarium::cli_main(argc, argv, neurarium::builtin_registry()); }
