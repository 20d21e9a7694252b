#include "neurarium/robustness/attacks.hpp"

namespace neurarium {

void register_attacks(Registry& registry) {
  register_fgsm(registry);
  register_pgd(registry);
  register_deepfool(registry);
  register_carlini_wagner(registry);
  register_hop_skip_jump(registry);
  register_additive_noise(registry);
  register_salt_and_pepper(registry);
  register_shuffled_pixels(registry);
  register_apgd(registry);
  register_square(registry);
  register_max_confidence(registry);
}

}  // namespace neurarium
