#include "neurarium/studies/localisation/weight_pictures.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/nn/sign_constraint.hpp"

namespace neurarium {

Array titled(const std::string& title, const Array& image, std::size_t scale) {
  Array head = blank_image(letter_height * scale + 4, std::max(image.shape()[1], text_width(title, scale)), paper);
  draw_text(head, 0, 2, title, ink, scale);
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

Array sample_weights_picture(const Tensor<double>& w1, std::span<const std::size_t> units, std::size_t columns,
                             double largest) {
  constexpr std::size_t width = 150, height = 110;
  const std::size_t fibres = w1.shape()[0] / 2;
  const Frame frame{0, std::max(1., static_cast<double>(fibres) - 1), -largest, largest, width, height};
  std::vector<Array> rows, row;
  for (const std::size_t unit : units) {
    Array panel = blank_image(height, width, Colour{250, 250, 250});
    const Point zero[] = {frame.pixel(frame.x_low, 0), frame.pixel(frame.x_high, 0)};
    draw_polyline(panel, zero, Colour{170, 170, 170}, 1);
    for (const std::size_t ear : {0, 1}) {
      std::vector<Point> line;
      for (std::size_t j = 0; j < fibres; ++j)
        line.push_back(frame.pixel(static_cast<double>(j), w1(ear * fibres + j, unit)));
      draw_polyline(panel, line, ear == 0 ? ink : right_ear, 1.2, 0.9);
    }
    row.push_back(titled("unit " + std::to_string(unit), panel, 1));
    if (row.size() == columns) rows.push_back(beside(row, 10)), row.clear();
  }
  if (!row.empty()) rows.push_back(beside(row, 10));
  return stack(rows, 10);
}

}  // namespace neurarium
