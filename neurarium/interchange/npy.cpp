#include "neurarium/interchange/npy.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "neurarium/core/files.hpp"
#include "neurarium/interchange/bytes.hpp"

namespace neurarium {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr const char* write_anew = "write it again with numpy.save";

struct Element {
  DType type;
  std::size_t bytes;  ///< in the file
  bool half = false;
};

struct Header {
  Element element{DType::f32, 4};
  bool big_endian = false, fortran_order = false;
  std::vector<std::uint64_t> shape;
};

/// The Python literal of the header: a dict of text, True/False and a tuple of whole numbers, nothing else.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::size_t start, const std::string& source)
      : text_(text), start_(start), source_(source) {}

  Header parse() {
    Header header;
    bool descr = false, order = false, shape = false;
    expect('{');
    while (!taken('}')) {
      const std::size_t key_at = skip_space();
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !descr) descr = true, read_descr(header);
      else if (key == "fortran_order" && !order) order = true, header.fortran_order = boolean();
      else if (key == "shape" && !shape) shape = true, header.shape = tuple();
      else fail(key_at, "unexpected or repeated key '" + key + "' in the header");
      if (!taken(',')) {
        expect('}');
        break;
      }
    }
    if (skip_space() != text_.size()) fail(at_, "unexpected text after the header's dict");
    if (!descr || !order || !shape) fail(0, "the header must have the keys descr, fortran_order and shape");
    return header;
  }

 private:
  [[noreturn]] void fail(std::size_t at, const std::string& what, const char* mend = write_anew) const {
    throw DataError(source_, what, mend, static_cast<std::int64_t>(start_ + at));
  }
  std::size_t skip_space() { return at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  bool taken(char c) {
    if (skip_space() == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (taken(c)) return;
    fail(at_, std::string("expected '") + c + "' in the header, found " +
                  (at_ < text_.size() ? "'" + std::string(1, text_[at_]) + "'" : "its end"));
  }
  std::string quoted() {
    const std::size_t from = skip_space();
    if (from == text_.size() || (text_[from] != '\'' && text_[from] != '"'))
      fail(from, "expected quoted text in the header");
    const std::size_t to = text_.find(text_[from], from + 1);
    if (to == std::string_view::npos) fail(from, "unfinished text in the header");
    at_ = to + 1;
    return std::string(text_.substr(from + 1, to - from - 1));
  }
  bool boolean() {
    skip_space();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}})
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    fail(at_, "expected True or False for fortran_order");
  }
  std::vector<std::uint64_t> tuple() {
    std::vector<std::uint64_t> extents;
    expect('(');
    while (!taken(')')) {
      const std::size_t from = skip_space();
      std::uint64_t extent = 0;
      const auto [end, error] = std::from_chars(text_.data() + from, text_.data() + text_.size(), extent);
      if (error != std::errc{}) fail(from, "expected a length in shape, a whole number of at most 64 bits");
      at_ = static_cast<std::size_t>(end - text_.data());
      extents.push_back(extent);
      taken('L');  // written by Python 2
      if (!taken(',')) {
        expect(')');
        break;
      }
    }
    return extents;
  }
  void read_descr(Header& header) {
    const std::size_t at = skip_space();
    if (at < text_.size() && text_[at] == '[')
      fail(at, "holds records with named fields, expected plain numbers", "save each field as an array of its own");
    const std::string descr = quoted();
    if (descr.find('O') != std::string::npos)
      fail(at, "holds Python objects (a pickle), which can run code when read; expected plain numbers",
           "convert it first, e.g. numpy.save(file, array.astype(float))");
    constexpr std::pair<std::string_view, Element> known[] = {
        {"b1", {DType::boolean, 1}}, {"u1", {DType::u8, 1}},  {"i1", {DType::i8, 1}},  {"u2", {DType::u16, 2}},
        {"i2", {DType::i16, 2}},     {"u4", {DType::u32, 4}}, {"i4", {DType::i32, 4}}, {"u8", {DType::u64, 8}},
        {"i8", {DType::i64, 8}},     {"f4", {DType::f32, 4}}, {"f8", {DType::f64, 8}}, {"f2", {DType::f32, 2, true}}};
    if (descr.size() == 3 && std::string_view("<>|=").find(descr[0]) != std::string_view::npos)
      for (const auto& [code, element] : known)
        if (descr.substr(1) == code && (descr[0] != '|' || element.bytes == 1)) {
          header.element = element;
          header.big_endian = descr[0] == '>';
          return;
        }
    fail(at, "element type '" + descr + "' is not one of b1 u1 i1 u2 i2 u4 i4 u8 i8 f2 f4 f8",
         "convert it first, e.g. array.astype('float32')");
  }

  std::string_view text_;
  std::size_t start_, at_ = 0;
  const std::string& source_;
};

