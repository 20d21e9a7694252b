// Kernels over the rows of a weight matrix W [n, d] that a multiplicative rule learns one sample at a time:
// the update of one sample and the product with the next in one sweep over W, the weighted sum of rows, and the
// logistic function. Run-time dispatch through Highway; `reference` holds the plain loops that they are tested against.
#pragma once

#include <limits>

#include "neurarium/core/tensor.hpp"

namespace neurarium::kernels {

/// How the rows change before they are multiplied.
template <class T>
struct RowUpdate {
  View<const T> gain;                                     ///< [n] s_n
  View<const T> direction;                                ///< [d] q_j
  T largest_growth = std::numeric_limits<T>::infinity();  ///< upper bound of s_n q_j
  bool clip = false;  ///< afterwards, weights that are not above `smallest_weight` become 0
  T smallest_weight = 0;
};

/// w_nj ← w_nj · (1 + min(s_n q_j, largest_growth)), then clipped if asked; then a_n = Σ_j w_nj v_j.
/// Zero gain leaves every finite weight as it is, to the bit.
template <class T>
void update_rows_and_project(View<T> w, const RowUpdate<T>& update, std::type_identity_t<View<const T>> v, View<T> a);

/// r_j = Σ_n o_n w_nj
template <class T>
void weighted_sum_of_rows(std::type_identity_t<View<const T>> w, std::type_identity_t<View<const T>> o, View<T> r);

/// y_i = 1 / (1 + exp(−x_i)); y may be x.
template <class T>
void logistic(std::type_identity_t<View<const T>> x, View<T> y);

namespace reference {
template <class T>
void update_rows_and_project(View<T> w, const RowUpdate<T>& update, std::type_identity_t<View<const T>> v, View<T> a);
template <class T>
void weighted_sum_of_rows(std::type_identity_t<View<const T>> w, std::type_identity_t<View<const T>> o, View<T> r);
template <class T>
void logistic(std::type_identity_t<View<const T>> x, View<T> y);
}  // namespace reference

}  // namespace neurarium::kernels
