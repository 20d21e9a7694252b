#include "neurarium/nn/augmentation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "neurarium/core/rng.hpp"
#include "neurarium/data/picture_sample.hpp"

namespace neurarium {

Schema AugmentationParams::fields() {
  using P = AugmentationParams;
  return Schema::of<P>({
      field("shift", &P::shift, "Largest shift along each axis, uniform to either side.").unit("pixel").at_least(0),
      field("rotate", &P::rotate, "Largest turn, uniform to either side.").unit("deg").between(0, 180),
      field("scale", &P::scale, "0.1: sizes from 1/1.1 to 1.1, uniform in their logarithm.").between(0, 4),
      field("shear", &P::shear, "Largest lean to either side, uniform.").unit("deg").between(0, 60),
      field("elastic", &P::elastic, "Standard deviation of a smooth random displacement of each pixel.")
          .unit("pixel")
          .at_least(0),
      field("elastic_sigma", &P::elastic_sigma, "How smooth that is: sd of the Gaussian that smooths it.")
          .unit("pixel")
          .between(0.5, 100),
      field("flip", &P::flip, "Mirror left and right, every second time."),
  });
}

bool AugmentationParams::wanted() const noexcept {
  return shift > 0 || rotate > 0 || scale > 0 || shear > 0 || elastic > 0 || flip;
}

namespace {

constexpr const char* stream_path = "augmentation";
enum : std::uint32_t { affine_draws, elastic_draws };  // Counter::step

/// 32 random bits as a number in [−1, 1).
double to_either_side(std::uint32_t bits) noexcept { return static_cast<std::int32_t>(bits) * 0x1p-31; }
float to_either_side_float(std::uint32_t bits) noexcept {
  return static_cast<float>(static_cast<std::int32_t>(bits)) * 0x1p-31f;
}

Warp draw_warp(const AugmentationParams& params, const Stream& stream, std::uint32_t epoch, std::uint64_t sample_id) {
  const auto sample = static_cast<std::uint32_t>(sample_id);
  const auto first = philox(stream, {epoch, sample, affine_draws, 0});
  const auto second = philox(stream, {epoch, sample, affine_draws, 1});
  Warp warp;
  warp.shift_x = params.shift * to_either_side(first[0]);
  warp.shift_y = params.shift * to_either_side(first[1]);
  warp.rotate = params.rotate * to_either_side(first[2]);
  warp.scale = std::exp(std::log1p(params.scale) * to_either_side(first[3]));
  warp.shear = params.shear * to_either_side(second[0]);
  warp.flip = params.flip && second[1] >> 31;
  return warp;
}

/// Where output pixel (x, y) comes from: (xx·x + xy·y + x0, yx·x + yy·y + y0).
struct Source {
  double xx, xy, x0, yx, yy, y0;
  Source(const Warp& warp, std::size_t height, std::size_t width) {
    constexpr double radian = std::numbers::pi / 180;
    const double c = std::cos(warp.rotate * radian) / warp.scale, s = std::sin(warp.rotate * radian) / warp.scale;
    const double lean = std::tan(warp.shear * radian), mirror = warp.flip ? -1 : 1;
    xx = mirror * (c + lean * s), xy = mirror * (lean * c - s);
    yx = s, yy = c;
    const double centre_x = 0.5 * (static_cast<double>(width) - 1), centre_y = 0.5 * (static_cast<double>(height) - 1);
    const double from_x = centre_x + warp.shift_x, from_y = centre_y + warp.shift_y;
    x0 = centre_x - xx * from_x - xy * from_y;
    y0 = centre_y - yx * from_x - yy * from_y;
  }
};

/// Moves images of one size. Holds the room for it, so that no image costs an allocation.
class Mover {
 public:
  Mover(std::size_t height, std::size_t width)
      : height_(height),
        width_(width),
        pitch_(width + border),
        padded_((height + border) * pitch_),
        place_(height * width),
        share_x_(height * width),
        share_y_(height * width) {}

  /// Finds for each pixel where it comes from: the upper left one of four pixels, and the shares of the others.
  void aim(const Source& source, const float* displacement) {
    const auto xx = static_cast<float>(source.xx), yx = static_cast<float>(source.yx);
    // Beyond one pixel outside everything is 0, so positions may be clamped there.
    const auto most_x = static_cast<float>(width_ + 1), most_y = static_cast<float>(height_ + 1);
    const auto pitch = static_cast<std::int32_t>(pitch_);
    for (std::size_t y = 0; y < height_; ++y) {
      const auto row = static_cast<double>(y);
      const auto start_x = static_cast<float>(source.x0 + source.xy * row + 1);  // + 1: the padding
      const auto start_y = static_cast<float>(source.y0 + source.yy * row + 1);
      const float* bend = displacement ? displacement + 2 * y * width_ : nullptr;
      std::int32_t* place = place_.data() + y * width_;
      float *share_x = share_x_.data() + y * width_, *share_y = share_y_.data() + y * width_;
      for (std::size_t x = 0; x < width_; ++x) {
        const auto column = static_cast<float>(static_cast<std::int32_t>(x));
        float at_x = start_x + xx * column, at_y = start_y + yx * column;
        if (bend) at_x += bend[x], at_y += bend[width_ + x];
        at_x = std::min(std::max(at_x, 0.0f), most_x);
        at_y = std::min(std::max(at_y, 0.0f), most_y);
        const auto whole_x = static_cast<std::int32_t>(at_x), whole_y = static_cast<std::int32_t>(at_y);
        place[x] = whole_y * pitch + whole_x;
        share_x[x] = at_x - static_cast<float>(whole_x);
        share_y[x] = at_y - static_cast<float>(whole_y);
      }
    }
  }

