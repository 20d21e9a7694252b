// finite_gaussian: a fully connected layer whose units answer only near their centres, y = f(w·x + b) · exp(−q).
//
// For a batch X [n, inputs] with W [units, inputs], b [units], centres C [units, inputs], and d = inputs:
//   l = X Wᵀ + b,   y_nj = f(l_nj) · exp(−q_nj) · s_n
//   q_nj = Σ_i |(x_ni − c_ji) / σ_ji|^p          p = 2: the square of the distance in widths, without a factor of ½
//     spherical   σ_ji = √d exp(log_width_j)                 one width per unit
//     diagonal    σ_ji = √d exp(log_width_ji)                one per unit and input
//     full        q_nj = Σ_k |(L_jᵀ (x_n − c_j))_k / √d|^p   L_j [d, d] lower triangular: for p = 2 the precision is L Lᵀ / d
// Widths are learned as logarithms in units of √d: distances grow as √d, and gradients stay of order one at any width.
// With bias = "tied" b is no parameter: b_j = −w_j · c_j puts the zero of the line at the centre.
// With gate = true, s_n is the support that the finite Gaussian layers before leave (the largest of their g; nn/activity.hpp),
// else 1: whatever is far from all that the first of them knows is exactly 0 in all later ones.
// `pressure` λ adds λ · mean(σ²) / d to the loss of each sample in training (full: of 1/L_kk², the width along one axis).
// Equations of forward and backward: nn/gaussian. Entries of any shape are taken as flat rows.
// Source: the founding notebook; Felix Grezes, "Finite Gaussian Neurons", arXiv 2306.07796.
#pragma once

#include "neurarium/nn/gaussian/gaussian_units.hpp"

namespace neurarium {

struct FiniteGaussianParams : GaussianUnitsParams {
  std::string name;
  std::int64_t units = 10;
  static Schema fields();
};

template <class T>
class FiniteGaussian : public Layer<T> {
 public:
  using Params = FiniteGaussianParams;
  FiniteGaussian(const Params& params, std::shared_ptr<const Initialiser> initialiser)
      : params_(params), units_(params, std::move(initialiser)) {}

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<Parameter<T>*> parameters() override { return units_.parameters(); }
  std::vector<Parameter<T>*> buffers() override { return units_.buffers(); }
  bool says_support() const override { return true; }
  double penalty(const Tape& tape) const override {
    return units_.penalty(tape.cache<typename GaussianUnits<T>::Cache>());
  }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  Params params_;
  GaussianUnits<T> units_;
};

}  // namespace neurarium
