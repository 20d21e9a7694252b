#include "neurarium/data/tar.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

constexpr std::size_t block = 512;

class Archive {
 public:
  explicit Archive(const std::filesystem::path& path) : path_(path), file_(gzopen(path.c_str(), "rbe"), gzclose_r) {
    if (!file_) throw DataError(path.string(), std::string("can't be read: ") + std::strerror(errno));
    gzbuffer(file_.get(), 1 << 18);
  }
  /// False at the end of the file; anything between nothing and all is damage.
  bool read(std::byte* to, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
      const int count =
          gzread(file_.get(), to + done, static_cast<unsigned>(std::min<std::size_t>(size - done, 1 << 30)));
      int code = Z_OK;
      gzerror(file_.get(), &code);
      if (count < 0 || code == Z_BUF_ERROR || code == Z_DATA_ERROR) fail("the archive's compression is damaged");
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    offset_ += done;
    if (done > 0 && done < size) fail("the archive was cut short");
    return done == size;
  }
  void skip(std::uint64_t size) {
    std::array<std::byte, block * 32> waste;
    for (; size > 0; size -= std::min<std::uint64_t>(size, waste.size()))
      if (!read(waste.data(), std::min<std::uint64_t>(size, waste.size()))) fail("the archive was cut short");
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(path_.string(), what, "remove it and fetch it again", static_cast<std::int64_t>(offset_));
  }

 private:
  std::filesystem::path path_;
  std::unique_ptr<gzFile_s, decltype(&gzclose_r)> file_;
  std::uint64_t offset_ = 0;
};

std::string text(const std::array<std::byte, block>& header, std::size_t from, std::size_t size) {
  const char* start = reinterpret_cast<const char*>(header.data()) + from;
  return {start, strnlen(start, size)};
}

}  // namespace

void read_tar(const std::filesystem::path& path, const std::function<bool(const std::string&)>& wanted,
              const std::function<bool(const std::string&, std::span<const std::byte>)>& take) {
  Archive archive(path);
  std::array<std::byte, block> header;
  while (archive.read(header.data(), block)) {
    if (std::all_of(header.begin(), header.end(), [](std::byte b) { return b == std::byte{0}; })) return;
    const std::string digits = text(header, 124, 12);
    const std::size_t first = digits.find_first_not_of(' ');
    std::uint64_t size = 0;
    for (std::size_t i = std::min(first, digits.size()); i < digits.size() && digits[i] != ' '; ++i) {
      if (digits[i] < '0' || digits[i] > '7') archive.fail("the archive has an entry without a readable size");
      size = size * 8 + static_cast<std::uint64_t>(digits[i] - '0');
    }
    const std::string prefix = text(header, 345, 155);
    const std::string name = (prefix.empty() ? "" : prefix + "/") + text(header, 0, 100);
    const auto type = static_cast<char>(header[156]);
    const std::uint64_t padding = (block - size % block) % block;
    if ((type != '0' && type != '\0') || !wanted(name)) {
      archive.skip(size + padding);
      continue;
    }
    if (size > (std::uint64_t{1} << 32)) archive.fail("'" + name + "' would be over 4 GB large");
    std::vector<std::byte> content(size);
    if (size > 0 && !archive.read(content.data(), content.size())) archive.fail("the archive was cut short");
    archive.skip(padding);
    if (!take(name, content)) return;
  }
}

}  // namespace neurarium
