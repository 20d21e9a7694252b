// Files that are either whole or not there: everything is written aside, synced and renamed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace neurarium {

/// Whether `name` can be a file's name without its ending: letters, digits, '-', '_', '.'; not beginning with '.'.
bool is_file_name(std::string_view name);

/// Writes `content` to a temporary file beside `path`, syncs it, and renames it into place. On failure (full disk,
/// no permission) nothing is left behind and an Error says what happened. A symbolic link stays, and the file that it
/// names is replaced; a pipe or a device that works character by character is written straight; a folder is an Error.
void write_atomically(const std::filesystem::path& path, std::string_view content);
void write_atomically(const std::filesystem::path& path, std::span<const std::byte> content);

/// The whole file; a DataError if it can't be read.
std::string read_text(const std::filesystem::path& path);
std::vector<std::byte> read_bytes(const std::filesystem::path& path);

/// Lower-case hexadecimal SHA-256.
std::string sha256(std::span<const std::byte> bytes);
std::string sha256(std::string_view text);
/// Of a file, read in pieces.
std::string sha256_file(const std::filesystem::path& path);

}  // namespace neurarium
