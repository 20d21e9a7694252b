// A network as a value: what it is made of, and its numbers. It may be changed by rule (a conversion), hashed, kept in a file, and made
// into a model again.
//
//   const TrainedNetwork network = context.network("runs/train-network-0123abcd");      // nn/study.hpp
//   const auto model = network_with<Differentiable>(network.state, context.registry(), "an attack");
//   const Dataset data = context.dataset(network.dataset);                              // what it was trained on
#pragma once

#include <memory>
#include <string>

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

/// A network: what it is made of, without its numbers, and its parameters and buffers by name.
struct NetworkState {
  Component description;
  NamedArrays arrays;
};

/// A network and the data that it learned.
struct TrainedNetwork {
  NetworkState state;
  std::string dataset;      ///< its name, for RunContext::dataset
  std::string data_sha256;  ///< of these data's content (Dataset::sha256)
  std::uint64_t seed =
      0;  ///< of the run that trained it: which samples training holds out follows from it (train/hold_out.hpp)
};

/// The state of `model`, which `description` describes: its inputs must be told there.
NetworkState state_of_network(const Component& description, Model& model);

/// A model with the numbers of `state` in it; its inputs must be told in the description. DataError naming `source` if a number is
/// missing or belongs to no layer; ShapeError for an array of another shape.
std::unique_ptr<Model> network_with(const NetworkState& state, const Registry& registry,
                                    const std::string& source = "network");
/// The same as Interface (Trainable, Differentiable, …); SpecError if it is none.
template <class Interface>
std::unique_ptr<Interface> network_with(const NetworkState& state, const Registry& registry,
                                        const std::string& needed_for, const std::string& source = "network") {
  std::unique_ptr<Model> model = network_with(state, registry, source);
  std::unique_ptr<Interface> wanted = model_as<Interface>(std::move(model));
  if (!wanted) throw SpecError("a network of type '" + state.description.type + "' can't be used for " + needed_for);
  return wanted;
}

/// A copy without arrays (initial weights): for descriptions of networks whose numbers lie elsewhere.
Value without_arrays(const Value& settings);
/// A copy with every default written, and with given numbers that are no parameters as lists: means the same later. SpecError for unknown parts.
Component completed(const Component& description, const Registry& registry, const std::string& kind = "model");

/// SHA-256 of what the network is: its description without seed and initial arrays, and every array's name, type, shape and bytes, in any
/// order. Two networks of the same hash answer alike.
std::string content_hash(const NetworkState& state);

/// A line for each array (name, type, shape, SHA-256 of its bytes), in the order of the names.
std::string content_lines(const NamedArrays& arrays);

}  // namespace neurarium