  template <class T>
  void move(const T* image, float* out) {
    for (std::size_t y = 0; y < height_; ++y)
      for (std::size_t x = 0; x < width_; ++x)
        padded_[(y + 1) * pitch_ + x + 1] = static_cast<float>(image[y * width_ + x]);
    const float* padded = padded_.data();
    for (std::size_t i = 0; i < height_ * width_; ++i) {
      const float *upper = padded + place_[i], *lower = upper + pitch_;
      const float right = share_x_[i], down = share_y_[i], left = 1 - right;
      out[i] = (1 - down) * (left * upper[0] + right * upper[1]) + down * (left * lower[0] + right * lower[1]);
    }
  }

 private:
  static constexpr std::size_t border = 3;  // one before, two behind: the clamped positions and their right neighbours
  std::size_t height_, width_, pitch_;
  std::vector<float> padded_;
  std::vector<std::int32_t> place_;
  std::vector<float> share_x_, share_y_;
};

/// Draws elastic displacements of one size, [h, 2, w].
class Bender {
 public:
  Bender(const AugmentationParams& params, std::size_t height, std::size_t width)
      : height_(height),
        width_(width),
        radius_(static_cast<std::size_t>(4 * params.elastic_sigma + 0.5)),
        weights_(2 * radius_ + 1),
        noise_(2 * height * width),
        half_(2 * height * width),
        field_(2 * height * width) {
    double sum = 0, squares = 0;
    const auto at = [&](std::size_t i) {
      const double z = (static_cast<double>(i) - static_cast<double>(radius_)) / params.elastic_sigma;
      return std::exp(-0.5 * z * z);
    };
    for (std::size_t i = 0; i < weights_.size(); ++i) sum += at(i), squares += at(i) * at(i);
    // Uniform numbers in [−1, 1] have the variance 1/3; smoothing multiplies it by Σ weight² along each of two axes.
    const double deviation = std::sqrt(1.0 / 3) * squares / (sum * sum);
    const double factor = std::sqrt(params.elastic / deviation) / sum;
    for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] = static_cast<float>(at(i) * factor);
  }

  const float* draw(const Stream& stream, std::uint32_t epoch, std::uint64_t sample_id) {
    const std::size_t pixels = height_ * width_;
    for (std::size_t i = 0; i < pixels; i += 2) {
      const auto block = philox(
          stream, {epoch, static_cast<std::uint32_t>(sample_id), elastic_draws, static_cast<std::uint32_t>(i / 2)});
      put(i, block[0], block[1]);
      if (i + 1 < pixels) put(i + 1, block[2], block[3]);
    }
    smooth();
    return field_.data();
  }

 private:
  void put(std::size_t pixel, std::uint32_t x, std::uint32_t y) noexcept {
    float* at = noise_.data() + pixel / width_ * 2 * width_ + pixel % width_;
    at[0] = to_either_side_float(x);
    at[width_] = to_either_side_float(y);
  }

  /// Down the columns, then along the rows. The inner loops run over neighbours in memory, and each sum has a fixed order.
  void smooth() noexcept {
    const std::size_t row = 2 * width_;
    std::ranges::fill(half_, 0.0f);
    for (std::size_t y = 0; y < height_; ++y) {
      const std::size_t first = y > radius_ ? y - radius_ : 0, last = std::min(height_ - 1, y + radius_);
      float* to = half_.data() + y * row;
      for (std::size_t from = first; from <= last; ++from) {
        const float weight = weights_[from + radius_ - y];
        const float* source = noise_.data() + from * row;
        for (std::size_t x = 0; x < row; ++x) to[x] += weight * source[x];
      }
    }
    std::ranges::fill(field_, 0.0f);
    const std::size_t reach = std::min(radius_, width_ - 1);
    for (std::size_t line = 0; line < 2 * height_; ++line) {
      const float* source = half_.data() + line * width_;
      float* to = field_.data() + line * width_;
      for (std::size_t distance = reach; distance > 0; --distance) {  // from the left
        const float weight = weights_[radius_ - distance];
        for (std::size_t x = distance; x < width_; ++x) to[x] += weight * source[x - distance];
      }
      for (std::size_t distance = 0; distance <= reach; ++distance) {
        const float weight = weights_[radius_ + distance];
        for (std::size_t x = 0; x + distance < width_; ++x) to[x] += weight * source[x + distance];
      }
    }
  }

