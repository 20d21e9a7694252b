// The stored networks and images of validation/gaussian/attack_networks.py, and attacks on them, for tests.
#pragma once

#include <map>

#include "neurarium/interchange/npz.hpp"
#include "neurarium/interchange/toml.hpp"
#include "neurarium/neurarium.hpp"
#include "neurarium/robustness/laboratory.hpp"
#include "tests/contracts/test_context.hpp"

namespace neurarium::testing_attacks {

using Answers = std::map<std::string, Array>;

inline const Registry& registry() {
  static const Registry the_registry = builtin_registry();
  return the_registry;
}

inline std::string data_folder() { return std::string(NEURARIUM_SOURCE_DIR) + "/tests/data/gaussian/"; }

inline Answers read_answers(const std::string& file) {
  Answers answers;
  for (auto& [name, array] : read_npz(data_folder() + file)) answers[name] = std::move(array);
  return answers;
}

inline const Answers& stored() {
  static const Answers answers = read_answers("attack_networks.npz");
  return answers;
}

inline Value toml_of(const Array& bytes) {
  const auto text = bytes.as<std::uint8_t>().flat();
  return parse_toml(std::string(text.begin(), text.end()), "stored TOML");
}

/// "tanh" or "gaussian", in float32 or float64.
inline std::unique_ptr<Model> network(const std::string& name, DType scalar) {
  Value settings = toml_of(stored().at(name + "/layers")), loss = Value::table();
  loss.set("type", "cross_entropy");
  settings.set("loss", loss);
  settings.set("inputs", Value::List{196});
  settings.set("scalar", scalar == DType::f64 ? "float64" : "float32");
  std::unique_ptr<Model> model = registry().make<Model>("model", {"sequential", settings}, "model");
  for (const NamedView& item : model->parameters())
    with_floating(item.values.dtype(), [&]<class T>() {
      const Tensor<T> numbers = to_tensor<T>(stored().at(name + "/state/" + item.name));
      std::ranges::copy(numbers.flat(), item.values.as<T>().flat().begin());
    });
  return model;
}

/// The first n of the 200 images [14, 14], in [0, 1).
inline AttackSamples images(std::size_t n = 200) {
  const ArrayView rows = stored().at("images");
  return {{rows.dtype(), {n, 14, 14}, rows.data()}, ArrayView(stored().at("labels")).rows(0, n), 256, {}};
}

/// 'type = "pgd"\nsteps = 10'
inline Component attack_from(const std::string& toml) { return component_from(parse_toml(toml, "an attack")); }

inline LaboratoryResult attack(const Model& model, const AttackSamples& samples, const std::vector<Component>& attacks,
                               const std::vector<double>& epsilons, int threads = 1, std::size_t shard_size = 100,
                               std::uint64_t seed = 0) {
  contracts::TestContext context(registry(), threads, seed);
  LaboratoryPlan plan;
  plan.attacks = attacks, plan.epsilons_linf = plan.epsilons_l2 = epsilons, plan.shard_size = shard_size;
  return attack_network(model, samples, plan, context);
}

}  // namespace neurarium::testing_attacks
