#include "neurarium/nn/pooling_layer.hpp"

#include "neurarium/nn/images.hpp"

namespace neurarium {

kernels::Pooling pooling_of(const Shape& input, const std::string& layer, std::int64_t size, std::int64_t stride,
                            std::int64_t padding) {
  const Shape image = image_shape(input, layer);
  const auto count = [](std::int64_t x) { return static_cast<std::size_t>(x); };
  const kernels::Pooling pooling{image[0],      image[1], image[2], count(size), count(stride ? stride : size),
                                 count(padding)};
  if (2 * padding > size)
    throw SpecError(layer + ".padding: " + std::to_string(padding) + " is more than half of the window's size " +
                        std::to_string(size),
                    "some windows would hold nothing; make it smaller");
  if (pooling.out().elements() == 0)
    throw ShapeError(layer, "an image that a window of size " + std::to_string(size) + " fits in", to_string(input),
                     "make the window smaller, or add padding");
  return pooling;
}

}  // namespace neurarium
