// What every fuzz target asks: whatever the bytes, a reader returns or throws an Error that names the source; it never
// crashes, and never blames us (InternalError) or the standard library. What it accepts, it can write and read again.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string_view>

#include "neurarium/core/errors.hpp"

namespace fuzz {

inline std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}
inline std::span<const std::byte> bytes(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

inline void demand(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "broken promise: " << what << '\n';
  std::abort();
}

/// Runs `read`; an Error is a fine answer, as long as it says where. Returns whether the bytes were accepted.
template <class Read>
bool accepts(Read read) {
  try {
    read();
    return true;
  } catch (const neurarium::Error& error) {
    demand(std::string_view(error.what()).find("input") != std::string_view::npos, "the message names its source");
    return false;
  }
}

}  // namespace fuzz
