// Widths: how far a finite Gaussian unit's answers reach, and the exponent q that follows from it.
//
//   spherical   q_nj = Σ_i (x_ni − c_ji)² / σ_j²,             σ_j = √d exp(log_width_j)
//   diagonal    q_nj = Σ_i (x_ni − c_ji)² / σ_ji²,            σ_ji = √d exp(log_width_ji)
//   full        q_nj = |L_jᵀ (x_n − c_j)|² / d,               L_j [d, d] lower triangular
// and for another order p, |·|^p in place of the square of each summand. d is the number of inputs.
#pragma once

#include <memory>
#include <string>

#include "neurarium/nn/layer.hpp"

namespace neurarium {

template <class T>
class Widths {
 public:
  virtual ~Widths() = default;
  /// "log_width" [units], [units, d], or "factor" [units, d, d].
  virtual Parameter<T>& parameter() = 0;
  /// q [n, units] for rows x [n, d] and centres [units, d]; ≥ 0, infinite where a square is, NaN only where x is.
  virtual void exponents(View<const T> x, View<const T> centres, View<T> q) const = 0;
  /// Given ∂E/∂q, adds ∂E/∂centres and ∂E/∂parameter, unless both are empty, and ∂E/∂x, unless that is empty.
  virtual void backward(View<const T> x, View<const T> centres, View<const T> q, View<const T> dq, View<T> dcentres,
                        View<T> dparameter, View<T> dx) const = 0;
  /// mean σ² / d. Full: the mean of 1 / L_kk², which is at most that.
  virtual double mean_square() const = 0;
  /// dparameter += scale · ∂(mean_square)/∂parameter
  virtual void add_mean_square_gradient(double scale, View<T> dparameter) const = 0;
};

/// `shape` is "spherical", "diagonal" or "full"; `width` the initial σ / √d.
template <class T>
std::unique_ptr<Widths<T>> make_widths(const std::string& shape, double order, std::size_t units, std::size_t inputs,
                                       double width);

}  // namespace neurarium
