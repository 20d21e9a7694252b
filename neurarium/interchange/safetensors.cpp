#include "neurarium/interchange/safetensors.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

#include "neurarium/core/files.hpp"
#include "neurarium/interchange/bytes.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

constexpr std::uint64_t largest_header = 100'000'000;
constexpr const char* mend = "the file is damaged or was cut short: take a good copy or write it again";

enum class Widening { none, half, bfloat };
struct Element {
  std::string_view code;
  DType type;
  std::uint64_t bytes;  ///< in the file
  Widening widening = Widening::none;
};
constexpr Element known_elements[] = {{"BOOL", DType::boolean, 1},
                                      {"U8", DType::u8, 1},
                                      {"I8", DType::i8, 1},
                                      {"U16", DType::u16, 2},
                                      {"I16", DType::i16, 2},
                                      {"U32", DType::u32, 4},
                                      {"I32", DType::i32, 4},
                                      {"U64", DType::u64, 8},
                                      {"I64", DType::i64, 8},
                                      {"F32", DType::f32, 4},
                                      {"F64", DType::f64, 8},
                                      {"F16", DType::f32, 2, Widening::half},
                                      {"BF16", DType::f32, 2, Widening::bfloat}};

struct Entry {
  std::string name;
  Element element{};
  Shape shape;
  std::uint64_t begin = 0, end = 0;
};

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& source) : bytes_(bytes), source_(source) {}

  SafeTensors read() {
    const Value header = read_header();
    SafeTensors content;
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.as_table()) {
      if (name == "__metadata__") read_metadata(value, content);
      else entries.push_back(read_entry(name, value));
    }
    check_ranges(entries);
    for (const Entry& entry : entries) content.arrays.emplace_back(entry.name, read_array(entry));
    return content;
  }

 private:
  [[noreturn]] void fail(const std::string& what, std::uint64_t offset, const char* how = mend) const {
    throw DataError(source_, what, how, static_cast<std::int64_t>(offset));
  }
  [[noreturn]] void fail_at(const Value& value, const std::string& what, const char* how = mend) const {
    const Location& where = value.where();
    throw DataError(
        source_, "header line " + std::to_string(where.line) + ", column " + std::to_string(where.column) + ": " + what,
        how, 8);
  }

  Value read_header() {
    if (bytes_.size() < 8)
      fail("only " + std::to_string(bytes_.size()) + " bytes long, expected the length of a header", 0);
    const auto length = load<std::uint64_t>(bytes_.data());
    if (length > largest_header)
      fail("no safetensors file: its header would be " + std::to_string(length) + " bytes long, at most " +
               std::to_string(largest_header) + " are allowed",
           0);
    if (length > bytes_.size() - 8)
      fail("the header is said to be " + std::to_string(length) + " bytes long, but only " +
               std::to_string(bytes_.size() - 8) + " follow",
           0);
    data_at_ = 8 + length;
    const std::string_view text = text_of(bytes_.data() + 8, length);
    if (!text.starts_with('{')) fail("the header does not begin with '{'", 8);
    return parse_json(text, source_ + " (header)");
  }

  void read_metadata(const Value& value, SafeTensors& content) const {
    if (!value.is_table())
      fail_at(value, "__metadata__ is " + std::string(value.kind()) + ", expected a table of texts");
    for (const auto& [key, text] : value.as_table()) {
      if (!text.is_text())
        fail_at(text, "__metadata__ entry '" + key + "' is " + std::string(text.kind()) + ", expected text");
      content.metadata.emplace_back(key, text.as_text());
    }
  }

  Entry read_entry(const std::string& name, const Value& value) const {
    Entry entry;
    entry.name = name;
    const Value* type = value.find("dtype");
    const Value* shape = value.find("shape");
    const Value* offsets = value.find("data_offsets");
    if (!type || !shape || !offsets || value.as_table().size() != 3 || !type->is_text())
      fail_at(value, "array '" + name + "' must have dtype, shape and data_offsets, and nothing else");
    const auto element = std::find_if(std::begin(known_elements), std::end(known_elements),
                                      [&](const Element& e) { return e.code == type->as_text(); });
    if (element == std::end(known_elements))
      fail_at(*type, "array '" + name + "' has elements of type '" + type->as_text() + "', which is not known",
              "convert it to F32 or another of BOOL U8 I8 U16 I16 U32 I32 U64 I64 F16 BF16 F32 F64");
    entry.element = *element;

    const std::vector<std::uint64_t> extents = numbers(*shape, "shape of array '" + name + "'");
    if (extents.size() > Shape::max_axes)
      fail_at(*shape, "array '" + name + "' has shape " + shape_text(extents) + ", expected at most 5 axes",
              "reshape it first");
    const std::vector<std::uint64_t> range = numbers(*offsets, "data_offsets of array '" + name + "'");
    const std::uint64_t present = bytes_.size() - data_at_;
    if (range.size() != 2 || range[0] > range[1] || range[1] > present)
      fail_at(*offsets, "array '" + name + "' lies at " + shape_text(range) + ", expected [begin, end] within the " +
                            std::to_string(present) + " bytes of data");
    const auto needed = bytes_needed(extents, entry.element.bytes);
    if (needed != range[1] - range[0])
      fail_at(value, "array '" + name + "' of shape " + shape_text(extents) + " needs " +
                         (needed ? std::to_string(*needed) : "over 2^48") + " bytes, its range has " +
                         std::to_string(range[1] - range[0]));
    entry.shape = Shape(std::vector<std::size_t>(extents.begin(), extents.end()));
    entry.begin = range[0];
    entry.end = range[1];
    return entry;
  }

  std::vector<std::uint64_t> numbers(const Value& value, const std::string& what) const {
    std::vector<std::uint64_t> result;
    if (!value.is_list())
      fail_at(value, what + " is " + std::string(value.kind()) + ", expected a list of whole numbers");
    for (const Value& item : value.as_list()) {
      if (!item.is_integer() || item.as_integer() < 0)
        fail_at(item, what + " must hold whole numbers from 0 to 2^63-1");
      result.push_back(static_cast<std::uint64_t>(item.as_integer()));
    }
    return result;
  }

  /// The ranges must tile the data: nothing hidden between them, nothing read twice.
  void check_ranges(const std::vector<Entry>& entries) const {
    std::vector<const Entry*> order;
    for (const Entry& entry : entries) order.push_back(&entry);
    std::sort(order.begin(), order.end(),
              [](const Entry* a, const Entry* b) { return std::pair(a->begin, a->end) < std::pair(b->begin, b->end); });
    std::uint64_t covered = 0;
    for (const Entry* entry : order) {
      if (entry->begin != covered)
        fail("array '" + entry->name + "' begins at byte " + std::to_string(entry->begin) + " of the data, expected " +
                 std::to_string(covered) + (entry->begin > covered ? " (a gap)" : " (an overlap)"),
             data_at_ + entry->begin);
      covered = entry->end;
    }
    if (covered != bytes_.size() - data_at_)
      fail("the arrays cover " + std::to_string(covered) + " bytes of data, found " +
               std::to_string(bytes_.size() - data_at_),
           data_at_ + covered);
  }

  Array read_array(const Entry& entry) const {
    const std::byte* data = bytes_.data() + data_at_ + entry.begin;
    if (entry.element.widening != Widening::none) {
      Array array(DType::f32, entry.shape);
      for (float& x : array.as<float>().flat()) {
        const auto bits = load<std::uint16_t>(data);
        x = entry.element.widening == Widening::half ? from_half(bits) : from_bfloat(bits);
        data += 2;
      }
      return array;
    }
    std::optional<std::size_t> bad;
    Array array = array_from_bytes(entry.element.type, entry.shape, data, bad);
    if (bad) fail("a truth value of array '" + entry.name + "' is neither 0 nor 1", data_at_ + entry.begin + *bad);
    return array;
  }

  std::span<const std::byte> bytes_;
  const std::string& source_;
  std::uint64_t data_at_ = 0;
};

}  // namespace

