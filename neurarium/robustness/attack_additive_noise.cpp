// Additive noise: how far chance alone gets. Draws of radius ε, one after the other, until one fools the network.
//   uniform-noise    linf: every number uniform in ±ε                 l2: uniform numbers, scaled to the length ε
//   gaussian-noise   linf: N(0, (ε/2)²), what is beyond ±ε cut        l2: normal numbers, scaled to the length ε
// then into the bounds, which only brings x' nearer. A sample that no draw fools keeps its last one. With repeats = 1 the
// network is not asked at all.
// Source: the repeated additive noise attacks of Foolbox (Rauber, Zimmermann, Bethge, Brendel, "Foolbox Native", Journal of
// Open Source Software 5(53), 2020).
#include "neurarium/core/normal.hpp"
#include "neurarium/robustness/attacks.hpp"
#include "neurarium/robustness/ball.hpp"
#include "neurarium/robustness/fooled.hpp"
#include "neurarium/robustness/subset.hpp"

namespace neurarium {
namespace {

struct UniformParams {
  std::string norm = "linf";
  std::int64_t repeats = 100;
  static Schema fields() {
    using P = UniformParams;
    return Schema::of<P>({
        field("norm", &P::norm, "How changes are measured: linf or l2.").one_of({"linf", "l2"}),
        field("repeats", &P::repeats, "Draws, each for what is not fooled yet.").at_least(1),
    });
  }
};

struct GaussianParams {
  std::string norm = "l2";
  std::int64_t repeats = 100;
  static Schema fields() {
    using P = GaussianParams;
    return Schema::of<P>({
        field("norm", &P::norm, "How changes are measured: linf or l2.").one_of({"linf", "l2"}),
        field("repeats", &P::repeats, "Draws, each for what is not fooled yet.").at_least(1),
    });
  }
};

template <class T, class P>
class AdditiveNoise : public Attack<T> {
 public:
  using Params = P;
  explicit AdditiveNoise(const Params& params) : params_(params) {}
  Norm norm() const override { return norm_of(params_.norm); }
  Access access() const override { return params_.repeats > 1 ? Access::decisions : Access::nothing; }
  bool draws() const override { return true; }

  void run(Target<T>& target, const AttackTask<T>& task, View<T> changed) const override {
    const std::size_t d = task.x.shape()[1];
    const Stream stream(task.seed, is_gaussian ? "attack.gaussian-noise" : "attack.uniform-noise");
    std::vector<double> noise(d);
    std::vector<std::size_t> open = all_rows(task.samples());
    Tensor<T> x;
    std::vector<std::int64_t> labels;
    for (std::uint32_t draw = 0; draw < params_.repeats && !open.empty(); ++draw) {
      x.resize(Shape{open.size(), d});
      labels.clear();
      for (std::size_t i = 0; i < open.size(); ++i) {
        const std::size_t row = open[i];
        fill(stream, {draw, static_cast<std::uint32_t>(task.ids[row]), 0, 0}, task.epsilon, noise);
        const std::span<T> to = x.view()[i].flat();
        const std::span<const T> from = task.x[row].flat();
        for (std::size_t j = 0; j < d; ++j) to[j] = static_cast<T>(static_cast<double>(from[j]) + noise[j]);
        project<T>(norm(), task.epsilon, task.bounds, from, to);
        std::ranges::copy(to, changed[row].flat().begin());
        labels.push_back(task.labels[row]);
      }
      if (params_.repeats == 1) return;
      const std::vector<char> fooled = fooled_rows<T>(target, std::as_const(x).view(), labels);
      std::size_t left = 0;
      for (std::size_t i = 0; i < open.size(); ++i)
        if (!fooled[i]) open[left++] = open[i];
      open.resize(left);
    }
  }

 private:
  static constexpr bool is_gaussian = std::is_same_v<P, GaussianParams>;

  void fill(const Stream& stream, const Counter& counter, double epsilon, std::vector<double>& noise) const {
    const bool is_linf = norm() == Norm::linf;
    if (is_gaussian) fill_normal(stream, counter, 0, is_linf ? epsilon / 2 : 1, noise);
    else fill_uniform(stream, counter, is_linf ? -epsilon : -1, is_linf ? epsilon : 1, std::span(noise));
    if (is_linf) return;
    double squares = 0;
    for (const double v : noise) squares += v * v;
    const double factor = squares > 0 ? epsilon / std::sqrt(squares) : 0;
    for (double& v : noise) v *= factor;
  }

  Params params_;
};

template <class T>
using UniformNoise = AdditiveNoise<T, UniformParams>;
template <class T>
using GaussianNoise = AdditiveNoise<T, GaussianParams>;

}  // namespace

void register_additive_noise(Registry& registry) {
  add_attack<UniformNoise>(registry, "uniform-noise", "Uniform noise of radius ε, drawn again until it fools.");
  add_attack<GaussianNoise>(registry, "gaussian-noise", "Gaussian noise of radius ε, drawn again until it fools.");
}

}  // namespace neurarium
