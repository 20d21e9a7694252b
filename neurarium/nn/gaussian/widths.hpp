// Widths: how far a finite Gaussian unit's answers reach, and the exponent q that follows from it.
//
//   spherical   q_nj = Σ_i (x_ni − c_ji)² / σ_j²,             σ_j = √d exp(log_width_j)
//   diagonal    q_nj = Σ_i (x_ni − c_ji)² / σ_ji²,            σ_ji = √d exp(log_width_ji)
//   full        q_nj = |L_jᵀ (x_n − c_j)|² / d,               L_j [d, d] lower triangular
// and for another order p, |·|^p in place of the square of each summand. d is the number of inputs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "neurarium/nn/layer.hpp"

namespace neurarium {

/// What exponents() leaves for the way back, and room to work in. It belongs to the caller, like a tape.
template <class T>
struct WidthsMemory {
  Tensor<T> x, centres;                    ///< relative to the mean centre
  Tensor<T> squares;                       ///< x² there
  Tensor<T> a, weighted;                   ///< 1/σ² and c/σ² there [units, d]
  std::vector<T> scale;                    ///< 1/σ² [units]
  std::vector<T> row_terms, column_terms;  ///< what is added to the products of matrices
  Tensor<T> r, first, second;              ///< sums on the way back
  std::vector<double> sums, products;      ///< Σ ∂E/∂q and Σ q ∂E/∂q of each unit
};

template <class T>
class Widths {
 public:
  virtual ~Widths() = default;
  /// "log_width" [units], [units, d], or "factor" [units, d, d].
  virtual Parameter<T>& parameter() = 0;
  /// q [n, units] for rows x [n, d] and centres [units, d]; ≥ 0, infinite where a square is, NaN only where x is.
  virtual void exponents(View<const T> x, View<const T> centres, WidthsMemory<T>& memory, View<T> q) const = 0;
  /// After exponents() with the same x, centres and memory, given ∂E/∂q: adds ∂E/∂centres and ∂E/∂parameter, unless both are
  /// empty, and writes ∂E/∂x to dx, unless that is empty. Where ∂E/∂q is 0, q must be finite.
  virtual void backward(View<const T> x, View<const T> centres, View<const T> q, View<const T> dq,
                        WidthsMemory<T>& memory, View<T> dcentres, View<T> dparameter, View<T> dx) const = 0;
  /// mean σ² / d of the widths as exponents() saw them. Full: the mean of 1 / L_kk², which is at most that.
  virtual double mean_square(const WidthsMemory<T>& memory) const = 0;
  /// dparameter += scale · ∂(mean_square)/∂parameter
  virtual void add_mean_square_gradient(double scale, const WidthsMemory<T>& memory, View<T> dparameter) const = 0;
};

/// `shape` is "spherical", "diagonal" or "full"; `width` the initial σ / √d.
template <class T>
std::unique_ptr<Widths<T>> make_widths(const std::string& shape, double order, std::size_t units, std::size_t inputs,
                                       double width);

}  // namespace neurarium