SafeTensors parse_safetensors(std::span<const std::byte> bytes, const std::string& source) {
  return Reader(bytes, source).read();
}

SafeTensors read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_bytes(path), path.string());
}

std::vector<std::byte> safetensors_bytes(const SafeTensors& content) {
  // Wide elements first, so that every array is aligned to its element.
  std::vector<std::size_t> order(content.arrays.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto width = [&](std::size_t i) { return item_size(content.arrays[i].second.dtype()); };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return width(a) > width(b); });
  std::vector<std::int64_t> begin(order.size());
  std::int64_t end = 0;
  for (const std::size_t i : order) {
    begin[i] = end;
    end += static_cast<std::int64_t>(content.arrays[i].second.view().bytes());
  }

  Value::Table header;
  std::set<std::string> names{"__metadata__"};
  if (!content.metadata.empty()) {
    Value::Table metadata;
    std::set<std::string> keys;
    for (const auto& [key, text] : content.metadata) {
      if (!keys.insert(key).second)
        throw SpecError("two metadata texts are called '" + key + "'", "give each its own name");
      metadata.emplace_back(key, text);
    }
    header.emplace_back("__metadata__", std::move(metadata));
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto& [name, array] = content.arrays[i];
    if (!names.insert(name).second)
      throw SpecError("an array can't be called '" + name + "' (taken)", "give each its own name");
    const auto code = std::find_if(std::begin(known_elements), std::end(known_elements),
                                   [type = array.dtype()](const Element& e) { return e.type == type; });
    Value::List shape;
    for (const std::size_t extent : array.shape()) shape.emplace_back(static_cast<std::int64_t>(extent));
    const auto size = static_cast<std::int64_t>(array.view().bytes());
    header.emplace_back(name, Value::Table{{"dtype", std::string(code->code)},
                                           {"shape", std::move(shape)},
                                           {"data_offsets", Value::List{begin[i], begin[i] + size}}});
  }
  std::string text = to_json(header, -1);
  text.append((64 - (8 + text.size()) % 64) % 64, ' ');
  if (text.size() > largest_header)
    throw SpecError("the header of a safetensors file would exceed 100 MB", "store shorter texts");

  std::vector<std::byte> bytes;
  bytes.reserve(8 + text.size() + static_cast<std::size_t>(end));
  append(bytes, std::uint64_t{text.size()});
  append(bytes, text);
  for (const std::size_t i : order) {
    const ArrayView view = content.arrays[i].second.view();
    if (view.bytes() > 0) bytes.insert(bytes.end(), view.data(), view.data() + view.bytes());
  }
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, const SafeTensors& content) {
  write_atomically(path, safetensors_bytes(content));
}

}  // namespace neurarium
