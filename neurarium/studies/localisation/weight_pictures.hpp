// Weight matrices as pictures.
#pragma once

#include <span>
#include <string>

#include "neurarium/core/tensor.hpp"
#include "neurarium/nn/model.hpp"
#include "neurarium/nn/raster.hpp"

namespace neurarium {

/// What belongs to the right ear, where the left one has the colour of ink.
inline constexpr Colour right_ear{176, 58, 46};

/// The parameter of that name as the model multiplies with it, signs and all.
Tensor<double> weights_of(Model& model, const std::string& name);
/// The largest |w|, 0 if there are none.
double largest_of(const Tensor<double>& w);
/// Each number a block of pixels; red excites, blue inhibits, `largest` is the strongest colour.
Array matrix_picture(const Tensor<double>& w, std::size_t cell_height, std::size_t cell_width, double largest);
/// Of W1 [2 · fibres, hidden]: a panel for each of these hidden units in rows of `columns`, the weights of its synapses with the fibres
/// of the left ear (ink) and the right one, from the first fibre to the last, on one scale of ± `largest`.
Array sample_weights_picture(const Tensor<double>& w1, std::span<const std::size_t> units, std::size_t columns,
                             double largest);
/// An image under its title.
Array titled(const std::string& title, const Array& image, std::size_t scale = 2);

}  // namespace neurarium
