// A layer of eventprop_lif alone, for the tests of this folder.
#pragma once

#include "neurarium/models/eventprop_lif/eventprop_lif.hpp"
#include "neurarium/neurarium.hpp"

namespace neurarium::lone_layer {

inline const Registry& registry() {
  static const Registry builtin = builtin_registry();
  return builtin;
}

template <class T>
std::unique_ptr<EventPropLif<T>> layer_of(const EventPropLifParams& params, std::size_t inputs,
                                          std::uint64_t seed = 1) {
  auto layer = std::make_unique<EventPropLif<T>>(
      params, typename EventPropLif<T>::Parts{
                  registry().make<Initialiser>("initialiser", params.initialiser, "initialiser"),
                  registry().make<Initialiser>("initialiser", params.recurrent_initialiser, "initialiser")});
  layer->build(Shape{inputs}, "layer", seed);
  return layer;
}

inline ArraySource given(const Array& array) {
  ArraySource source;
  source.array = std::make_shared<Array>(array);
  return source;
}

}  // namespace neurarium::lone_layer
