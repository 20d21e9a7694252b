// Its own copy of Eigen, under another name: one that never starts threads, and is not mixed up with others at linking.
#define EIGEN_DONT_PARALLELIZE
#define Eigen EigenOfLevenbergMarquardt
#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <vector>

#include "neurarium/kernels/gemm.hpp"
#include "neurarium/nn/full_batch_method.hpp"

namespace neurarium {
namespace {

using Vector = Eigen::VectorXd;
std::span<double> span_of(Vector& v) { return {v.data(), static_cast<std::size_t>(v.size())}; }

/// JᵀJ and Jᵀr at w.
struct NormalEquations {
  Tensor<double> jacobian, matrix;
  Vector gradient;

  NormalEquations(std::size_t residuals, std::size_t size)
      : jacobian(Shape{residuals, size}), matrix(Shape{size, size}), gradient(static_cast<Eigen::Index>(size)) {}
  void set(LeastSquares& squares, std::span<const double> w, Vector& r) {
    using kernels::Op;
    squares.jacobian_at(w, jacobian.view());
    kernels::gemm<double>(1, jacobian.view(), Op::transpose, jacobian.view(), Op::none, 0, matrix.view());
    const std::size_t rows = jacobian.shape()[0], size = jacobian.shape()[1];
    kernels::gemm<double>(1, jacobian.view(), Op::transpose, View<const double>(r.data(), Shape{rows, 1}), Op::none, 0,
                          View<double>(gradient.data(), Shape{size, 1}));
  }
  double largest_diagonal() const {
    double largest = 0;
    for (std::size_t i = 0; i < matrix.shape()[0]; ++i) largest = std::max(largest, matrix(i, i));
    return largest;
  }
  /// d of (JᵀJ + μ 1) d = −Jᵀr; false if the matrix is not positive definite.
  bool solve(double mu, Vector& d) const {
    const Eigen::Index n = gradient.size();
    Eigen::MatrixXd damped =
        Eigen::Map<const Eigen::MatrixXd>(matrix.data(), n, n);  // symmetric: no matter which order
    damped.diagonal().array() += mu;
    const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> factors(damped);
    if (factors.info() != Eigen::Success) return false;
    d = factors.solve(-gradient);
    return d.allFinite();
  }
};

class LevenbergMarquardt : public FullBatchMethod {
 public:
  struct Params {
    double damping = 1e-3;
    double tolerance = 1e-8;
    static Schema fields() {
      return Schema::of<Params>({
          field("damping", &Params::damping, "First μ, as a share of the largest entry on the diagonal of JᵀJ.")
              .positive(),
          field("tolerance", &Params::tolerance, "Stop when no entry of Jᵀr is larger.").at_least(0),
      });
    }
  };
  explicit LevenbergMarquardt(const Params& params) : params_(params) {}

  void minimise(Objective& objective, std::span<double> w, const AfterIteration& after_iteration) override {
    if (w.size() > most_parameters)
      throw SpecError("train.optimiser: levenberg_marquardt is for small networks: " + std::to_string(w.size()) +
                          " parameters are more than " + std::to_string(most_parameters),
                      "use lbfgs");
    LeastSquares* const squares = objective.least_squares();
    if (!squares)
      throw SpecError("train.optimiser: levenberg_marquardt needs an error that is a sum of squares", "use lbfgs");
    const std::size_t residuals = squares->residuals();
    if (residuals > largest_jacobian / sizeof(double) / w.size())
      throw SpecError("train.optimiser: levenberg_marquardt would need more than 1 GiB for the derivatives of " +
                          std::to_string(residuals) + " outputs by " + std::to_string(w.size()) + " parameters",
                      "use lbfgs, or fewer samples");
    walk(*squares, residuals, w, after_iteration);
  }

 private:
  static constexpr std::size_t most_parameters = 2000, largest_jacobian = std::size_t{1} << 30;
  /// Damping beyond which a step no longer moves anything.
  static constexpr double most_damping = 1e100;

  void walk(LeastSquares& squares, std::size_t residuals, std::span<double> w, const AfterIteration& after_iteration) {
    Vector at = Eigen::Map<const Vector>(w.data(), static_cast<Eigen::Index>(w.size()));
    Vector r(static_cast<Eigen::Index>(residuals)), next_r(r.size()), next(at.size()), d(at.size());
    squares.residuals_at(w, span_of(r));
    double error = r.squaredNorm() / 2;
    NormalEquations equations(residuals, w.size());
    equations.set(squares, w, r);
    double mu = params_.damping * std::max(equations.largest_diagonal(), 1e-20), growth = 2;
    while (equations.gradient.lpNorm<Eigen::Infinity>() > params_.tolerance && mu < most_damping) {
      double next_error = INFINITY, foreseen = 0;
      if (equations.solve(mu, d)) {
        next = at + d;
        if (next == at) return;
        foreseen = d.dot(mu * d - equations.gradient) / 2;
        next_error = error_at(squares, next, next_r);
      }
      if (!(next_error < error)) {
        mu *= growth, growth *= 2;
        continue;
      }
      const double gain = foreseen > 0 ? (error - next_error) / foreseen : 0;
      mu *= std::max(1.0 / 3, 1 - std::pow(2 * gain - 1, 3)), growth = 2;
      at = next, r = next_r, error = next_error;
      std::ranges::copy(span_of(at), w.begin());
      if (!after_iteration(w)) return;
      equations.set(squares, w, r);
    }
  }
  static double error_at(LeastSquares& squares, Vector& w, Vector& r) {
    try {
      squares.residuals_at(span_of(w), span_of(r));
    } catch (const NumericError&) {
      return INFINITY;
    }
    return r.squaredNorm() / 2;
  }
  Params params_;
};

}  // namespace

void register_levenberg_marquardt(Registry& registry) {
  registry
      .add<LevenbergMarquardt::Params>("optimiser", "levenberg_marquardt",
                                       "Full batch, squared error, small networks: damped Gauss–Newton steps.")
      .makes<FullBatchMethod>(
          [](const LevenbergMarquardt::Params& params) { return std::make_unique<LevenbergMarquardt>(params); });
}

}  // namespace neurarium
