// CIFAR-10 in its two forms; both become u8 [n, 32, 32, 3] (row, column, colour R G B) and int64 labels [n].
//   Official binary: records of 3,073 bytes: a label 0–9, then 1,024 bytes each of red, green and blue, rows from the top.
//   Picture rows: a PNG of 1,024 × n pixels RGB whose row i is sample i, and a JSON list of labels.
//   Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009), and the data set's own page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "neurarium/data/dataset.hpp"

namespace neurarium {

/// Any number of records per file, in the order of `files`. A DataError if a file is missing, empty, no whole number of records
/// long, or has a label above 9; `mend` ends its message.
Split read_cifar10_binary(std::span<const std::filesystem::path> files, const std::string& mend = {});

/// `labels` is one list for all pictures together. A DataError if a picture is missing, damaged, not 1,024 pixels wide or not
/// 8-bit RGB, or the labels are not as many as the rows.
Split read_cifar10_png(std::span<const std::filesystem::path> pictures, const std::filesystem::path& labels,
                       const std::string& mend = {});

/// One picture of rows: u8 [n, 32, 32, 3].
Array read_cifar10_rows(const std::filesystem::path& picture, const std::string& mend = {});
/// A JSON list of whole numbers 0–9.
std::vector<std::int64_t> read_cifar10_labels(const std::filesystem::path& path, const std::string& mend = {});
/// The official binary form of `pictures` [n, 32, 32, 3] and their labels.
std::vector<std::byte> cifar10_records(View<const std::uint8_t> pictures, std::span<const std::int64_t> labels);

}  // namespace neurarium
