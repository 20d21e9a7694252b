#include "neurarium/models/finite_gaussian/tempered.hpp"

#include "neurarium/models/finite_gaussian/network_layers.hpp"

namespace neurarium {

NetworkState tempered(const NetworkState& network, double temperature, const Registry& registry) {
  const NetworkLayers layers = layers_of(network, registry);
  const std::size_t last = layers.tables.size() - 1;
  const Value* activation = layers.tables[last].find("activation");
  const bool linear = !activation || (activation->is_text() && activation->as_text() == "identity");
  if ((layers.type(last) != "dense" && layers.type(last) != "finite_gaussian") || !linear)
    throw SpecError("a temperature scales W and b of the last layer, and " + layers.names[last] + " is " +
                        (linear ? "of type " + layers.type(last) : "not linear"),
                    "give a network that ends in a dense or finite_gaussian layer with activation = \"identity\"");
  NetworkState made = network;
  for (const char* name : {".weight", ".bias"})
    for (auto& [key, array] : made.arrays)
      if (key == layers.names[last] + name)
        with_floating(array.dtype(), [&]<class T>() {
          for (T& x : array.as<T>().flat()) x = static_cast<T>(static_cast<double>(x) / temperature);
        });
  return made;
}

}  // namespace neurarium
