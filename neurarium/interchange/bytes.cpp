#include "neurarium/interchange/bytes.hpp"

#include <algorithm>

namespace neurarium {

void swap_items(std::byte* data, std::size_t items, std::size_t size) noexcept {
  if (size < 2) return;
  for (std::size_t i = 0; i < items; ++i) std::reverse(data + i * size, data + (i + 1) * size);
}

float from_half(std::uint16_t bits) noexcept {
  const std::uint32_t sign = std::uint32_t{bits & 0x8000u} << 16;
  const std::uint32_t exponent = (bits >> 10) & 31u;
  const std::uint32_t mantissa = bits & 0x3ffu;
  if (exponent == 0) {  // zero and subnormal: mantissa · 2⁻²⁴, exact in float
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255u : exponent + 112u;
  return std::bit_cast<float>(sign | wide << 23 | mantissa << 13);
}

std::optional<std::uint64_t> bytes_needed(std::span<const std::uint64_t> extents, std::uint64_t item) noexcept {
  std::uint64_t product = 1;
  bool none = false;
  for (const std::uint64_t extent : extents) {
    if (extent == 0) none = true;
    else if (extent > Shape::most_elements / product) return std::nullopt;
    else product *= extent;
  }
  return none ? 0 : product * item;
}

std::string shape_text(std::span<const std::uint64_t> extents) {
  std::string text = "[";
  for (std::size_t i = 0; i < extents.size(); ++i) text += (i ? ", " : "") + std::to_string(extents[i]);
  return text + "]";
}

Array array_from_bytes(DType type, const Shape& shape, const std::byte* data, std::optional<std::size_t>& bad_item) {
  Array array(type, shape);
  const MutableArrayView view = array.view();
  if (view.bytes() > 0) std::memcpy(view.data(), data, view.bytes());
  if (type == DType::boolean)
    for (std::size_t i = 0; i < view.size() && !bad_item; ++i)
      if (std::to_integer<int>(data[i]) > 1) bad_item = i;
  return array;
}

}  // namespace neurarium
