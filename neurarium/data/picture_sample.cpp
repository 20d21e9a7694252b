#include "neurarium/data/picture_sample.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace neurarium {
namespace {

std::string size_text(const ImageSize& size) {
  return std::to_string(size.width) + " × " + std::to_string(size.height) + " pixels (width × height)";
}

/// Planes [channels, height, width] from [height, width, 3].
Tensor<float> planes_of(View<const std::uint8_t> image, bool grey, bool invert) {
  const std::size_t height = image.shape()[0], width = image.shape()[1], pixels = height * width;
  Tensor<float> planes(Shape{grey ? std::size_t{1} : 3, height, width});
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint8_t* rgb = image.data() + 3 * i;
    const auto put = [&](std::size_t channel, unsigned v) {
      planes.flat()[channel * pixels + i] = static_cast<float>(invert ? 255 - v : v);
    };
    if (grey) put(0, (299u * rgb[0] + 587u * rgb[1] + 114u * rgb[2] + 500u) / 1000u);
    else
      for (std::size_t channel = 0; channel < 3; ++channel) put(channel, rgb[channel]);
  }
  return planes;
}

struct Share {
  std::size_t from;
  float weight;
};

/// What each of `to` new pixels takes of `from` old ones along one axis; the weights of a pixel sum to 1.
std::vector<std::vector<Share>> shares(std::size_t from, std::size_t to) {
  std::vector<std::vector<Share>> all(to);
  const double step = static_cast<double>(from) / static_cast<double>(to);
  for (std::size_t i = 0; i < to; ++i) {
    if (step > 1) {  // the area [low, high) that it covers
      const double low = static_cast<double>(i) * step, high = low + step;
      for (auto k = static_cast<std::size_t>(low); k < from && static_cast<double>(k) < high; ++k) {
        const double overlap = std::min(high, static_cast<double>(k) + 1) - std::max(low, static_cast<double>(k));
        if (overlap > 0) all[i].push_back({k, static_cast<float>(overlap / step)});
      }
      continue;
    }
    const double at = std::clamp((static_cast<double>(i) + 0.5) * step - 0.5, 0.0, static_cast<double>(from - 1));
    const auto whole = std::min(static_cast<std::size_t>(at), from - 1);
    const auto rest = static_cast<float>(at - static_cast<double>(whole));
    all[i].push_back({whole, 1 - rest});
    if (rest > 0) all[i].push_back({whole + 1, rest});
  }
  return all;
}

Tensor<float> resized(const Tensor<float>& planes, const ImageSize& size) {
  const std::size_t channels = planes.shape()[0], height = planes.shape()[1], width = planes.shape()[2];
  const auto down = shares(height, size.height), across = shares(width, size.width);
  Tensor<float> low(Shape{channels, size.height, width}), out(Shape{channels, size.height, size.width});
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t y = 0; y < size.height; ++y) {
      for (const Share& share : down[y])
        for (std::size_t x = 0; x < width; ++x) low(c, y, x) += share.weight * planes(c, share.from, x);
      for (std::size_t x = 0; x < size.width; ++x)
        for (const Share& share : across[x]) out(c, y, x) += share.weight * low(c, y, share.from);
    }
  return out;
}

}  // namespace

std::optional<PictureForm> picture_form(const Shape& sample) {
  using Order = PictureForm::Order;
  if (sample.elements() == 0) return std::nullopt;
  if (sample.axes() == 1) {
    const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(sample[0]))));
    if (side < 2 || side * side != sample[0]) return std::nullopt;
    return PictureForm{{side, side}, Order::grey};
  }
  if (sample.axes() == 2) return PictureForm{{sample[0], sample[1]}, Order::grey};
  if (sample.axes() != 3) return std::nullopt;
  if (sample[2] == 3) return PictureForm{{sample[0], sample[1]}, Order::colours_last};
  if (sample[0] == 3) return PictureForm{{sample[1], sample[2]}, Order::colours_first};
  if (sample[0] == 1) return PictureForm{{sample[1], sample[2]}, Order::grey};
  if (sample[2] == 1) return PictureForm{{sample[0], sample[1]}, Order::grey};
  return std::nullopt;
}

Tensor<float> picture_sample(ArrayView image, const Shape& sample, const PictureOptions& options,
                             const std::string& source) {
  const auto form = picture_form(sample);
  if (!form)
    throw ShapeError(source, "a network that takes pictures: [height, width] or [height, width, 3]",
                     "one that takes " + to_string(sample));
  const auto pixels = image.as<std::uint8_t>();
  const ImageSize found{pixels.shape()[0], pixels.shape()[1]};
  const bool fits = found.height == form->size.height && found.width == form->size.width;
  if (!fits && !options.resize)
    throw ShapeError(source, size_text(form->size), size_text(found), "resize it (--resize does)");
  Tensor<float> planes = planes_of(pixels, form->order == PictureForm::Order::grey, options.invert);
  if (!fits) planes = resized(planes, form->size);
  Tensor<float> out(sample);
  if (form->order == PictureForm::Order::colours_last) {
    const std::size_t count = form->size.height * form->size.width;
    for (std::size_t i = 0; i < out.size(); ++i) out.flat()[i] = planes.flat()[i % 3 * count + i / 3];
  } else {
    std::ranges::copy(planes.flat(), out.flat().begin());
  }
  return out;
}

}  // namespace neurarium
