// NPZ (NumPy's bundle of arrays: a zip archive of NAME.npy) ↔ NamedArrays.
//   Reading: stored and deflated entries, zip64, CRC-32 checked, in the order of the central directory. Refused with a
//   DataError: encryption, other compression, entries that are no .npy, the same name twice, sizes that do not
//   agree, anything outside the file.
//   Writing: stored entries with a fixed date, so that the same arrays give the same bytes; zip64 where sizes need it.
//   Source: PKWARE's APPNOTE 6.3; numpy.savez.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "neurarium/core/array.hpp"

namespace neurarium {

NamedArrays read_npz(const std::filesystem::path& path);
NamedArrays parse_npz(std::span<const std::byte> bytes, const std::string& source);

/// Sizes and places from `zip64_from` on are written as zip64; a smaller value than the default is for tests.
std::vector<std::byte> npz_bytes(const NamedArrays& arrays, std::uint64_t zip64_from = 0xffffffff);
/// Whole or not at all.
void write_npz(const std::filesystem::path& path, const NamedArrays& arrays);

}  // namespace neurarium
