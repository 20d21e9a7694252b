// Conjugate gradient and L-BFGS: dlib's directions and line search, in a loop that knows how to end.
// dlib's headers only: its optional BLAS would make the bits depend on which one is installed, and its check that
// headers and compiled library agree would ask for the library.
#define DLIB_TEST_FOR_ODR_VIOLATIONS_H_
#include <dlib/assert.h>
#undef DLIB_USE_BLAS
#undef DLIB_USE_LAPACK
#include <dlib/matrix.h>
#include <dlib/optimization/optimization_line_search.h>
#include <dlib/optimization/optimization_search_strategies.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "neurarium/nn/full_batch_method.hpp"

namespace neurarium {
namespace {

using Vector = dlib::matrix<double, 0, 1>;
std::span<double> span_of(Vector& v) { return {v.begin(), static_cast<std::size_t>(v.size())}; }

double largest_entry(const Vector& g) {
  double largest = 0;
  for (const double x : g) largest = std::max(largest, std::abs(x));
  return largest;
}

/// A point with what the objective says there.
struct Place {
  Vector w, gradient;
  double value = 0;
};

/// Walks along from + α direction, and remembers the last place it looked at: the line search asks for value and slope one
/// after the other, and usually ends where it looked last.
class Line {
 public:
  Line(Objective& objective, const Place& from, const Vector& direction)
      : objective_(objective), from_(from), direction_(direction) {
    here_.gradient.set_size(from.w.size());
  }
  double value(double alpha) { return look(alpha), here_.value; }
  double slope(double alpha) { return look(alpha), finite_ ? dlib::dot(here_.gradient, direction_) : too_high; }
  /// The place at `alpha`, or nullptr if the numbers there are not finite.
  const Place* at(double alpha) { return look(alpha), finite_ ? &here_ : nullptr; }

 private:
  /// Instead of infinity, which the line search's polynomials would make NaN of.
  static constexpr double too_high = 1e50;

  void look(double alpha) {
    if (looked_ && alpha == alpha_) return;
    looked_ = finite_ = true, alpha_ = alpha;
    here_.w = from_.w + alpha * direction_;
    try {
      here_.value = objective_.evaluate(span_of(here_.w), span_of(here_.gradient));
    } catch (const NumericError&) {
      finite_ = false, here_.value = too_high;
    }
  }
  Objective& objective_;
  const Place& from_;
  const Vector& direction_;
  Place here_;
  double alpha_ = 0;
  bool looked_ = false, finite_ = true;
};

/// dlib's strategies forget the curvature when g·g or s·y is below 2·10⁻¹⁶, as if that were zero. Directions don't depend on
/// the units of w and g; in these units, zero is 10⁻²⁸. A power of two costs no bit.
constexpr double units = 1 << 20;

/// `fresh()` gives a search strategy of dlib that knows nothing yet.
template <class Fresh>
void descend(Fresh fresh, double tolerance, Objective& objective, std::span<double> w,
             const FullBatchMethod::AfterIteration& after_iteration) {
  Place place;
  place.w.set_size(static_cast<long>(w.size()));
  place.gradient.set_size(place.w.size());
  std::ranges::copy(w, place.w.begin());
  place.value = objective.evaluate(w, span_of(place.gradient));
  auto strategy = fresh();
  bool is_fresh = true;
  while (largest_entry(place.gradient) > tolerance) {
    const Vector scaled_w = units * place.w, scaled_gradient = units * place.gradient;
    const Vector direction = strategy.get_next_direction(scaled_w, place.value, scaled_gradient) / units;
    const double slope = dlib::dot(place.gradient, direction);
    const Place* next = nullptr;
    Line line(objective, place, direction);
    if (slope < 0 && std::isfinite(slope)) {
      constexpr double no_bound = -std::numeric_limits<double>::infinity();
      const double alpha = dlib::line_search(
          [&](double a) { return line.value(a); }, place.value, [&](double a) { return line.slope(a); }, slope,
          strategy.get_wolfe_rho(), strategy.get_wolfe_sigma(), no_bound, strategy.get_max_line_search_iterations());
      next = line.at(alpha);
    }
    if (!next || !(next->value < place.value)) {
      if (is_fresh) return;
      strategy = fresh();
      is_fresh = true;
      continue;
    }
    const Place moved = *next;  // the line still holds on to the place it started from
    place = moved;
    is_fresh = false;
    std::copy(place.w.begin(), place.w.end(), w.begin());
    if (!after_iteration(w)) return;
  }
}

constexpr const char* tolerance_doc = "Stop when no entry of the gradient is larger.";

class ConjugateGradient : public FullBatchMethod {
 public:
  struct Params {
    double tolerance = 1e-8;
    static Schema fields() {
      return Schema::of<Params>({field("tolerance", &Params::tolerance, tolerance_doc).at_least(0)});
    }
  };
  explicit ConjugateGradient(const Params& params) : params_(params) {}
  void minimise(Objective& objective, std::span<double> w, const AfterIteration& after_iteration) override {
    descend([] { return dlib::cg_search_strategy(); }, params_.tolerance, objective, w, after_iteration);
  }

 private:
  Params params_;
};

class Lbfgs : public FullBatchMethod {
 public:
  struct Params {
    std::int64_t memory = 10;
    double tolerance = 1e-8;
    static Schema fields() {
      return Schema::of<Params>({
          field("memory", &Params::memory, "Steps that the picture of the curvature is made of.").at_least(1),
          field("tolerance", &Params::tolerance, tolerance_doc).at_least(0),
      });
    }
  };
  explicit Lbfgs(const Params& params) : params_(params) {}
  void minimise(Objective& objective, std::span<double> w, const AfterIteration& after_iteration) override {
    const auto fresh = [&] { return Strategy(static_cast<unsigned long>(params_.memory)); };
    descend(fresh, params_.tolerance, objective, w, after_iteration);
  }

 private:
  /// dlib's strategy can be copied, but not assigned.
  class Strategy {
   public:
    explicit Strategy(unsigned long memory) : strategy_(std::make_unique<dlib::lbfgs_search_strategy>(memory)) {}
    const Vector& get_next_direction(const Vector& w, double value, const Vector& gradient) {
      return strategy_->get_next_direction(w, value, gradient);
    }
    double get_wolfe_rho() const { return strategy_->get_wolfe_rho(); }
    double get_wolfe_sigma() const { return strategy_->get_wolfe_sigma(); }
    unsigned long get_max_line_search_iterations() const { return strategy_->get_max_line_search_iterations(); }

   private:
    std::unique_ptr<dlib::lbfgs_search_strategy> strategy_;
  };
  Params params_;
};

}  // namespace

void register_line_search_methods(Registry& registry) {
  registry
      .add<ConjugateGradient::Params>("optimiser", "conjugate_gradient",
                                      "Full batch: conjugate directions (Polak–Ribière) with a line search.")
      .makes<FullBatchMethod>(
          [](const ConjugateGradient::Params& params) { return std::make_unique<ConjugateGradient>(params); });
  registry
      .add<Lbfgs::Params>(
          "optimiser", "lbfgs",
          "Full batch: quasi-Newton steps from the memory of the last ones (L-BFGS), with a line search.")
      .makes<FullBatchMethod>([](const Lbfgs::Params& params) { return std::make_unique<Lbfgs>(params); });
}

}  // namespace neurarium
