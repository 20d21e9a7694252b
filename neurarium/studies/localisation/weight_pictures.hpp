// Weight matrices as pictures.
#pragma once

#include <string>

#include "neurarium/core/tensor.hpp"
#include "neurarium/nn/model.hpp"

namespace neurarium {

/// The parameter of that name as the model multiplies with it, signs and all.
Tensor<double> weights_of(Model& model, const std::string& name);
/// The largest |w|, 0 if there are none.
double largest_of(const Tensor<double>& w);
/// Each number a block of pixels; red excites, blue inhibits, `largest` is the strongest colour.
Array matrix_picture(const Tensor<double>& w, std::size_t cell_height, std::size_t cell_width, double largest);
/// An image under its title.
Array titled(const std::string& title, const Array& image);

}  // namespace neurarium
