// Finite Gaussian units over rows of numbers, of which a sample may have several: what a layer of them is made of.
//
// For rows X [m, d] with W [units, d], b [units] and centres C [units, d]:
//   l = X Wᵀ + b,   g = exp(−q) with q from widths.hpp,   y_rj = f(l_rj) · g_rj · s_n       (row r belongs to sample n)
// s is the support that the sample had before (with a gate, else 1), s'_n = max over j and the rows of n of g s what it has now.
// Far away g is exactly 0, and so is y, whatever the line says.
// Backward, given δ = ∂E/∂y and ∂E/∂s', with G = g s:
//   ∂E/∂l = δ G f'(l),   ∂E/∂G = δ f(l) + [r, j the first of the largest] ∂E/∂s',   ∂E/∂q = −G ∂E/∂G,   ∂E/∂s = Σ g ∂E/∂G
// and on from l and q to W, b, C, the widths and X. With a tied bias b_j = −w_j · c_j, so ∂E/∂w_j −= ∂E/∂b_j c_j and
// ∂E/∂c_j −= ∂E/∂b_j w_j. W may have to keep its signs (nn/signed_weight.hpp): Dale's law, by input.
#pragma once

#include <memory>
#include <vector>

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/activation_function.hpp"
#include "neurarium/nn/gaussian/widths.hpp"
#include "neurarium/nn/initialiser.hpp"
#include "neurarium/nn/signed_weight.hpp"

namespace neurarium {

/// What units can be told, whatever layer they stand in.
struct GaussianUnitsParams {
  std::string activation = "identity";
  std::string shape = "spherical";
  double order = 2;
  std::string bias = "free";
  bool gate = false;
  double pressure = 0;
  double width = 1;
  double centre_sd = 0.1;
  Component initialiser{"glorot", Value::table()};
  ArraySource weights, bias_values, centres, widths;
  DaleParams dale;
};

template <class T>
class GaussianUnits {
 public:
  /// What forward leaves for backward.
  struct Cache {
    View<const T> x;                     ///< rows
    Tensor<T> line, f, q, g;             ///< l (where f' wants it), f(l), q and g, [m, units]; 0 but g where g is 0
    std::vector<T> gate;                 ///< s of each sample
    std::vector<std::size_t> strongest;  ///< of each sample, where in g the largest is
    std::size_t samples = 0;
    double mean_square_width = 0;  ///< in training with pressure
    typename SignedWeight<T>::Pass signs;
    mutable WidthsMemory<T> widths;
    mutable Tensor<T> dline, dq;
    mutable std::vector<T> dgate;
  };

  GaussianUnits(const GaussianUnitsParams& params, std::shared_ptr<const Initialiser> initialiser);
  /// Initial values for weights of this shape, [units, inputs] or [units, …] with as many; centres, and widths that there is
  /// one of per input, have it too. Weights are drawn as in a dense layer, with `fan_out` units that see an input, centres
  /// from N(0, centre_sd²) by Stream(seed, name.centre).
  void build(const Shape& weights, std::size_t fan_out, const std::string& name, std::uint64_t seed);
  std::vector<Parameter<T>*> parameters();
  std::vector<Parameter<T>*> buffers() { return signs_.buffers(); }

  /// y [m, units] of rows x [m, d] that are those of `samples` samples in order. `support`: before, empty = nothing said.
  void forward(View<const T> x, std::size_t samples, const std::vector<T>& support, const Context& context,
               Cache& cache, View<T> y, std::vector<T>& support_now) const;
  /// Adds to `gradient` (as parameters()) and to dx [m, d] unless they are empty; adds ∂E/∂support to `support_gradient` if gated.
  void backward(View<const T> dy, const std::vector<T>& support_now_gradient, const Cache& cache,
                std::span<const View<T>> gradient, View<T> dx, std::vector<T>& support_gradient) const;
  /// What pressure and signs add to the loss of each sample of that pass, if it was one of training.
  double penalty(const Cache& cache) const { return params_.pressure * cache.mean_square_width + cache.signs.penalty; }

 private:
  void take_bias(View<const T> weight, Tensor<T>& line) const;
  View<const T> as_matrix(View<const T> of) const { return of.reshaped({units_, inputs_}); }
  bool tied() const noexcept { return params_.bias == "tied"; }

  GaussianUnitsParams params_;
  std::shared_ptr<const Initialiser> initialiser_;
  ActivationFunction activation_;
  std::size_t units_ = 0, inputs_ = 0;
  std::unique_ptr<Widths<T>> widths_;
  Parameter<T> weight_{"weight", {}}, bias_{"bias", {}}, centre_{"centre", {}};
  SignedWeight<T> signs_;
};

}  // namespace neurarium
