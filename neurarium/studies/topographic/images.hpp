// The images a map sees: crops of a data set or patches of photographs, and what is held out from learning.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/schema.hpp"

namespace neurarium {

class RunContext;

/// Height, width and channels (1 or 3) of flat images.
struct ImageShape {
  std::size_t height = 0, width = 0, channels = 1;
  std::size_t numbers() const { return height * width * channels; }
  bool in_colour() const { return channels == 3; }
  friend bool operator==(const ImageShape&, const ImageShape&) = default;
};

struct ImageParams {
  std::int64_t crop = 10;
  bool grey = false;
  std::int64_t patch = 10;
  std::int64_t patches = 50000;
  static Schema fields();
};

/// The middle crop × crop pixels of images [n, h, w(, 3)] as flat rows [n, crop·crop·channels], in the order height, width,
/// channel. From row and column h/2 − crop/2 on, as the notebook cuts [11, 21) of 32. crop = 0 keeps the whole image.
/// Rows [n, D] that are no images stay as they are.
Array centre_crop(const Array& images, std::size_t crop, ImageShape& shape);

/// Flat colour images [n, D] as greys [n, D/3] of the same type: 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601), bytes
/// rounded. Grey images stay as they are.
Array in_greys(const Array& flat, ImageShape& shape);

struct StudyImages {
  std::string source;  ///< the data set's name
  ImageShape shape;
  Array training;  ///< flat rows [n, D] as stored; x / divisor is what the map sees
  double divisor = 1;
  Array held_out;            ///< [m, D] float64, already divided
  std::vector<Array> shown;  ///< [1, D] float64, the held-out images asked for
  /// Photographs that were left out: file and reason.
  std::vector<std::pair<std::string, std::string>> left_out;
  std::string held_out_words;  ///< "4,000 held-out images"
};

/// Reads and cuts the data set. `held_out` images are measured on, `shown` are indices into the test images: for CIFAR-10 and
/// MNIST into the official test set, in its official order.
StudyImages load_images(RunContext& context, const std::string& dataset, const ImageParams& params,
                        std::size_t held_out, const std::vector<std::int64_t>& shown);

}  // namespace neurarium
