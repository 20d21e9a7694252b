#include "neurarium/robustness/attacks.hpp"

namespace neurarium {

void register_attacks(Registry& registry) {
  register_fgsm(registry);
  register_pgd(registry);
<<<<<<< HEAD
  register_deepfool(registry);
  register_carlini_wagner(registry);
  register_hop_skip_jump(registry);
  register_additive_noise(registry);
  register_salt_and_pepper(registry);
  register_shuffled_pixels(registry);
=======
  register_apgd(registry);
<<<<<<< HEAD
>>>>>>> 2d35e06 (attack apgd: Auto-PGD, untargeted and towards classes, linf and l2; agrees with PyTorch within one sample in 200)
=======
  register_square(registry);
<<<<<<< HEAD
>>>>>>> 937a899 (attack square: random search by scores, linf and l2; within 3 points of a NumPy search with other draws)
=======
  register_max_confidence(registry);
>>>>>>> 5aec091 (attack max-confidence: the surest wrong answer, for networks that may refuse; agrees with PyTorch within one sample in 200)
}

}  // namespace neurarium
