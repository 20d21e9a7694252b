// The attacks by name, for the registry; each in a file of its own, attack_<name>.cpp.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/attack.hpp"

namespace neurarium {

void register_fgsm(Registry& registry);
void register_pgd(Registry& registry);
void register_deepfool(Registry& registry);
void register_carlini_wagner(Registry& registry);
void register_hop_skip_jump(Registry& registry);
void register_additive_noise(Registry& registry);
void register_salt_and_pepper(Registry& registry);
void register_shuffled_pixels(Registry& registry);
void register_apgd(Registry& registry);
void register_square(Registry& registry);
void register_max_confidence(Registry& registry);

/// SpecError if an attack is to start several times from the same place.
inline void require_different_starts(const std::string& attack, std::int64_t restarts, bool random_start) {
  if (restarts > 1 && !random_start)
    throw SpecError(attack + ": every one of the " + std::to_string(restarts) + " restarts would be the same",
                    "set random_start = true, or leave restarts out");
}

/// Adds A<float> and A<double>, made from A's Params.
template <template <class> class A>
void add_attack(Registry& registry, const char* type, const char* doc) {
  using Params = typename A<float>::Params;
  registry.add<Params>("attack", type, doc)
      .template makes<Attack<float>>([](const Params& p) { return std::make_unique<A<float>>(p); })
      .template makes<Attack<double>>([](const Params& p) { return std::make_unique<A<double>>(p); });
}

}  // namespace neurarium
