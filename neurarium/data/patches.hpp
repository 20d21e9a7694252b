// Patches: small squares cut from photographs at random.
//
// All places where a patch fits are numbered through: part by part, row by row. Patch i lies at place number
// u(seed, i) mod places, u from Philox (draws that would favour the low numbers are drawn again). So photograph, row and
// column are a pure function of (seed, i) and the folder, every place is as likely as any other, and a larger `count` begins
// with the same patches.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "neurarium/core/rng.hpp"
#include "neurarium/data/image_folder.hpp"

namespace neurarium {

struct PatchPlace {
  std::size_t photograph = 0, row = 0, column = 0;  ///< of the upper left pixel
};

struct PatchDraw {
  Array patches;                       ///< bytes [count, size, size, 3], or [count, size, size] when grey
  std::vector<PatchPlace> places;      ///< where each was cut
  std::vector<std::string> too_small;  ///< photographs without room for one patch; none was cut from them
};

/// Cuts `count` patches of size × size pixels. Each photograph is decoded at most once, and only as many are in memory at a
/// time as the pool has threads. `grey`: luma of ITU-R BT.601-7 (section 2.5.1), Y = 0.299 R + 0.587 G + 0.114 B, rounded;
/// it is also what JPEG itself stores. DataError when no photograph is large enough.
PatchDraw draw_patches(const ImageFolder& folder, std::span<const PhotographPart> parts, std::size_t size,
                       std::size_t count, bool grey, const Stream& stream, const PhotographProgress& progress = {},
                       WorkerPool* pool = nullptr);

}  // namespace neurarium
