// Square attack: random search that needs only scores. A sample keeps its best change; each query tries one that differs in a window
// (square_moves.hpp) and keeps it if the margin z_y − max_{o ≠ y} z_o becomes smaller or the answer wrong.
// The share of the picture that a window covers starts at p_init and is halved after 10, 50, 200, 500, 1000, 2000, 4000, 6000 and 8000 of
// 10,000 queries; another number of queries stretches or shrinks that.
// Source: Andriushchenko, Croce, Flammarion, Hein, "Square Attack: a query-efficient black-box adversarial attack via random search",
// ECCV 2020.
#include "neurarium/robustness/attack_loss.hpp"
#include "neurarium/robustness/attacks.hpp"
#include "neurarium/robustness/logit_row.hpp"
#include "neurarium/robustness/open_rows.hpp"
#include "neurarium/robustness/square_moves.hpp"
#include "neurarium/robustness/subset.hpp"

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
    OpenRows<T> tries(task, all_rows(task.samples()));  // the best so far lie in `changed`
    std::vector<double> best(tries.size(), std::numeric_limits<double>::infinity());
    std::vector<char> fooled;
    for (std::int64_t query = 0; query < params_.queries && tries.size() > 0; ++query) {
      const double share = share_at(query);
      for (std::size_t i = 0; i < tries.size(); ++i) {
        const Draws draws(stream, {0, tries.id(i), static_cast<std::uint32_t>(query), 0});
        if (query == 0) moves.start(tries.origin(i), draws, tries.x(i));
        else moves.move(tries.origin(i), share, draws, tries.x(i));
      }
      const View<const T> logits = target.logits(tries.all());
      find_fooled<T>(logits, tries.labels(), fooled, {});
      for (std::size_t i = 0; i < tries.size(); ++i) {
        if (fooled[i]) continue;
        const auto x = tries.x(i), kept = changed[tries.row(i)].flat();
        const double margin = margin_of(logits[i].flat(), static_cast<std::size_t>(tries.labels()[i]));
        if (margin < best[tries.number(i)] || query == 0) {
          best[tries.number(i)] = margin;
          std::ranges::copy(x, kept.begin());
        } else {
          std::ranges::copy(kept, x.begin());
        }
      }
      tries.leave(fooled, changed, [](std::size_t, std::size_t) {});
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
    return static_cast<double>(z[y]) - static_cast<double>(z[strongest_but<T>(z, y)]);
  }

  Params params_;
};

}  // namespace

void register_square(Registry& registry) {
  add_attack<Square>(registry, "square", "Random search with windows: needs the network's scores, no gradients.");
}

}  // namespace neurarium
