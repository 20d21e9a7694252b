#include "neurarium/robustness/attacks.hpp"

namespace neurarium {

void register_attacks(Registry& registry) {
  register_fgsm(registry);
  register_pgd(registry);
  register_deepfool(registry);
  register_carlini_wagner(registry);
  register_hop_skip_jump(registry);
}

}  // namespace neurarium
