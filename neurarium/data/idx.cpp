#include "neurarium/data/idx.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "neurarium/interchange/bytes.hpp"

namespace neurarium {
namespace {

struct Header {
  DType type = DType::u8;
  std::vector<std::uint64_t> extents;
  std::size_t bytes = 0;  ///< of the header itself
  std::uint64_t content = 0;
};

Header parse_header(std::span<const std::byte> bytes, const std::string& source, const std::string& mend) {
  const auto fail = [&](const std::string& what, std::size_t offset) {
    throw DataError(source, what, mend, static_cast<std::int64_t>(offset));
  };
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
  if (bytes.size() < 4)
    fail("only " + std::to_string(bytes.size()) + " bytes long, expected an IDX header", bytes.size());
  if (byte(0) != 0 || byte(1) != 0) fail("no IDX file: it does not begin with two zero bytes", 0);
  Header header;
  switch (byte(2)) {
    case 0x08: header.type = DType::u8; break;
    case 0x09: header.type = DType::i8; break;
    case 0x0B: header.type = DType::i16; break;
    case 0x0C: header.type = DType::i32; break;
    case 0x0D: header.type = DType::f32; break;
    case 0x0E: header.type = DType::f64; break;
    default: fail("element type " + std::to_string(byte(2)) + " is not known, expected one of 8 9 11 12 13 14", 2);
  }
  const std::size_t axes = byte(3);
  if (axes < 1 || axes > Shape::max_axes) fail(std::to_string(axes) + " axes, expected 1 to 5", 3);
  header.bytes = 4 + 4 * axes;
  if (bytes.size() < header.bytes) fail("ends inside the IDX header", bytes.size());
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::size_t at = 4 + 4 * axis;
    header.extents.push_back(std::uint64_t{byte(at)} << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3));
  }
  const auto content = bytes_needed(header.extents, item_size(header.type));
  if (!content) fail("shape " + shape_text(header.extents) + " needs over 2^48 bytes", 4);
  header.content = *content;
  return header;
}

/// The unpacked content, and at most one byte more than its header announces: enough to see that there is too much.
std::vector<std::byte> unpack(const std::filesystem::path& path, const std::string& source, const std::string& mend) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw DataError(path.string(), "is a folder, expected a file", mend);
  errno = 0;
  const std::unique_ptr<gzFile_s, decltype(&gzclose_r)> file(gzopen(path.c_str(), "rbe"), gzclose_r);
  if (!file) throw DataError(path.string(), std::string("can't be read: ") + std::strerror(errno), mend);
  gzbuffer(file.get(), 1 << 18);
  std::vector<std::byte> bytes;
  const auto read_to = [&](std::uint64_t size) {
    while (bytes.size() < size) {
      const std::size_t before = bytes.size();
      // In pieces, so that a header that lies about its size can't ask for more memory than there is content.
      const std::size_t piece = std::min<std::uint64_t>(size - before, std::max<std::size_t>(before, 1 << 20));
      bytes.resize(before + piece);
      const int count =
          gzread(file.get(), bytes.data() + before, static_cast<unsigned>(std::min<std::size_t>(piece, 1 << 30)));
      bytes.resize(before + static_cast<std::size_t>(std::max(count, 0)));
      int code = Z_OK;
      const char* message = gzerror(file.get(), &code);
      if (count < 0 || code == Z_BUF_ERROR || code == Z_DATA_ERROR)
        throw DataError(source,
                        std::string("can't be unpacked or read: ") + (code == Z_ERRNO ? std::strerror(errno) : message),
                        mend, static_cast<std::int64_t>(bytes.size()));
      if (count == 0) return;
    }
  };
  read_to(4 + 4 * Shape::max_axes);
  const Header header = parse_header(bytes, source, mend);
  read_to(header.bytes + header.content + 1);
  return bytes;
}

}  // namespace

Array parse_idx(std::span<const std::byte> bytes, const std::string& source, const std::string& mend) {
  const Header header = parse_header(bytes, source, mend);
  const std::uint64_t present = bytes.size() - header.bytes;
  if (present < header.content)
    throw DataError(source,
                    "shape " + shape_text(header.extents) + " needs " + std::to_string(header.content) +
                        " bytes of numbers, but the file ends after " + std::to_string(present),
                    mend, static_cast<std::int64_t>(bytes.size()));
  if (present > header.content)
    throw DataError(source,
                    "surplus bytes after the " + std::to_string(header.content) + " that shape " +
                        shape_text(header.extents) + " needs",
                    mend, static_cast<std::int64_t>(header.bytes + header.content));
  Array array(header.type, Shape(std::vector<std::size_t>(header.extents.begin(), header.extents.end())));
  const MutableArrayView view = array.view();
  if (view.bytes() > 0) std::memcpy(view.data(), bytes.data() + header.bytes, view.bytes());
  swap_items(view.data(), view.size(), item_size(header.type));
  return array;
}

Array read_idx(const std::filesystem::path& path, const std::string& mend) {
  const std::string source = path.string() + (path.extension() == ".gz" ? " (unpacked)" : "");
  return parse_idx(unpack(path, source, mend), source, mend);
}

Split read_idx_pictures(const std::filesystem::path& pictures, const std::filesystem::path& labels, const Shape& entry,
                        std::size_t classes, const std::string& mend) {
  Split split;
  split.x = read_idx(pictures, mend);
  const Shape found = split.x.shape();
  if (split.x.dtype() != DType::u8 || found.axes() != entry.axes() + 1 || !(found.tail() == entry) || found[0] == 0)
    throw DataError(pictures.string(),
                    "expected pictures of " + to_string(entry) + " uint8 each, found an array " + to_string(found) +
                        " of " + std::string(name_of(split.x.dtype())),
                    mend, 2);
  const Array bytes = read_idx(labels, mend);
  if (bytes.dtype() != DType::u8 || bytes.shape().axes() != 1)
    throw DataError(labels.string(),
                    "expected a list of uint8 labels, found an array " + to_string(bytes.shape()) + " of " +
                        std::string(name_of(bytes.dtype())),
                    mend, 2);
  if (bytes.size() != found[0])
    throw DataError(labels.string(),
                    "expected one label for each of the " + std::to_string(found[0]) + " pictures in " +
                        pictures.string() + ", found " + std::to_string(bytes.size()),
                    mend, 4);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (const unsigned label = bytes.as<std::uint8_t>().data()[i]; label >= classes)
      throw DataError(labels.string(),
                      "label " + std::to_string(label) + " of sample " + std::to_string(i) + ", expected 0 to " +
                          std::to_string(classes - 1),
                      mend, static_cast<std::int64_t>(8 + i));
  split.y = converted(bytes, DType::i64);
  return split;
}

}  // namespace neurarium
