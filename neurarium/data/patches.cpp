#include "neurarium/data/patches.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace neurarium {
namespace {

/// Uniform in 0 … n−1, without bias: draws above the last multiple of n are drawn again.
std::uint64_t draw_below(const Stream& stream, std::uint64_t i, std::uint64_t n) {
  const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % n;
  for (std::uint32_t attempt = 0;; ++attempt) {
    const auto block = philox(stream, {static_cast<std::uint32_t>(i >> 32), static_cast<std::uint32_t>(i), attempt, 0});
    const std::uint64_t draw = std::uint64_t{block[0]} << 32 | block[1];
    if (draw < limit) return draw % n;
  }
}

// 65536 times the weights of the luma, rounded so that white stays 255.
std::uint8_t luma(const std::uint8_t* rgb) {
  return static_cast<std::uint8_t>((19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 32768u) >> 16);
}

void cut(View<const std::uint8_t> photograph, const PatchPlace& place, std::size_t size, bool grey, std::uint8_t* out) {
  const std::size_t width = photograph.shape()[1];
  for (std::size_t y = 0; y < size; ++y) {
    const std::uint8_t* in = photograph.data() + ((place.row + y) * width + place.column) * 3;
    if (!grey) {
      std::memcpy(out, in, size * 3);
      out += size * 3;
      continue;
    }
    for (std::size_t x = 0; x < size; ++x) *out++ = luma(in + 3 * x);
  }
}

}  // namespace

PatchDraw draw_patches(const ImageFolder& folder, std::span<const PhotographPart> parts, std::size_t size,
                       std::size_t count, bool grey, const Stream& stream, const PhotographProgress& progress,
                       WorkerPool* pool) {
  if (size == 0) throw SpecError("patches of 0 x 0 pixels", "give a size of at least 1");
  PatchDraw draw{Array(DType::u8, grey ? Shape{count, size, size} : Shape{count, size, size, 3}), {}, {}};

  std::vector<std::uint64_t> places_before;  // of each part with room, the number of places in those before it
  std::vector<PhotographPart> roomy;
  std::uint64_t places = 0;
  for (const PhotographPart& part : parts) {
    if (part.rows > folder.height(part.photograph) || part.first_row > folder.height(part.photograph) - part.rows)
      throw InternalError("draw_patches: " + folder.path(part.photograph) + " has no such rows");
    const std::size_t width = folder.width(part.photograph);
    if (part.rows < size || width < size) {
      draw.too_small.push_back(folder.path(part.photograph));
      continue;
    }
    places_before.push_back(places);
    roomy.push_back(part);
    places += std::uint64_t{part.rows - size + 1} * (width - size + 1);
  }
  const std::string of_size = std::to_string(size) + " x " + std::to_string(size);
  if (places == 0)
    throw DataError(
        folder.folder().string(),
        "none of the " + std::to_string(parts.size()) + " photographs has room for a patch of " + of_size + " pixels",
        "choose a smaller patch or larger photographs");

  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t place = draw_below(stream, i, places);
    const auto part =
        static_cast<std::size_t>(std::ranges::upper_bound(places_before, place) - places_before.begin()) - 1;
    const std::uint64_t columns = folder.width(roomy[part].photograph) - size + 1, at = place - places_before[part];
    draw.places.push_back({roomy[part].photograph, roomy[part].first_row + static_cast<std::size_t>(at / columns),
                           static_cast<std::size_t>(at % columns)});
  }

  // Photograph by photograph, so that each is decoded once.
  std::vector<std::size_t> order(count), first;  // first[k]: where the k-th photograph that is needed begins in `order`
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return draw.places[i].photograph; });
  for (std::size_t k = 0; k < count; ++k)
    if (k == 0 || draw.places[order[k]].photograph != draw.places[order[k - 1]].photograph) first.push_back(k);
  const std::size_t needed = first.size(), patch_bytes = size * size * (grey ? 1 : 3);
  first.push_back(count);
  const auto cut_all_of = [&](std::size_t k) {
    const Array photograph = folder.read(draw.places[order[first[k]]].photograph);
    for (std::size_t at = first[k]; at < first[k + 1]; ++at)
      cut(photograph.as<std::uint8_t>(), draw.places[order[at]], size, grey,
          draw.patches.as<std::uint8_t>().data() + order[at] * patch_bytes);
  };
  const std::size_t at_once = pool ? static_cast<std::size_t>(pool->threads()) : 1;
  for (std::size_t k = 0; k < needed; k += at_once) {
    if (progress) progress(k, needed);
    if (pool) pool->run(std::min(at_once, needed - k), [&](std::size_t i) { cut_all_of(k + i); });
    else cut_all_of(k);
  }
  if (progress) progress(needed, needed);
  return draw;
}

}  // namespace neurarium
