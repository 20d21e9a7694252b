#include "neurarium/interchange/npz.hpp"

#include <zlib.h>

#include <algorithm>
#include <set>

#include "neurarium/core/files.hpp"
#include "neurarium/interchange/bytes.hpp"
#include "neurarium/interchange/npy.hpp"

namespace neurarium {
namespace {

constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50, end_signature = 0x06054b50;
constexpr std::uint32_t end64_signature = 0x06064b50, locator64_signature = 0x07064b50;
constexpr std::uint16_t zip64_tag = 1;
constexpr std::uint32_t look_in_zip64 = 0xffffffff;
constexpr const char* mend =
    "the archive is damaged or was cut short: take a good copy, or write it again with numpy.savez";

struct Entry {
  std::string name;
  std::uint16_t flags = 0, method = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed = 0, size = 0, local_at = 0, data_at = 0;
};

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& source) : bytes_(bytes), source_(source) {}

  NamedArrays read() {
    std::vector<Entry> entries = directory();
    for (Entry& entry : entries) locate_data(entry);
    refuse_overlaps(entries);
    NamedArrays arrays;
    for (const Entry& entry : entries)
      arrays.emplace_back(entry.name.substr(0, entry.name.size() - 4), read_entry(entry));
    return arrays;
  }

 private:
  [[noreturn]] void fail(const std::string& what, std::uint64_t offset, const char* how = mend) const {
    throw DataError(source_, what, how, static_cast<std::int64_t>(offset));
  }
  void need(std::uint64_t offset, std::uint64_t size, const char* what) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset)
      fail("the file ends at byte " + std::to_string(bytes_.size()) + ", inside " + what,
           std::min<std::uint64_t>(offset, bytes_.size()));
  }
  template <class T>
  T at(std::uint64_t offset) const {
    return load<T>(bytes_.data() + offset);
  }

  /// Where the end record begins: the last place whose comment reaches exactly to the end of the file.
  std::uint64_t find_end() const {
    constexpr std::uint64_t record = 22, longest_comment = 65535;
    for (std::uint64_t back = record; back <= std::min<std::uint64_t>(bytes_.size(), record + longest_comment);
         ++back) {
      const std::uint64_t offset = bytes_.size() - back;
      if (at<std::uint32_t>(offset) == end_signature && at<std::uint16_t>(offset + 20) == back - record) return offset;
    }
    fail("no zip archive: its end record is missing", bytes_.size());
  }

  std::vector<Entry> directory() {
    const std::uint64_t end = find_end();
    std::uint64_t count = at<std::uint16_t>(end + 10), size = at<std::uint32_t>(end + 12),
                  start = at<std::uint32_t>(end + 16);
    directory_end_ = end;
    if (end >= 20 && at<std::uint32_t>(end - 20) == locator64_signature) {
      const auto end64 = at<std::uint64_t>(end - 20 + 8);
      need(end64, 56, "the zip64 end record");
      if (at<std::uint32_t>(end64) != end64_signature) fail("the zip64 end record is damaged", end64);
      count = at<std::uint64_t>(end64 + 32);
      size = at<std::uint64_t>(end64 + 40);
      start = at<std::uint64_t>(end64 + 48);
      directory_end_ = end64;
    }
    if (start > directory_end_ || size != directory_end_ - start)
      fail("the list of entries is said to be " + std::to_string(size) + " bytes at " + std::to_string(start) +
               ", which does not reach the end record at " + std::to_string(directory_end_),
           end);
    directory_start_ = start;
    std::vector<Entry> entries;
    std::set<std::string> names;
    std::uint64_t offset = start;
    while (offset < directory_end_) {
      entries.push_back(directory_entry(offset));
      if (!names.insert(entries.back().name).second)
        fail("two entries are called '" + entries.back().name + "'", offset, "write it again with one of them");
    }
    if (entries.size() != count)
      fail("the list has " + std::to_string(entries.size()) + " entries, " + std::to_string(count) + " were announced",
           start);
    return entries;
  }

  Entry directory_entry(std::uint64_t& offset) const {
    constexpr std::uint64_t fixed = 46;
    need(offset, fixed, "the list of entries");
    if (at<std::uint32_t>(offset) != central_signature) fail("the list of entries is damaged", offset);
    const auto name_size = at<std::uint16_t>(offset + 28), extra_size = at<std::uint16_t>(offset + 30),
               comment_size = at<std::uint16_t>(offset + 32);
    const std::uint64_t whole = fixed + name_size + extra_size + comment_size;
    if (whole > directory_end_ - offset)
      fail("the list of entries is damaged: an entry reaches beyond its end", offset);
    Entry entry;
    entry.flags = at<std::uint16_t>(offset + 8);
    entry.method = at<std::uint16_t>(offset + 10);
    entry.crc = at<std::uint32_t>(offset + 16);
    entry.packed = at<std::uint32_t>(offset + 20);
    entry.size = at<std::uint32_t>(offset + 24);
    entry.local_at = at<std::uint32_t>(offset + 42);
    entry.name = text_of(bytes_.data() + offset + fixed, name_size);
    read_zip64(entry, offset + fixed + name_size, extra_size);
    if (entry.flags & 1) fail("entry '" + entry.name + "' is encrypted", offset, "write it again without a password");
    if (entry.method != 0 && entry.method != 8)
      fail("entry '" + entry.name + "' is compressed by method " + std::to_string(entry.method) +
               ", expected 0 (stored) or 8 (deflate)",
           offset, "write it again with numpy.savez or numpy.savez_compressed");
    if (!entry.name.ends_with(".npy"))
      fail("entry '" + entry.name + "' is no .npy file", offset,
           "write the bundle with numpy.savez, which holds nothing else");
    offset += whole;
    return entry;
  }

  void read_zip64(Entry& entry, std::uint64_t offset, std::uint64_t size) const {
    for (const std::uint64_t end = offset + size; end - offset >= 4;) {
      const auto tag = at<std::uint16_t>(offset), length = at<std::uint16_t>(offset + 2);
      if (length > end - offset - 4) return;
      if (tag == zip64_tag) {
        std::uint64_t field = offset + 4, left = length;
        for (std::uint64_t* value : {&entry.size, &entry.packed, &entry.local_at})
          if (*value == look_in_zip64 && left >= 8) {
            *value = at<std::uint64_t>(field);
            field += 8;
            left -= 8;
          }
        return;
      }
      offset += 4 + length;
    }
  }

  void locate_data(Entry& entry) const {
    constexpr std::uint64_t fixed = 30;
    const auto in_front_of_directory = [&](std::uint64_t offset, std::uint64_t size) {
      if (offset > directory_start_ || size > directory_start_ - offset)
        fail("entry '" + entry.name + "' reaches into the list of entries",
             std::min<std::uint64_t>(offset, bytes_.size()));
    };
    in_front_of_directory(entry.local_at, fixed);
    if (at<std::uint32_t>(entry.local_at) != local_signature)
      fail("the header of entry '" + entry.name + "' is damaged", entry.local_at);
    const auto name_size = at<std::uint16_t>(entry.local_at + 26), extra_size = at<std::uint16_t>(entry.local_at + 28);
    in_front_of_directory(entry.local_at, fixed + name_size + extra_size);
    if (text_of(bytes_.data() + entry.local_at + fixed, name_size) != entry.name)
      fail("entry '" + entry.name + "' has another name in its own header", entry.local_at);
    entry.data_at = entry.local_at + fixed + name_size + extra_size;
    in_front_of_directory(entry.data_at, entry.packed);
    // Deflate can't do better than 1 : 1032. Checked before memory is asked for.
    const bool believable = entry.method == 0 ? entry.size == entry.packed : entry.size / 1032 <= entry.packed;
    if (!believable)
      fail("entry '" + entry.name + "' can't hold " + std::to_string(entry.size) + " bytes in " +
               std::to_string(entry.packed),
           entry.local_at);
  }

  /// Entries that share bytes would let a small file ask for any amount of memory.
  void refuse_overlaps(const std::vector<Entry>& entries) const {
    std::vector<const Entry*> order;
    for (const Entry& entry : entries) order.push_back(&entry);
    std::sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) { return a->local_at < b->local_at; });
    for (std::size_t i = 1; i < order.size(); ++i)
      if (order[i]->local_at < order[i - 1]->data_at + order[i - 1]->packed)
        fail("entries '" + order[i - 1]->name + "' and '" + order[i]->name + "' overlap", order[i]->local_at);
  }

  Array read_entry(const Entry& entry) const {
    std::span<const std::byte> content = bytes_.subspan(entry.data_at, entry.packed);
    std::vector<std::byte> unpacked;
    if (entry.method == 8) {
      unpacked = inflated(entry, content);
      content = unpacked;
    }
    const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
    if (crc != entry.crc)
      fail("the content of entry '" + entry.name + "' does not agree with its CRC-32", entry.data_at);
    return parse_npy(content, source_ + "/" + entry.name);
  }

  std::vector<std::byte> inflated(const Entry& entry, std::span<const std::byte> content) const {
    std::vector<std::byte> out(entry.size);
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw Error("zlib has no memory to unpack " + source_);
    constexpr std::uint64_t piece = 1u << 30;  // zlib counts in 32 bits
    std::uint64_t in = 0, made = 0;
    std::byte none{};
    int state = Z_OK;
    while (state == Z_OK) {
      const auto take = static_cast<uInt>(std::min<std::uint64_t>(piece, content.size() - in));
      const auto room = static_cast<uInt>(std::min<std::uint64_t>(piece, out.size() - made));
      stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(content.data() + in));
      stream.avail_in = take;
      stream.next_out = reinterpret_cast<Bytef*>(room ? out.data() + made : &none);
      stream.avail_out = room;
      state = inflate(&stream, Z_NO_FLUSH);
      in += take - stream.avail_in;
      made += room - stream.avail_out;
    }
    inflateEnd(&stream);
    if (state != Z_STREAM_END || made != entry.size || in != content.size())
      fail("entry '" + entry.name + "' can't be unpacked: its compressed bytes are damaged", entry.data_at + in);
    return out;
  }

  std::span<const std::byte> bytes_;
  const std::string& source_;
  std::uint64_t directory_start_ = 0, directory_end_ = 0;
};

