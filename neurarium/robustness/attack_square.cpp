// Square attack: random search that needs only scores. A sample keeps its best change; each query tries one that differs in a window
// (square_moves.hpp) and keeps it if the margin z_y − max_{o ≠ y} z_o becomes smaller or the answer wrong.
// The share of the picture that a window covers starts at p_init and is halved after 10, 50, 200, 500, 1000, 2000, 4000, 6000 and 8000 of
// 10,000 queries; another number of queries stretches or shrinks that.
// Source: Andriushchenko, Croce, Flammarion, Hein, "Square Attack: a query-efficient black-box adversarial attack via random search",
// ECCV 2020.
#include "neurarium/robustness/attack_loss.hpp"
#include "neurarium/robustness/attacks.hpp"
#include "neurarium/robustness/square_moves.hpp"

namespace neurarium {
namespace {

struct SquareParams {
  std::string norm = "linf";
  std::int64_t queries = 5000;
  double p_init = 0.8;
  static Schema fields() {
    using P = SquareParams;
    return Schema::of<P>({
        field("norm", &P::norm, "How changes are measured: linf or l2.").one_of({"linf", "l2"}),
        field("queries", &P::queries, "How often the network may be asked about each sample.").at_least(1),
        field("p_init", &P::p_init, "Share of the picture that the first windows cover.").at_least(0).at_most(1),
    });
  }
};

template <class T>
class Square : public Attack<T> {
 public:
  using Params = SquareParams;
  explicit Square(const Params& params) : params_(params) {}
  Norm norm() const override { return norm_of(params_.norm); }
  Access access() const override { return Access::scores; }
  bool draws() const override { return true; }

  void run(Target<T>& target, const AttackTask<T>& task, View<T> changed) const override {
    const Stream stream(task.seed, "attack.square");
    SquareMoves<T> moves(norm(), task.entry, task.epsilon, task.bounds);
    const std::size_t n = task.samples();
    // Samples that are still right lie in the first rows of `tries`; `rows` says whose they are. The best lie in `changed`.
    Tensor<T> tries(task.x.shape());
    std::vector<std::size_t> rows(n);
    std::vector<std::int64_t> labels(task.labels.begin(), task.labels.end());
    std::vector<double> best(n, std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < n; ++i) {
      rows[i] = i;
      moves.start(task.x[i].flat(), Draws(stream, {0, static_cast<std::uint32_t>(task.ids[i]), 0, 0}),
                  tries.view()[i].flat());
    }
    for (std::int64_t query = 0; query < params_.queries && !rows.empty(); ++query) {
      if (query > 0)
        for (std::size_t i = 0; i < rows.size(); ++i)
          moves.move(
              task.x[rows[i]].flat(), share_at(query),
              Draws(stream, {0, static_cast<std::uint32_t>(task.ids[rows[i]]), static_cast<std::uint32_t>(query), 0}),
              tries.view()[i].flat());
      const View<const T> logits = target.logits(std::as_const(tries).view().rows(0, rows.size()));
      for (std::size_t i = rows.size(); i-- > 0;) {
        const auto x = tries.view()[i].flat(), kept = changed[rows[i]].flat();
        const bool fooled = is_fooled(logits, i, labels[i]);
        const double margin = margin_of(logits[i].flat(), static_cast<std::size_t>(labels[i]));
        if (fooled || margin < best[i] || query == 0) {
          best[i] = margin;
          std::ranges::copy(x, kept.begin());
        } else {
          std::ranges::copy(kept, x.begin());
        }
        if (!fooled) continue;
        std::ranges::copy(tries.view()[rows.size() - 1].flat(), x.begin());
        rows[i] = rows.back(), labels[i] = labels[rows.size() - 1], best[i] = best[rows.size() - 1];
        rows.pop_back();
      }
    }
  }

 private:
  double share_at(std::int64_t query) const {
    const double of_ten_thousand = 10000 * static_cast<double>(query) / static_cast<double>(params_.queries);
    double share = params_.p_init;
    for (const double halved : {10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000})
      if (of_ten_thousand > halved) share /= 2;
    return share;
  }

  static double margin_of(std::span<const T> z, std::size_t y) {
    T other = -std::numeric_limits<T>::infinity();
    for (std::size_t i = 0; i < z.size(); ++i)
      if (i != y) other = std::max(other, z[i]);
    return static_cast<double>(z[y]) - static_cast<double>(other);
  }

  Params params_;
};

}  // namespace

void register_square(Registry& registry) {
  add_attack<Square>(registry, "square", "Random search with windows: needs the network's scores, no gradients.");
}

}  // namespace neurarium
