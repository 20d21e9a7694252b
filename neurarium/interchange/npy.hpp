// NPY (NumPy's array file) ↔ Array.
//   "\x93NUMPY", major, minor, header length (u16 in version 1, u32 in 2 and 3), a Python dict with descr, fortran_order
//   and shape, padded so that the numbers start at a multiple of 64; then the numbers.
//   Reading: versions 1–3; b1, u1–u8, i1–i8, f4, f8, and f2 as float32; either byte order; Fortran order is brought into
//   C order. Refused with a DataError (byte offset): object arrays (pickle), other types, more than five axes, a size that
//   does not fit memory or the file, missing or surplus bytes.
//   Writing: version 1, little-endian, C order.
//   Source: NumPy's format documentation, numpy.lib.format.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "neurarium/core/array.hpp"

namespace neurarium {

Array read_npy(const std::filesystem::path& path);
/// `source` is what messages call the bytes.
Array parse_npy(std::span<const std::byte> bytes, const std::string& source);

std::vector<std::byte> npy_bytes(ArrayView view);
/// Whole or not at all.
void write_npy(const std::filesystem::path& path, ArrayView view);

}  // namespace neurarium
