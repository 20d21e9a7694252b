#include "neurarium/nn/build_model.hpp"
#include "neurarium/nn/classes.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/eventprop_training/timed_findings.hpp"
#include "neurarium/train/evaluation.hpp"

namespace neurarium {
namespace {

constexpr std::size_t nodes = 180, factor = 3;  // points along an edge, pixels for each
constexpr Colour class_colour[] = {{47, 111, 179}, {226, 178, 62}, {60, 141, 90}}, error_colour{200, 30, 30};

Colour paler(Colour colour, double share) {
  const auto mixed = [&](std::uint8_t c) { return static_cast<std::uint8_t>(255 - share * (255 - c)); };
  return {mixed(colour.red), mixed(colour.green), mixed(colour.blue)};
}

/// Samples as the task gives them: x, y, 1 − x, 1 − y.
Array points_of_plane(DType dtype) {
  Array points(dtype, {nodes * nodes, 4});
  with_floating(dtype, [&]<class T>() {
    for (std::size_t i = 0; i < nodes * nodes; ++i) {
      const std::size_t line = i / nodes, column = i % nodes;
      const double x = (static_cast<double>(column) + 0.5) / nodes, y = 1 - (static_cast<double>(line) + 0.5) / nodes;
      const double row[] = {x, y, 1 - x, 1 - y};
      for (std::size_t k = 0; k < 4; ++k) points.as<T>()(i, k) = static_cast<T>(row[k]);
    }
  });
  return points;
}

}  // namespace

void add_yin_yang(RunContext& context, const TimedFindings& found) {
  const auto model = network_with<Trainable>(found.outcomes.front().network, context.registry(), "this study");
  const auto believed = [&](const Array& x) {
    return softmax(to_tensor<double>(answers_of(*model, x.view(), 1, context).view()).view());
  };
  const Tensor<double> plane = believed(points_of_plane(model->scalar()));
  Array picture = blank_image(nodes * factor, nodes * factor, paper);
  for (std::size_t i = 0; i < nodes * nodes; ++i) {
    const std::size_t line = i / nodes, column = i % nodes;
    const double x = (static_cast<double>(column) + 0.5) / nodes - 0.5,
                 y = (static_cast<double>(line) + 0.5) / nodes - 0.5;
    if (x * x + y * y > 0.25) continue;
    const std::size_t winner = strongest(plane.view()[i].flat());
    fill_rectangle(picture, i % nodes * factor, i / nodes * factor, factor, factor,
                   paler(class_colour[winner], 1.5 * plane(i, winner) - 0.5));
  }
  const Array& samples = found.data.test.x;
  const Tensor<double> tests = believed(samples), x = to_tensor<double>(samples.view());
  const auto labels = std::as_const(found.data.test.y).as<std::int64_t>().flat();
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (strongest(tests.view()[i].flat()) == static_cast<std::size_t>(labels[i])) continue;
    const double side = nodes * factor;
    const Point at{x(i, std::size_t{0}) * side, (1 - x(i, std::size_t{1})) * side};
    draw_disc(picture, at, 6, paper), draw_disc(picture, at, 4.5, error_colour);
    draw_disc(picture, at, 2.5, class_colour[labels[i]]), ++wrong;
  }
  context.add(
      Picture{"plane", "What the network sees in the disc",
              "The class that the first network finds likeliest at each point: yin blue, yang yellow, dots green; the "
              "paler, the less sure it is. Red rings: the " +
                  std::to_string(wrong) + " of " + std::to_string(labels.size()) +
                  " test samples that it takes for another class, inside the colour of their own.",
              std::move(picture), true});
}

}  // namespace neurarium
