#include "neurarium/models/finite_gaussian/patches.hpp"

#include "neurarium/kernels/convolution.hpp"
#include "neurarium/nn/images.hpp"

namespace neurarium {

Tensor<double> patches_of(ArrayView h, const Value& layer, std::size_t most) {
  const auto setting = [&](const char* name, std::int64_t usual) {
    const Value* given = layer.find(name);
    return static_cast<std::size_t>(given ? given->as_integer() : usual);
  };
  const Shape image = image_shape(h.shape().tail(), "a convolution");
  const std::size_t k = setting("kernel_size", 3), stride = setting("stride", 1), padding = setting("padding", 0),
                    dilation = setting("dilation", 1);
  const Shape out =
      kernels::Convolution{image[0], image[1], image[2], setting("filters", 16), k, k, stride, padding, dilation}.out();
  const std::size_t positions = out[1] * out[2], all = h.shape()[0] * positions;
  std::size_t step = (all + most - 1) / most;
  step += step > 1 && step % 2 == 0;  // odd: rows of even length are not seen at the same places ever again
  const Tensor<double> x = to_tensor<double>(h);
  Tensor<double> rows(Shape{(all + step - 1) / step, image[0] * k * k});
  for (std::size_t r = 0; r < rows.shape()[0]; ++r) {
    const std::size_t place = r * step, sample = place / positions, i = place % positions / out[2], j = place % out[2];
    double* row = rows.view()[r].data();
    for (std::size_t c = 0; c < image[0]; ++c)
      for (std::size_t u = 0; u < k; ++u)
        for (std::size_t v = 0; v < k; ++v, ++row) {
          const std::size_t y = i * stride + u * dilation, z = j * stride + v * dilation;
          const bool inside = y >= padding && y - padding < image[1] && z >= padding && z - padding < image[2];
          if (inside) *row = x.flat()[((sample * image[0] + c) * image[1] + y - padding) * image[2] + z - padding];
        }
  }
  return rows;
}

}  // namespace neurarium
