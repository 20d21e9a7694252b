#include "neurarium/models/finite_gaussian/tempered.hpp"

#include "neurarium/models/finite_gaussian/network_layers.hpp"

namespace neurarium {

NetworkState tempered(const NetworkState& network, double temperature, const Registry& registry) {
  const NetworkLayers layers = layers_of(network, registry);
  const PlacedLayer& last = layers.last();
  const Value* activation = last.table.find("activation");
  const bool linear = !activation || (activation->is_text() && activation->as_text() == "identity");
  if ((last.type() != "dense" && last.type() != "finite_gaussian") || !linear)
    throw SpecError("a temperature scales W and b of the last layer, and " + last.name + " is " +
                        (linear ? "of type " + last.type() : "not linear"),
                    "give a network that ends in a dense or finite_gaussian layer with activation = \"identity\"");
  NetworkState made = network;
  for (const char* name : {".weight", ".bias"})
    for (auto& [key, array] : made.arrays)
      if (key == last.name + name)
        with_floating(array.dtype(), [&, &array = array]<class T>() {
          for (T& x : array.as<T>().flat()) x = static_cast<T>(static_cast<double>(x) / temperature);
        });
  return made;
}

}  // namespace neurarium
