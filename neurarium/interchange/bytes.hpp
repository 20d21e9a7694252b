// Numbers in bytes: little-endian reading and writing, and the two 16-bit floating-point types that files may hold.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "neurarium/core/array.hpp"

namespace neurarium {

static_assert(std::endian::native == std::endian::little,
              "the readers and writers of files expect a little-endian machine");

template <class T>
T load(const std::byte* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}
template <class T>
requires std::is_arithmetic_v<T>
void append(std::vector<std::byte>& to, T value) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&value);
  to.insert(to.end(), bytes, bytes + sizeof(T));
}
inline void append(std::vector<std::byte>& to, std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  to.insert(to.end(), bytes, bytes + text.size());
}
inline std::string_view text_of(const std::byte* from, std::size_t size) noexcept {
  return {reinterpret_cast<const char*>(from), size};
}

/// Reverses the bytes of each item of `size` bytes.
void swap_items(std::byte* data, std::size_t items, std::size_t size) noexcept;

float from_half(std::uint16_t bits) noexcept;  ///< IEEE 754 binary16
inline float from_bfloat(std::uint16_t bits) noexcept { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

/// Number of elements of `extents` times `item` bytes; nothing if there are more than Shape can count, 2^48. An axis of length 0
/// does not excuse the others.
std::optional<std::uint64_t> bytes_needed(std::span<const std::uint64_t> extents, std::uint64_t item) noexcept;
/// "[3, 4]" of extents that may be more than Shape holds.
std::string shape_text(std::span<const std::uint64_t> extents);

/// An array of `type` and `shape` from little-endian bytes at `data`. Booleans must be 0 or 1: index of the first that
/// is not goes to `bad_item`, and the array is then not to be used.
Array array_from_bytes(DType type, const Shape& shape, const std::byte* data, std::optional<std::size_t>& bad_item);

}  // namespace neurarium
