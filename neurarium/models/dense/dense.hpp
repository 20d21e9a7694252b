// dense: a fully connected layer, Y = g(X Wᵀ + b).
//
// Forward, for a batch X [n, inputs] with W [units, inputs] and b [units] (the founding notebook appends a column of
// ones to X and keeps b as the last column of W; here b is a parameter of its own):
//   A = X Wᵀ + 1 bᵀ           [n, units]
//   Y = g(A)
// Backward, given ∂E/∂Y:
//   Δ = g'(A) ∘ ∂E/∂Y         [n, units]
//   ∂E/∂W = Δᵀ X,   ∂E/∂b = Σ_n Δ_n,   ∂E/∂X = Δ W
// Entries of any shape are taken as flat rows. Initial b is 0. With signs, W is what nn/sign_constraint.hpp makes of the weight.
// Source: Bishop, Pattern Recognition and Machine Learning, 2006, section 5.3; OpenANN's FullyConnected layer.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/activation_function.hpp"
#include "neurarium/nn/initialiser.hpp"
#include "neurarium/nn/layer.hpp"
#include "neurarium/nn/signed_weight.hpp"

namespace neurarium {

struct DenseParams {
  std::string name;
  std::int64_t units = 10;
  std::string activation = "identity";
  bool use_bias = true;
  Component initialiser{"glorot", Value::table()};
  ArraySource weights;
  ArraySource bias;
  DaleParams dale;
  static Schema fields();
};

template <class T>
class Dense : public Layer<T> {
 public:
  using Params = DenseParams;
  Dense(const Params& params, std::shared_ptr<const Initialiser> initialiser);

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<Parameter<T>*> parameters() override;
  std::vector<Parameter<T>*> buffers() override { return signs_.buffers(); }
  double penalty(const Tape& tape) const override { return tape.cache<Cache>().signs.penalty; }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    View<const T> in;   ///< [n, inputs]
    View<const T> out;  ///< [n, units]
    Tensor<T> a;        ///< A [n, units], kept only where g' is not a function of y
    mutable Tensor<T> delta;
    typename SignedWeight<T>::Pass signs;
  };
  Params params_;
  std::shared_ptr<const Initialiser> initialiser_;
  ActivationFunction activation_;
  Parameter<T> weight_{"weight", {}}, bias_{"bias", {}};
  SignedWeight<T> signs_;
};

}  // namespace neurarium
