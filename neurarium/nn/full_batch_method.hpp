// Full-batch methods: they see all samples in each step, choose the length of the step themselves, and never step to a
// larger error. For small networks and smooth errors they come to a minimum in far fewer passes than gradient descent.
// One iteration is one epoch. g: gradient of the objective f at w; d: direction.
//
//   conjugate_gradient   d ← −g + β d,  β = g·(g − g_old) / (g_old·g_old)                   (Polak–Ribière)
//                        w ← w + α d, α from a line search (strong Wolfe conditions, ρ = 0.001, σ = 0.01)
//   lbfgs                d ← −H g, H: inverse Hessian as the last `memory` steps s and changes of gradient y show it
//                        (two-loop recursion), α as above (ρ = 0.01, σ = 0.9)
//   levenberg_marquardt  only for E = ½ Σ r²: (JᵀJ + μ 1) d = −Jᵀr,  J = ∂r/∂w,  w ← w + d if that lowers E.
//                        Gain q = (fall of E) / (fall that the linear model foresaw). q > 0: μ ← μ max(1/3, 1 − (2q − 1)³);
//                        else μ ← μ ν, ν ← 2 ν, and again. μ starts at `damping` · max diag(JᵀJ).   (Nielsen)
//
// A direction that does not point down is replaced by −g, and what was learned of the curvature is forgotten; when −g
// itself leads no lower, that is the end. A trial point whose numbers are not finite counts as infinitely high.
// Directions and line search of the first two are dlib's.
// Sources: Nocedal, Wright, "Numerical optimization", 2006, ch. 5 and 7; Fletcher, "Practical methods of optimization",
// 1987, 2.6 (line search); Madsen, Nielsen, Tingleff, "Methods for non-linear least squares problems", 2004, alg. 3.16.
#pragma once

#include <functional>
#include <span>

#include "neurarium/core/registry.hpp"
#include "neurarium/core/tensor.hpp"

namespace neurarium {

/// An objective of the form ½ Σ r², seen from inside.
class LeastSquares {
 public:
  virtual ~LeastSquares() = default;
  virtual std::size_t residuals() const = 0;
  /// r at w. Throws NumericError if it is not finite.
  virtual void residuals_at(std::span<const double> w, std::span<double> r) = 0;
  /// ∂r/∂w at w: [residuals, parameters].
  virtual void jacobian_at(std::span<const double> w, View<double> jacobian) = 0;
};

/// What a full-batch method makes small.
class Objective {
 public:
  virtual ~Objective() = default;
  virtual std::size_t size() const = 0;  ///< of w
  /// Value at w; `gradient` gets the gradient there. Throws NumericError if one of them is not finite.
  virtual double evaluate(std::span<const double> w, std::span<double> gradient) = 0;
  /// The same objective (up to a factor) as a sum of squares, or nullptr if it is none.
  virtual LeastSquares* least_squares() { return nullptr; }
};

class FullBatchMethod {
 public:
  virtual ~FullBatchMethod() = default;
  /// Called after each iteration with the new w; says whether to go on.
  using AfterIteration = std::function<bool(std::span<const double> w)>;
  /// Moves w to a smaller value of the objective, until the largest entry of the gradient is at most `tolerance`, no step
  /// leads lower, or `after_iteration` says no. Throws SpecError if the method can't be used for this objective,
  /// NumericError if the objective is not finite at the start.
  virtual void minimise(Objective& objective, std::span<double> w, const AfterIteration& after_iteration) = 0;
};

/// Under the kind "optimiser": a user chooses them as any other.
void register_line_search_methods(Registry& registry);
void register_levenberg_marquardt(Registry& registry);

}  // namespace neurarium
