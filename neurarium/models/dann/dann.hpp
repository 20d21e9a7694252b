// dann: a layer with Dale's law that learns as one without: excitatory units, and interneurons that inhibit them (Dale's ANN).
//
// Of x [d], numbers ≥ 0, with W_EX [units, d], W_IX [inhibitory, d], W_EI [units, inhibitory] and α [inhibitory], g, b [units]:
//   h = W_IX x                                  interneurons, linear
//   ẑ = W_EX x − W_EI h                         they subtract …
//   γ = (W_EI ⊙ eᵅ) h + ε                       … and divide
//   y = f(g ⊙ ẑ / γ + b)
// All W and g are ≥ 0: what a step of an optimiser makes negative becomes 0 (nn/sign_constraint.hpp, clamp). Only excitatory units are
// seen by the next layer, so that all it gets has one sign, if f gives numbers ≥ 0 (relu). Where nothing comes in, x = 0, or
// inhibition has died, γ is ε alone: y = f(b) for x = 0, and no NaN in either direction.
//
// Initial weights: W_EX and W_IX ~ Exp with mean and standard deviation s, W_EI = 1/inhibitory, α = ln √((2π − 1)/d), g = 1, b = 0; one
// interneuron alone begins as the mean of the excitatory units. s = √(2π/(d (2π − 1))) gives W_EX x the variance 1 over weights and
// inputs that are rectified normal numbers; then ẑ has mean 0, and γ begins as that standard deviation, much as in layer
// normalisation. As γ divides it out, s only sets how far a step moves the weights. Inputs below 0 are outside the model: γ may then
// come near 0 or change its sign.
//
// Backward, δ = f' ⊙ ∂E/∂y, A = δ g/γ, B = −A ẑ/γ:
//   ∂E/∂b = δ,   ∂E/∂g = δ ẑ/γ,   ∂E/∂W_EX = A xᵀ,   ∂E/∂W_EI = −A hᵀ + (B hᵀ) ⊙ eᵅ,   ∂E/∂α_i = eᵅⁱ Σ_e W_EI,ei (B hᵀ)_ei
//   ∂E/∂h = −W_EIᵀ A + (W_EI ⊙ eᵅ)ᵀ B,   ∂E/∂W_IX = ∂E/∂h xᵀ,   ∂E/∂x = W_EXᵀ A + W_IXᵀ ∂E/∂h
// updates = "corrected" divides the gradient of W_IX by √units, that of W_EI by d, and that of α by d √units: a change of an
// interneuron's weight moves all units, and so the answer further than one of W_EX; this makes up for it. (Adam and RMSprop divide
// each gradient by its own size, so that it changes nothing there.)
// Source: Cornford, Kalajdzievski, Leite, Lamarquette, Kullmann, Richards, "Learning to live with Dale's principle: ANNs with separate
// excitatory and inhibitory units", ICLR 2021, sections 3 and 4, appendices.
#pragma once

#include "neurarium/core/registry.hpp"
#include "neurarium/nn/activation_function.hpp"
#include "neurarium/nn/layer.hpp"
#include "neurarium/nn/sign_constraint.hpp"

namespace neurarium {

struct DannParams {
  std::string name;
  std::int64_t units = 10;
  std::int64_t inhibitory = 0;
  std::string activation = "identity";
  std::string updates = "plain";
  double initial_sd = 0;
  double epsilon = 1e-8;
  static Schema fields();
};

template <class T>
class Dann : public Layer<T> {
 public:
  using Params = DannParams;
  explicit Dann(const Params& params) : params_(params), activation_(activation_function(params.activation)) {}
  Dann(const Dann&) = delete;  // parameters point here
  Dann& operator=(const Dann&) = delete;

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<Parameter<T>*> parameters() override { return {&excite_, &drive_, &inhibit_, &alpha_, &gain_, &bias_}; }
  /// Corrected gradients are not those of the function.
  bool has_surrogate_gradient() const override { return is_corrected(); }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    View<const T> in, out;  ///< [n, d], [n, units]
    Tensor<T> h, centred, gamma, divisive,
        a;  ///< [n, inhibitory]; ẑ, then ẑ/γ, and γ [n, units]; W_EI ⊙ eᵅ; a: before f
    mutable Tensor<T> delta, down, shunt, at_h, through;  ///< δ, A, B [n, units]; ∂E/∂h; B hᵀ [units, inhibitory]
  };
  /// All signs of one parameter are +1.
  struct Positive {
    Tensor<T> signs;
    SignConstraint constraint;
    void keep(Parameter<T>& parameter);
  };
  bool is_corrected() const noexcept { return params_.updates == "corrected"; }
  void add_gradients(const Cache& cache, std::span<const View<T>> gradient) const;

  Params params_;
  ActivationFunction activation_;
  std::size_t inputs_ = 0, units_ = 0, inhibitory_ = 0;
  Parameter<T> excite_{"weight_ex", {}}, drive_{"weight_ix", {}}, inhibit_{"weight_ei", {}}, alpha_{"alpha", {}},
      gain_{"gain", {}}, bias_{"bias", {}};
  Positive kept_[4];
};

}  // namespace neurarium
