// Shuffled pixels: a growing share of a sample's pixels change places, until the network is fooled. The histogram of
// the sample stays what it was.
// Each sweep draws an order π of all pixels; the first m = round(p · pixels) of it move on by one place along π, the last of
// them to the first's place, so that no two pixels of them stay (m = 1 changes nothing). Pixels keep their channels together; the
// numbers of an entry [d] are its pixels. p is searched as growing_search.hpp says, `steps` tries in all, with a new order
// every `steps_per_order`; the smallest change in the norm is kept.
// Source: the shuffled images of the finite Gaussian neuron's author (arXiv 2306.07796), made smaller until they just
// fool; orders by Fisher and Yates (Durstenfeld, Communications of the ACM 7, 1964).
#include "neurarium/robustness/attacks.hpp"
#include "neurarium/robustness/growing_search.hpp"
#include "neurarium/robustness/pixels.hpp"

namespace neurarium {
namespace {

struct ShuffledPixelsParams {
  std::string norm = "l2";
  std::int64_t steps = 1000;
  std::int64_t steps_per_order = 100;
  static Schema fields() {
    using P = ShuffledPixelsParams;
    return Schema::of<P>({
        field("norm", &P::norm, "How changes are measured: linf or l2.").one_of({"linf", "l2"}),
        field("steps", &P::steps, "Tries for each sample.").at_least(1),
        field("steps_per_order", &P::steps_per_order, "Tries with one order of the pixels.").at_least(1),
    });
  }
};

/// 0 … n−1 in an order of chance.
void shuffle(const Stream& stream, Counter counter, std::vector<std::uint32_t>& order) {
  std::iota(order.begin(), order.end(), 0u);
  for (std::size_t left = order.size(); left > 1; --left) {
    const auto place = static_cast<std::size_t>(uniform(stream, counter) * static_cast<double>(left));
    std::swap(order[left - 1], order[place]);
    ++counter.element;
  }
}

template <class T>
class ShuffledPixels : public Attack<T> {
 public:
  using Params = ShuffledPixelsParams;
  explicit ShuffledPixels(const Params& params) : params_(params) {}
  Norm norm() const override { return norm_of(params_.norm); }
  Access access() const override { return Access::decisions; }
  bool draws() const override { return true; }
  bool seeks_smallest() const override { return true; }

  void run(Target<T>& target, const AttackTask<T>& task, View<T> changed) const override {
    const Stream stream(task.seed, "attack.shuffled-pixels");
    const Pixels pixels(task.entry);
    const auto per_order = static_cast<std::size_t>(params_.steps_per_order);
    std::vector<std::vector<std::uint32_t>> orders(task.samples(), std::vector<std::uint32_t>(pixels.count()));
    search_least_share<T>(
        target, task, norm(), static_cast<std::size_t>(params_.steps),
        [&](std::size_t row, std::size_t step, double share, std::span<T> x) {
          std::vector<std::uint32_t>& order = orders[row];
          const auto sweep = static_cast<std::uint32_t>(step / per_order);
          if (step % per_order == 0) shuffle(stream, {sweep, static_cast<std::uint32_t>(task.ids[row]), 0, 0}, order);
          const auto moved = static_cast<std::size_t>(std::round(share * static_cast<double>(pixels.count())));
          for (std::size_t c = 0; c < pixels.channels && moved > 1; ++c) {
            const auto at = [&](std::size_t i) -> T& { return x[pixels.place(c, order[i])]; };
            const T first = at(0);
            for (std::size_t i = 0; i + 1 < moved; ++i) at(i) = at(i + 1);
            at(moved - 1) = first;
          }
        },
        changed);
  }

 private:
  Params params_;
};

}  // namespace

void register_shuffled_pixels(Registry& registry) {
  add_attack<ShuffledPixels>(registry, "shuffled-pixels",
                             "A growing share of the pixels change places; the smallest change.");
}

}  // namespace neurarium
