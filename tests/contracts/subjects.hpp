// What the suite runs: the example network of a folder, in every variant that its schema offers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "contracts.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium::contracts {

/// One setting of a part: its example with one choice or flag changed.
struct Variant {
  std::string name;  ///< "example", "activation=relu", …
  Component model;   ///< a model that holds the part
};

/// The example of `entry`, and one variant for every other choice of every field of choices and every flipped flag.
std::vector<Variant> variants_of(const Registry& registry, const Registry::Entry& entry);

/// The model of a variant, computing in `scalar`, with initial values from `seed`.
std::unique_ptr<Model> build(const Registry& registry, const Variant& variant, const char* scalar, std::uint64_t seed);

/// Samples and answers that fit `model`: x uniform in [0.05, 1), targets uniform in [0, 1); the same numbers in both types.
struct Samples {
  Array x, y;
};
Samples samples_for(const Model& model, std::size_t count, std::uint64_t seed);

/// A pass as in use ("evaluation"), and one as in training: some layers differ (dropout, batch_norm).
const std::vector<std::pair<std::string, Context>>& modes();
/// Whether a pass in training is another computation than one in evaluation: other gradients on some batch. False for
/// models that are not Trainable.
bool differs_in_training(const Registry& registry, const Variant& variant);

/// Parameters, then buffers, as copies.
NamedArrays copied_state(Model& model);
/// The same names, shapes and bits?
bool same_bits(const NamedArrays& a, const NamedArrays& b);

}  // namespace neurarium::contracts
