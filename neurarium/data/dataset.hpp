// Dataset: owned, split, hashed data. Bytes stay bytes; `divisor` says what turns them into the model's units.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "neurarium/core/array.hpp"
#include "neurarium/core/spikes.hpp"

namespace neurarium {

class ImageFolder;

/// Samples: x [n, …entry], or spikes of entries [steps, units]. And y: labels int64 [n], targets floating [n, k], or empty when
/// there are none.
struct Split {
  Array x;
  Array y;
  std::shared_ptr<const StepSpikes> spikes = nullptr;  ///< if there are any, x is empty
  NamedArrays about = {};  ///< what else is known of the samples, [n] each: speaker, interaural_phase (rad)
  std::size_t samples() const noexcept { return spikes ? spikes->samples() : x.shape().axes() ? x.shape()[0] : 0; }
  Shape entry_shape() const { return spikes ? Shape{spikes->steps(), spikes->units()} : x.shape().tail(); }
  bool has_labels() const noexcept { return !y.empty() && y.dtype() == DType::i64 && y.shape().axes() == 1; }
};

/// A split that lives elsewhere: in a Dataset, or in NumPy's arrays.
struct SplitView {
  SplitView(ArrayView samples, ArrayView answers) : x(samples), y(answers) {}
  SplitView(const Split& split)
      : x(split.x), y(split.y), spikes(split.spikes ? SpikesView(*split.spikes) : SpikesView()) {}
  SplitView(const SpikesView& samples, ArrayView answers) : y(answers), spikes(samples) {}
  ArrayView x, y;
  SpikesView spikes;  ///< if there are any, x is empty
  std::size_t samples() const noexcept { return spikes ? spikes.samples() : x.shape().axes() ? x.shape()[0] : 0; }
};

struct Dataset {
  std::string name;
  Split train;
  Split test;                        ///< empty when the data has no official test split
  std::vector<std::string> classes;  ///< names of the labels, may be empty
  double divisor = 1;                ///< x / divisor is what models see: 255 for bytes of images
  double dt = 0;                     ///< seconds per step of spikes; 0: the data do not say
  std::string sha256;                ///< over the content as read
  /// A folder of photographs, each of its own size (image_folder.hpp); then train and test are empty.
  std::shared_ptr<const ImageFolder> photographs;

  /// The name of label k, or the label itself as digits where it has none.
  std::string class_name(std::size_t k) const { return k < classes.size() ? classes[k] : std::to_string(k); }
};

/// Throws a DataError if the data are photographs: for those who need samples of one size.
void require_arrays(const Dataset& dataset);

/// Rows `ids` of `array` along the first axis.
Array gather_rows(ArrayView array, std::span<const std::uint64_t> ids);
/// The same into `rows`, whose memory is used again if it has the right size.
void gather_rows(ArrayView array, std::span<const std::uint64_t> ids, Array& rows);
/// SHA-256 over what both splits learn by, x and y (shapes, types and numbers), and the divisor.
std::string content_hash(const Dataset& dataset);

}  // namespace neurarium