/// First index fastest in `from`, last index fastest in `to`.
void to_c_order(const Shape& shape, std::size_t item, const std::byte* from, std::byte* to) {
  std::array<std::size_t, Shape::max_axes> index{}, stride{};
  std::size_t step = item;
  for (std::size_t axis = 0; axis < shape.axes(); ++axis) {
    stride[axis] = step;
    step *= shape[axis];
  }
  const std::size_t elements = shape.elements();
  std::size_t offset = 0;
  for (std::size_t i = 0; i < elements; ++i) {
    std::memcpy(to + i * item, from + offset, item);
    for (std::size_t axis = shape.axes(); axis-- > 0;) {
      offset += stride[axis];
      if (++index[axis] < shape[axis]) break;
      offset -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

std::string_view descr_of(DType type) {
  constexpr std::string_view codes[] = {"|b1", "|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f4", "<f8"};
  return codes[static_cast<std::size_t>(type)];
}

}  // namespace

Array parse_npy(std::span<const std::byte> bytes, const std::string& source) {
  if (bytes.size() < 10 || text_of(bytes.data(), 6) != magic)
    throw DataError(source,
                    bytes.size() < 10 ? "only " + std::to_string(bytes.size()) + " bytes long, expected an NPY header"
                                      : "no NPY file: it does not begin with \\x93NUMPY",
                    write_anew, 0);
  const int major = std::to_integer<int>(bytes[6]);
  if (major < 1 || major > 3)
    throw DataError(source, "NPY version " + std::to_string(major) + ", expected 1, 2 or 3", write_anew, 6);
  const std::size_t start = major == 1 ? 10 : 12;
  if (bytes.size() < start) throw DataError(source, "ends inside the NPY header", write_anew, 8);
  const std::size_t length = major == 1 ? load<std::uint16_t>(&bytes[8]) : load<std::uint32_t>(&bytes[8]);
  if (length > bytes.size() - start)
    throw DataError(source,
                    "the header is said to be " + std::to_string(length) + " bytes long, but only " +
                        std::to_string(bytes.size() - start) + " follow",
                    write_anew, 8);
  const Header header = HeaderParser(text_of(bytes.data() + start, length), start, source).parse();

  const auto data_at = static_cast<std::int64_t>(start + length);
  if (header.shape.size() > Shape::max_axes)
    throw DataError(source, "an array of shape " + shape_text(header.shape) + ", expected at most 5 axes",
                    "reshape it first", static_cast<std::int64_t>(start));
  const auto needed = bytes_needed(header.shape, header.element.bytes);
  const std::size_t present = bytes.size() - start - length;
  if (!needed || *needed != present)
    throw DataError(source,
                    "shape " + shape_text(header.shape) + " needs " + (needed ? std::to_string(*needed) : "over 2^48") +
                        " bytes of numbers, found " + std::to_string(present),
                    write_anew, data_at);

  const Shape shape(std::vector<std::size_t>(header.shape.begin(), header.shape.end()));
  const std::size_t item = header.element.bytes;
  const std::byte* numbers = bytes.data() + start + length;
  std::vector<std::byte> changed;
  if (header.fortran_order || header.big_endian) {
    changed.assign(numbers, numbers + present);
    if (header.fortran_order) to_c_order(shape, item, numbers, changed.data());
    if (header.big_endian) swap_items(changed.data(), shape.elements(), item);
    numbers = changed.data();
  }
  if (header.element.half) {
    Array array(DType::f32, shape);
    for (std::size_t i = 0; float& x : array.as<float>().flat()) x = from_half(load<std::uint16_t>(numbers + 2 * i++));
    return array;
  }
  std::optional<std::size_t> bad;
  Array array = array_from_bytes(header.element.type, shape, numbers, bad);
  if (bad)
    throw DataError(source, "a truth value is neither 0 nor 1 (element " + std::to_string(*bad) + ")", write_anew,
                    data_at);
  return array;
}

Array read_npy(const std::filesystem::path& path) { return parse_npy(read_bytes(path), path.string()); }

std::vector<std::byte> npy_bytes(ArrayView view) {
  std::string header = "{'descr': '" + std::string(descr_of(view.dtype())) + "', 'fortran_order': False, 'shape': (";
  for (std::size_t axis = 0; axis < view.shape().axes(); ++axis)
    header += std::to_string(view.shape()[axis]) + (axis == 0 || axis + 1 < view.shape().axes() ? ", " : "");
  if (header.back() == ' ') header.pop_back();
  header += "), }";
  const std::size_t start = 10;
  header.append(63 - (start + header.size()) % 64, ' ');
  header += '\n';

  std::vector<std::byte> bytes;
  bytes.reserve(start + header.size() + view.bytes());
  append(bytes, magic);
  append(bytes, std::uint8_t{1});
  append(bytes, std::uint8_t{0});
  append(bytes, static_cast<std::uint16_t>(header.size()));
  append(bytes, header);
  if (view.bytes() > 0) bytes.insert(bytes.end(), view.data(), view.data() + view.bytes());
  return bytes;
}

void write_npy(const std::filesystem::path& path, ArrayView view) { write_atomically(path, npy_bytes(view)); }

}  // namespace neurarium
