// safetensors (our checkpoints; also read and written by PyTorch and others) ↔ arrays with names and texts.
//   u64 little-endian header length N, N bytes of JSON padded with spaces, then the numbers. Each key of the JSON maps to
//   {"dtype", "shape", "data_offsets": [begin, end)} relative to the end of the header; "__metadata__" maps text to text.
//   Reading: BOOL U8 I8 U16 I16 U32 I32 U64 I64 F32 F64, and F16 and BF16 as float32. Refused with a DataError: a header
//   over 100 MB, damaged JSON, a key written twice, unknown types, sizes that overflow or differ from their range, gaps,
//   overlaps, missing or surplus bytes, booleans other than 0 and 1, more than five axes.
//   Writing: names in the order given, wide elements first in the data, which starts at a multiple of 64, so that every
//   array is aligned to its element.
//   Source: the format's own documentation (huggingface/safetensors).
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "neurarium/core/array.hpp"

namespace neurarium {

struct SafeTensors {
  NamedArrays arrays;  ///< in the order of the header
  std::vector<std::pair<std::string, std::string>> metadata;
};

SafeTensors read_safetensors(const std::filesystem::path& path);
SafeTensors parse_safetensors(std::span<const std::byte> bytes, const std::string& source);

std::vector<std::byte> safetensors_bytes(const SafeTensors& content);
/// Whole or not at all.
void write_safetensors(const std::filesystem::path& path, const SafeTensors& content);

}  // namespace neurarium
