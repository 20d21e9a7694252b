// IDX, the file format of MNIST and Fashion-MNIST.
//   Two zero bytes, the element type (08 u8, 09 i8, 0B i16, 0C i32, 0D f32, 0E f64), the number of axes, one big-endian u32
//   per axis, then the numbers, big-endian, last axis fastest. Files may be gzip-compressed.
//   Source: the description that came with MNIST (LeCun, Cortes, Burges).
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "neurarium/data/dataset.hpp"

namespace neurarium {

/// Plain or gzip-compressed. A DataError (byte offset in the unpacked content) if the file is missing, damaged, cut short or
/// has surplus bytes; `mend` ends its message.
Array read_idx(const std::filesystem::path& path, const std::string& mend = {});
Array parse_idx(std::span<const std::byte> bytes, const std::string& source, const std::string& mend = {});

/// Pictures (u8, entries of shape `entry`) and their labels (u8, below `classes`), which must be equally many.
Split read_idx_pictures(const std::filesystem::path& pictures, const std::filesystem::path& labels, const Shape& entry,
                        std::size_t classes, const std::string& mend = {});

}  // namespace neurarium
