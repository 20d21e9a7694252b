// Data augmentation for images: what a network sees in training is each time moved, turned, scaled, sheared, bent or
// mirrored a little, always differently.
//
// One map per sample, the same for all its channels. It takes a point p of the image, measured from the image's centre
// (x to the right, y down), to
//   p' = R(θ) H(φ) s F p + t      F = diag(±1, 1) mirrors,  s scales,  H = (1 −tan φ; 0 1) leans to the right,
//                                 R = (cos θ sin θ; −sin θ cos θ) turns counter-clockwise,  t shifts
// Each new pixel p' looks up where it comes from, p + d(p'), and takes the bilinear mean of the four pixels there; outside
// the image everything is 0. d is the elastic displacement: two fields of independent numbers, uniform in [−1, 1], smoothed
// by a Gaussian of standard deviation σ (cut off at 4 σ, zeros outside), and scaled so that d has standard deviation
// `elastic` per axis (less towards the edges). Simard's α is then 2√(3π) σ · elastic; the paper's σ = 4, α = 34 are elastic = 1.38.
//
// Every draw is a pure function of (seed, "augmentation", epoch, sample id): it depends on no batch, shard or thread.
// Source: Simard, Steinkraus, Platt, "Best practices for convolutional neural networks applied to visual document
// analysis", ICDAR 2003.
#pragma once

#include <cstdint>

#include "neurarium/core/array.hpp"
#include "neurarium/core/schema.hpp"
#include "neurarium/nn/context.hpp"

namespace neurarium {

struct AugmentationParams {
  double shift = 0;
  double rotate = 0;
  double scale = 0;
  double shear = 0;
  double elastic = 0;
  double elastic_sigma = 4;
  bool flip = false;
  static Schema fields();
  /// Whether anything would be changed.
  bool wanted() const noexcept;
};

/// What was drawn for one sample, without the elastic displacement.
struct Warp {
  double shift_x = 0, shift_y = 0;  ///< pixels, to the right and down
  double rotate = 0;                ///< degrees, counter-clockwise
  double scale = 1;
  double shear = 0;  ///< degrees, to the right
  bool flip = false;
};
Warp drawn_warp(const AugmentationParams& params, std::uint64_t seed, std::uint32_t epoch, std::uint64_t sample_id);

/// One image [h, w] or [c, h, w] under a given map. `displacement`, empty or [h, 2, w], is d: in each row first along x,
/// then along y.
void warp_image(View<const float> image, const Warp& warp, View<const float> displacement, View<float> out);

/// Augments the samples x, [n, h, w] or [n, c, h, w], into `out`, of the same shape and range of numbers.
/// `context` says seed, epoch and sample ids (one per sample). ShapeError if these do not fit.
void augment(ArrayView x, const AugmentationParams& params, const Context& context, View<float> out);

/// The same for pictures as samples have them, as float32 of that shape: [n, h, w], or with 1 or 3 channels as the second or
/// the last axis (data/picture_sample.hpp says which, where it could be either). ShapeError otherwise.
Array augmented(ArrayView x, const AugmentationParams& params, const Context& context);

}  // namespace neurarium