class Writer {
 public:
  explicit Writer(std::uint64_t zip64_from) : zip64_from_(std::min<std::uint64_t>(zip64_from, look_in_zip64)) {}

  void add(const std::string& name, ArrayView view) {
    if (!names_.insert(name).second) throw SpecError("two arrays are called '" + name + "'", "give each its own name");
    if (name.empty() || name.size() > 60000)
      throw SpecError("an array in an NPZ file needs a name of 1 to 60000 bytes");
    const std::vector<std::byte> content = npy_bytes(view);
    Entry entry;
    entry.name = name + ".npy";
    entry.local_at = bytes_.size();
    entry.size = content.size();
    entry.crc = static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
    const bool wide = entry.size >= zip64_from_;
    append(bytes_, local_signature);
    common(bytes_, entry, wide);
    append(bytes_, static_cast<std::uint16_t>(wide ? 20 : 0));
    append(bytes_, entry.name);
    if (wide) {
      append(bytes_, zip64_tag);
      append(bytes_, std::uint16_t{16});
      append(bytes_, entry.size);
      append(bytes_, entry.size);
    }
    bytes_.insert(bytes_.end(), content.begin(), content.end());
    list(entry, wide);
  }

  std::vector<std::byte> finish() {
    const std::uint64_t start = bytes_.size(), count = names_.size(), size = directory_.size();
    bytes_.insert(bytes_.end(), directory_.begin(), directory_.end());
    const bool wide = start >= zip64_from_ || size >= zip64_from_ || count >= 0xffff;
    if (wide) {
      const std::uint64_t end64 = bytes_.size();
      append(bytes_, end64_signature);
      append(bytes_, std::uint64_t{44});
      append(bytes_, std::uint16_t{45});
      append(bytes_, std::uint16_t{45});
      append(bytes_, std::uint64_t{0});
      append(bytes_, count);
      append(bytes_, count);
      append(bytes_, size);
      append(bytes_, start);
      append(bytes_, locator64_signature);
      append(bytes_, std::uint32_t{0});
      append(bytes_, end64);
      append(bytes_, std::uint32_t{1});
    }
    append(bytes_, end_signature);
    append(bytes_, std::uint32_t{0});
    append(bytes_, static_cast<std::uint16_t>(wide ? 0xffff : count));
    append(bytes_, static_cast<std::uint16_t>(wide ? 0xffff : count));
    append(bytes_, static_cast<std::uint32_t>(wide ? look_in_zip64 : size));
    append(bytes_, static_cast<std::uint32_t>(wide ? look_in_zip64 : start));
    append(bytes_, std::uint16_t{0});
    return std::move(bytes_);
  }

