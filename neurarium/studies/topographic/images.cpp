#include "neurarium/studies/topographic/images.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "neurarium/data/patches.hpp"
#include "neurarium/nn/study.hpp"
#include "neurarium/studies/topographic/words.hpp"

namespace neurarium {

Schema ImageParams::fields() {
  using P = ImageParams;
  return Schema::of<P>({
      field("crop", &P::crop, "Side of the square cut from the middle of each image, in pixels; 0 = the whole image.")
          .at_least(0),
      field("grey", &P::grey, "Colour images are turned into greys."),
      field("patch", &P::patch, "Photographs: side of the squares cut from them, in pixels.").at_least(1),
      field("patches", &P::patches, "Photographs: squares drawn to learn from.").at_least(1),
  });
}

Array centre_crop(const Array& images, std::size_t crop, ImageShape& shape) {
  const Shape& s = images.shape();
  if (s.axes() < 3) {
    if (crop > 0)
      throw ShapeError("data.crop", "images [n, height, width] or [n, height, width, 3]", to_string(s),
                       "set data.crop=0");
    shape = {1, s.tail().elements(), 1};
    Array flat = images;
    flat.reshape({s[0], s.tail().elements()});
    return flat;
  }
  const std::size_t channels = s.axes() == 4 ? s[3] : 1;
  if (channels != 1 && channels != 3) throw ShapeError("images", "1 or 3 channels", to_string(s));
  if (crop > s[1] || crop > s[2])
    throw ShapeError("data.crop", "at most " + std::to_string(std::min(s[1], s[2])), std::to_string(crop));
  shape = {crop > 0 ? crop : s[1], crop > 0 ? crop : s[2], channels};
  const std::size_t top = crop > 0 ? s[1] / 2 - crop / 2 : 0, left = crop > 0 ? s[2] / 2 - crop / 2 : 0;
  Array out(images.dtype(), {s[0], shape.numbers()});
  const std::size_t item = item_size(images.dtype()), line = shape.width * channels * item;
  std::byte* to = out.view().data();
  for (std::size_t n = 0; n < s[0]; ++n)
    for (std::size_t y = 0; y < shape.height; ++y, to += line)
      std::memcpy(to, images.view().data() + (((n * s[1] + top + y) * s[2] + left) * channels) * item, line);
  return out;
}

Array in_greys(const Array& flat, ImageShape& shape) {
  if (!shape.in_colour()) return flat;
  shape.channels = 1;
  Array out(flat.dtype(), {flat.shape()[0], shape.numbers()});
  with_dtype(flat.dtype(), [&]<class T>() {
    const auto in = flat.as<T>().flat();
    const auto grey = out.as<T>().flat();
    for (std::size_t k = 0; k < grey.size(); ++k) {
      const double value = 0.299 * static_cast<double>(in[3 * k]) + 0.587 * static_cast<double>(in[3 * k + 1]) +
                           0.114 * static_cast<double>(in[3 * k + 2]);
      if constexpr (std::is_floating_point_v<T>) grey[k] = static_cast<T>(value);
      else grey[k] = static_cast<T>(std::lround(value));
    }
  });
  return out;
}

namespace {

/// Squares from photographs: what is learned from and what is held out come from different parts of the folder.
Dataset patches_of(RunContext& context, const ImageFolder& folder, const ImageParams& params, std::size_t held_out,
                   std::vector<std::pair<std::string, std::string>>& left_out) {
  const PhotographSplit split = split_photographs(folder);
  const auto draw = [&](const char* phase, const std::vector<PhotographPart>& parts, std::size_t count,
                        const char* stream) {
    const auto progress = [&](std::size_t done, std::size_t total) {
      if (context.stop_requested()) throw Interrupted("stopped while patches were drawn from the photographs");
      context.progress({phase, static_cast<double>(done), static_cast<double>(total), "photographs", {}});
    };
    return draw_patches(folder, parts, static_cast<std::size_t>(params.patch), count, params.grey,
                        Stream(context.seed(), stream), progress, &context.pool());
  };
  PatchDraw training = draw("patches", split.training, static_cast<std::size_t>(params.patches), "data.patches"),
            test = draw("held-out patches", split.held_out, held_out, "data.held_out_patches");
  for (const auto& [path, reason] : folder.skipped()) left_out.emplace_back(path, reason);
  for (const PatchDraw* drawn : {&training, &test})
    for (const std::string& path : drawn->too_small) left_out.emplace_back(path, "too small for a patch of this size");
  Dataset data;
  data.train.x = std::move(training.patches);
  data.test.x = std::move(test.patches);
  return data;
}

}  // namespace

StudyImages load_images(RunContext& context, const std::string& dataset, const ImageParams& params,
                        std::size_t held_out, const std::vector<std::int64_t>& shown) {
  StudyImages images;
  Dataset data = context.dataset(dataset);
  auto crop = static_cast<std::size_t>(params.crop);
  if (!data.photographs) require_arrays(data);
  if (data.photographs) {
    for (const std::int64_t index : shown) held_out = std::max(held_out, static_cast<std::size_t>(index) + 1);
    Dataset patches = patches_of(context, *data.photographs, params, held_out, images.left_out);
    data.train = std::move(patches.train);
    data.test = std::move(patches.test);
    crop = 0;
  } else if (data.test.samples() == 0) {
    context.choice("held-out images", "the training images: the data set has no test split");
    data.test = data.train;
  }
  images.source = data.name;
  images.divisor = data.divisor;
  images.training = centre_crop(data.train.x, crop, images.shape);
  ImageShape test_shape;
  Array test = centre_crop(data.test.x, crop, test_shape);
  if (test_shape != images.shape)
    throw ShapeError("test images", to_string(images.training.shape()), to_string(test.shape()));
  if (params.grey) {
    images.training = in_greys(images.training, images.shape);
    test = in_greys(test, test_shape);
  }
  const auto as_seen = [&](ArrayView rows) { return scaled(rows, images.divisor, DType::f64); };
  const std::size_t available = test.shape()[0], measured = std::min(available, held_out);
  images.held_out = as_seen(std::as_const(test).view().rows(0, measured));
  images.held_out_words = with_commas(measured) + (data.photographs ? " held-out patches" : " held-out images");
  for (const std::int64_t index : shown) {
    if (static_cast<std::size_t>(index) >= available)
      throw SpecError("analysis.images: there is no test image " + std::to_string(index),
                      "the data set has 0 … " + std::to_string(available - 1));
    images.shown.push_back(as_seen(std::as_const(test).view().rows(static_cast<std::size_t>(index), 1)));
  }
  return images;
}

}  // namespace neurarium
