// softsign_dense: a fully connected layer whose units saturate slowly, y = a / (1 + |a|).
//
// Forward, for a batch X [n, inputs] with W [units, inputs] and b [units]:
//   A = X Wᵀ + 1 bᵀ,   Y = A / (1 + |A|)
// Backward, given ∂E/∂Y, with g'(a) = 1 / (1 + |a|)² = (1 − |y|)²:
//   Δ = (1 − |Y|)² ∘ ∂E/∂Y,   ∂E/∂W = Δᵀ X,   ∂E/∂b = Σ_n Δ_n,   ∂E/∂X = Δ W
// Source: Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010.
#pragma once

#include <neurarium/core/registry.hpp>
#include <neurarium/nn/initialiser.hpp>
#include <neurarium/nn/layer.hpp>

struct SoftsignDenseParams {
  std::string name;
  std::int64_t units = 10;
  neurarium::Component initialiser{"glorot", neurarium::Value::table()};
  static neurarium::Schema fields();
};

template <class T>
class SoftsignDense : public neurarium::Layer<T> {
 public:
  using Params = SoftsignDenseParams;
  SoftsignDense(const Params& params, std::shared_ptr<const neurarium::Initialiser> initialiser)
      : params_(params), initialiser_(std::move(initialiser)) {}

  neurarium::Shape build(const neurarium::Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<neurarium::Parameter<T>*> parameters() override { return {&weight_, &bias_}; }
  void forward(const neurarium::Activity<T>& in, neurarium::Activity<T>& out, const neurarium::Context& context,
               neurarium::Tape& tape) const override;
  void backward(const neurarium::Activity<T>& out_gradient, neurarium::Activity<T>* in_gradient,
                const neurarium::Tape& tape, std::span<const neurarium::View<T>> gradient) const override;

 private:
  struct Cache {
    neurarium::View<const T> in, out;  ///< [n, inputs], [n, units]
    mutable neurarium::Tensor<T> delta;
  };
  Params params_;
  std::shared_ptr<const neurarium::Initialiser> initialiser_;
  neurarium::Parameter<T> weight_{"weight", {}}, bias_{"bias", {}};
};

void register_softsign_dense(neurarium::Registry& registry);
