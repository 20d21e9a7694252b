#include "neurarium/studies/localisation/weight_pictures.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/nn/raster.hpp"
#include "neurarium/nn/sign_constraint.hpp"

namespace neurarium {

Array titled(const std::string& title, const Array& image) {
  Array head = blank_image(letter_height * 2 + 4, std::max(image.shape()[1], text_width(title, 2)), paper);
  draw_text(head, 0, 2, title, ink, 2);
  const Array parts[] = {head, image};
  return stack(parts, 2);
}

Tensor<double> weights_of(Model& model, const std::string& name) {
  for (const NamedView& parameter : model.parameters())
    if (parameter.name == name) return to_tensor<double>(effective_weights(parameter).view());
  throw InternalError("no parameter " + name);
}

double largest_of(const Tensor<double>& w) {
  double most = 0;
  for (const double x : w.flat()) most = std::max(most, std::abs(x));
  return most;
}

Array matrix_picture(const Tensor<double>& w, std::size_t cell_height, std::size_t cell_width, double largest) {
  const Array colours = apply_colormap(ArrayView(w.view()), -largest, largest, ColourMap::diverging);
  const std::size_t rows = w.shape()[0], columns = w.shape()[1];
  Array image = blank_image(rows * cell_height, columns * cell_width, paper);
  const auto from = colours.as<std::uint8_t>();
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      fill_rectangle(image, j * cell_width, i * cell_height, cell_width, cell_height,
                     Colour{from(i, j, 0), from(i, j, 1), from(i, j, 2)});
  return image;
}

}  // namespace neurarium
