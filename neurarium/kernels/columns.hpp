// The columns of a matrix [rows, columns]: sums over their rows in double, and straight lines through their numbers. Each
// column is added up from the first row to the last, whatever the vector's width, so the bits are the same everywhere.
// Batch normalisation is made of these (models/batch_norm).
#pragma once

#include <span>

#include "neurarium/core/tensor.hpp"

namespace neurarium::kernels {

/// sums = Σ (x − shift), squares = Σ (x − shift)²; one number per column in shift, sums and squares.
template <class T>
void column_moments(View<const T> x, std::span<const double> shift, std::span<double> sums, std::span<double> squares);

/// sums = Σ d, products = Σ d (x − shift), for d and x of the same shape.
template <class T>
void column_products(View<const T> d, View<const T> x, std::span<const double> shift, std::span<double> sums,
                     std::span<double> products);

/// y = (x − shift) scale + offset; one number per column in the three.
template <class T>
void scale_columns(std::type_identity_t<View<const T>> x, std::span<const T> shift, std::span<const T> scale,
                   std::span<const T> offset, View<T> y);

/// y = (d − mean − (x − shift) slope) scale; one number per column in the four.
template <class T>
void remove_from_columns(std::type_identity_t<View<const T>> d, std::type_identity_t<View<const T>> x,
                         std::span<const T> mean, std::span<const T> shift, std::span<const T> slope,
                         std::span<const T> scale, View<T> y);

}  // namespace neurarium::kernels