 private:
  /// What local header and directory entry share: from "version needed" to the length of the name.
  static void common(std::vector<std::byte>& to, const Entry& entry, bool wide) {
    constexpr std::uint16_t utf8_names = 1 << 11, first_of_1980 = 0x0021;
    append(to, static_cast<std::uint16_t>(wide ? 45 : 20));
    append(to, utf8_names);
    append(to, std::uint16_t{0});  // stored
    append(to, std::uint16_t{0});  // midnight
    append(to, first_of_1980);
    append(to, entry.crc);
    append(to, static_cast<std::uint32_t>(wide ? look_in_zip64 : entry.size));
    append(to, static_cast<std::uint32_t>(wide ? look_in_zip64 : entry.size));
    append(to, static_cast<std::uint16_t>(entry.name.size()));
  }
  void list(const Entry& entry, bool wide) {
    const bool far = entry.local_at >= zip64_from_;
    append(directory_, central_signature);
    append(directory_, std::uint16_t{45});
    common(directory_, entry, wide);
    const auto field = static_cast<std::uint16_t>((wide ? 16 : 0) + (far ? 8 : 0));
    append(directory_, static_cast<std::uint16_t>(field ? field + 4 : 0));
    append(directory_, std::uint16_t{0});  // comment
    append(directory_, std::uint16_t{0});  // disk
    append(directory_, std::uint16_t{0});  // internal attributes
    append(directory_, std::uint32_t{0});  // external attributes
    append(directory_, static_cast<std::uint32_t>(far ? look_in_zip64 : entry.local_at));
    append(directory_, entry.name);
    if (field == 0) return;
    append(directory_, zip64_tag);
    append(directory_, field);
    if (wide) append(directory_, entry.size);
    if (wide) append(directory_, entry.size);
    if (far) append(directory_, entry.local_at);
  }

  std::uint64_t zip64_from_;
  std::set<std::string> names_;
  std::vector<std::byte> bytes_, directory_;
};

}  // namespace

NamedArrays parse_npz(std::span<const std::byte> bytes, const std::string& source) {
  return Reader(bytes, source).read();
}

NamedArrays read_npz(const std::filesystem::path& path) { return parse_npz(read_bytes(path), path.string()); }

std::vector<std::byte> npz_bytes(const NamedArrays& arrays, std::uint64_t zip64_from) {
  Writer writer(zip64_from);
  for (const auto& [name, array] : arrays) writer.add(name, array);
  return writer.finish();
}

void write_npz(const std::filesystem::path& path, const NamedArrays& arrays) {
  write_atomically(path, npz_bytes(arrays));
}

}  // namespace neurarium
