// finite_gaussian_conv2d: finite Gaussian units that look at every patch of an image, y = f(w ⋆ x + b) · exp(−q).
//
// For entries X [channels, height, width] (or [height, width]: one channel), with W and centres C [filters, channels, k, k], let
// p_ij be the patch at output position (i, j): the d = channels · k² numbers x[c, i s + u e − p, j s + v e − p] (x = 0 outside the
// image; stride s, padding p, dilation e). Then, as in a layer of units over rows (models/finite_gaussian):
//   l_fij = w_f · p_ij + b_f,   y_fij = f(l_fij) · exp(−q_fij) · S     [filters, height', width'], as in conv2d
//   q_fij = Σ |(p_ij − c_f) / σ_f|^order                              σ in units of √d: one per filter (spherical), or one per
//                                                                     filter, channel and place in the patch (diagonal), or full
// The support that a sample has after the layer is the largest exp(−q) of all filters and positions, times S; S is the support
// that it had before (with gate = true, else 1).
// Patches are copied into rows, so a batch takes positions · d numbers per sample while it is worked on; all else is products of
// matrices (nn/gaussian). Shapes, names and meaning of the geometry are those of conv2d and torch.nn.Conv2d.
// Source: Felix Grezes, "Finite Gaussian Neurons", arXiv 2306.07796 (there in one dimension, for speech).
#pragma once

#include "neurarium/kernels/convolution.hpp"
#include "neurarium/nn/gaussian/gaussian_units.hpp"

namespace neurarium {

struct FiniteGaussianConv2dParams : GaussianUnitsParams {
  std::string name;
  std::int64_t filters = 16;
  std::int64_t kernel_size = 3;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
  std::int64_t dilation = 1;
  static Schema fields();
};

template <class T>
class FiniteGaussianConv2d : public Layer<T> {
 public:
  using Params = FiniteGaussianConv2dParams;
  FiniteGaussianConv2d(const Params& params, std::shared_ptr<const Initialiser> initialiser)
      : params_(params), units_(params, std::move(initialiser)) {}

  Shape build(const Shape& input, const std::string& name, std::uint64_t seed) override;
  std::vector<Parameter<T>*> parameters() override { return units_.parameters(); }
  std::vector<Parameter<T>*> buffers() override { return units_.buffers(); }
  bool says_support() const override { return true; }
  double penalty(const Tape& tape) const override { return units_.penalty(tape.cache<Cache>().units); }
  void forward(const Activity<T>& in, Activity<T>& out, const Context& context, Tape& tape) const override;
  void backward(const Activity<T>& out_gradient, Activity<T>* in_gradient, const Tape& tape,
                std::span<const View<T>> gradient) const override;

 private:
  struct Cache {
    typename GaussianUnits<T>::Cache units;
    Tensor<T> patches, answers;          ///< rows: one for each position of each sample
    mutable Tensor<T> padded;            ///< one image with its zeros around it
    mutable Tensor<T> slopes, dpatches;  ///< likewise
  };
  Params params_;
  GaussianUnits<T> units_;
  kernels::Convolution convolution_;
  Shape entry_;  ///< of the input, as it comes
};

}  // namespace neurarium
