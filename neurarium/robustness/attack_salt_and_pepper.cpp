// Salt and pepper: more and more pixels become the brightest or the darkest there is, until the network is fooled.
// With u uniform in [0, 1) for each pixel:   u < p/2 → low bound,   u ≥ 1 − p/2 → high bound,   else as it was.
// All channels of a pixel go together. p is searched as growing_search.hpp says, `steps` tries in all; the smallest
// change in the norm is kept.
// Source: SaltAndPepperNoiseAttack of Foolbox 3 (Rauber, Zimmermann, Bethge, Brendel, Journal of Open Source Software
// 5(53), 2020).
#include "neurarium/kernels/philox.hpp"
#include "neurarium/robustness/attacks.hpp"
#include "neurarium/robustness/growing_search.hpp"
#include "neurarium/robustness/pixels.hpp"

namespace neurarium {
namespace {

struct SaltAndPepperParams {
  std::string norm = "l2";
  std::int64_t steps = 1000;
  static Schema fields() {
    using P = SaltAndPepperParams;
    return Schema::of<P>({
        field("norm", &P::norm, "How changes are measured: linf or l2.").one_of({"linf", "l2"}),
        field("steps", &P::steps, "Tries for each sample.").at_least(1),
    });
  }
};

template <class T>
class SaltAndPepper : public Attack<T> {
 public:
  using Params = SaltAndPepperParams;
  explicit SaltAndPepper(const Params& params) : params_(params) {}
  Norm norm() const override { return norm_of(params_.norm); }
  Access access() const override { return Access::decisions; }
  bool draws() const override { return true; }
  bool seeks_smallest() const override { return true; }

  void run(Target<T>& target, const AttackTask<T>& task, View<T> changed) const override {
    const Stream stream(task.seed, "attack.salt-and-pepper");
    const Pixels pixels(task.entry);
    const T low = static_cast<T>(task.bounds.low), high = static_cast<T>(task.bounds.high);
    std::vector<std::uint32_t> words(pixels.count());
    search_least_share<T>(
        target, task, norm(), static_cast<std::size_t>(params_.steps),
        [&](std::size_t row, std::size_t step, double share, std::span<T> x) {
          kernels::philox_elements(
              stream, {0, static_cast<std::uint32_t>(task.ids[row]), static_cast<std::uint32_t>(step), 0}, words);
          const double pepper = share / 2 * 0x1p32, salt = (1 - share / 2) * 0x1p32;
          for (std::size_t j = 0; j < pixels.count(); ++j) {
            const double u = words[j];
            if (u >= pepper && u < salt) continue;
            for (std::size_t c = 0; c < pixels.channels; ++c) x[pixels.place(c, j)] = u < pepper ? low : high;
          }
        },
        changed);
  }

 private:
  Params params_;
};

}  // namespace

void register_salt_and_pepper(Registry& registry) {
  add_attack<SaltAndPepper>(registry, "salt-and-pepper",
                            "Pixels become the brightest or the darkest, ever more of them; the smallest change.");
}

}  // namespace neurarium