  std::size_t height_, width_, radius_;
  std::vector<float> weights_, noise_, half_, field_;
};

}  // namespace

Warp drawn_warp(const AugmentationParams& params, std::uint64_t seed, std::uint32_t epoch, std::uint64_t sample_id) {
  return draw_warp(params, Stream(seed, stream_path), epoch, sample_id);
}

void warp_image(View<const float> image, const Warp& warp, View<const float> displacement, View<float> out) {
  const Shape& shape = image.shape();
  if (shape.axes() != 2 && shape.axes() != 3)
    throw ShapeError("warp_image", "[height, width] or [channels, height, width]", to_string(shape));
  if (out.shape() != shape) throw ShapeError("warp_image: out", to_string(shape), to_string(out.shape()));
  const std::size_t height = shape[shape.axes() - 2], width = shape[shape.axes() - 1], pixels = height * width;
  if (pixels == 0) return;
  const bool bends = displacement.size() > 0;
  if (bends && displacement.shape() != Shape{height, 2, width})
    throw ShapeError("warp_image: displacement", to_string(Shape{height, 2, width}), to_string(displacement.shape()));
  Mover mover(height, width);
  mover.aim(Source(warp, height, width), bends ? displacement.data() : nullptr);
  for (std::size_t i = 0; i < image.size(); i += pixels) mover.move(image.data() + i, out.data() + i);
}

void augment(ArrayView x, const AugmentationParams& params, const Context& context, View<float> out) {
  const Shape& shape = x.shape();
  if (shape.axes() != 3 && shape.axes() != 4)
    throw ShapeError("augmentation", "images: [samples, height, width] or [samples, channels, height, width]",
                     to_string(shape), "only images can be augmented");
  if (out.shape() != shape) throw ShapeError("augmentation: out", to_string(shape), to_string(out.shape()));
  const std::size_t samples = shape[0], height = shape[shape.axes() - 2], width = shape[shape.axes() - 1];
  if (context.sample_ids.size() != samples)
    throw ShapeError("augmentation: sample ids", std::to_string(samples) + " numbers, one per sample",
                     std::to_string(context.sample_ids.size()));
  if (x.empty()) return;
  if (!params.wanted()) return scale_into(x, 1, out.flat());
  const Stream stream(context.seed, stream_path);
  const std::size_t pixels = height * width, per_sample = x.size() / samples;
  Mover mover(height, width);
  std::vector<Bender> bender;  // none or one
  if (params.elastic > 0) bender.emplace_back(params, height, width);
  with_dtype(x.dtype(), [&]<class T>() {
    const T* from = x.as<T>().data();
    for (std::size_t n = 0; n < samples; ++n) {
      const std::uint64_t id = context.sample_ids[n];
      mover.aim(Source(draw_warp(params, stream, context.epoch, id), height, width),
                bender.empty() ? nullptr : bender.front().draw(stream, context.epoch, id));
      for (std::size_t i = 0; i < per_sample; i += pixels)
        mover.move(from + n * per_sample + i, out.data() + n * per_sample + i);
    }
  });
}

Array augmented(ArrayView x, const AugmentationParams& params, const Context& context) {
  const Shape& shape = x.shape();
  Array out(DType::f32, shape);
  if (x.empty()) return out;
  const auto form = shape.axes() == 3 || shape.axes() == 4 ? picture_form(shape.tail()) : std::nullopt;
  if (!form)
    throw ShapeError("augmentation",
                     "pictures: [samples, height, width], or with 1 or 3 channels as the second or the last axis",
                     to_string(shape), "turn augmentation off, or give the samples that shape");
  if (form->order != PictureForm::Order::colours_last) {
    // [h, w, 1], [1, h, w] and [h, w] are the same numbers in the same order.
    const bool grey = form->order == PictureForm::Order::grey;
    const Shape planes = grey ? Shape{shape[0], form->size.height, form->size.width} : shape;
    augment({x.dtype(), planes, x.data()}, params, context, out.as<float>().reshaped(planes));
    return out;
  }
  // The channels become planes, and are put back behind one another.
  const std::size_t pixels = shape[1] * shape[2], channels = shape[3];
  Tensor<float> planes(Shape{shape[0], channels, shape[1], shape[2]}), changed(planes.shape());
  const auto place = [&](std::size_t i) {
    return (i / channels / pixels * channels + i % channels) * pixels + i / channels % pixels;
  };
  const Tensor<float> numbers = to_tensor<float>(x);
  for (std::size_t i = 0; i < numbers.size(); ++i) planes.flat()[place(i)] = numbers.flat()[i];
  augment(planes.view(), params, context, changed.view());
  const auto to = out.as<float>().flat();
  for (std::size_t i = 0; i < numbers.size(); ++i) to[i] = changed.flat()[place(i)];
  return out;
}

}  // namespace neurarium
