// The program that reads and writes spikes as HDF5 (hdf5_program.hpp): `PROGRAM read FILE SECONDS`,
// `PROGRAM write FILE 0`.
#include "neurarium/data/hdf5_program.hpp"

#include <hdf5.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace neurarium::hdf5_program;

struct Refusal {
  std::string what, mend;
};

/// What libhdf5 itself says: its innermost message.
std::string reason() {
  std::string text;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned, const H5E_error2_t* one, void* out) -> herr_t {
        auto& found = *static_cast<std::string*>(out);
        if (found.empty() && one->desc) found = one->desc;
        return 0;
      },
      &text);
  return text.empty() ? "" : " (libhdf5: " + text + ")";
}

constexpr const char* damaged = "the file is damaged or cut short: get it again";

/// An identifier of libhdf5, closed at the end.
class Id {
 public:
  Id(hid_t id, herr_t (*close)(hid_t), const std::string& what, const char* mend = damaged) : id_(id), close_(close) {
    if (id < 0) throw Refusal{what + reason(), mend};
  }
  ~Id() { close_(id_); }
  Id(const Id&) = delete;
  Id& operator=(const Id&) = delete;
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

void check(herr_t status, const std::string& what) {
  if (status < 0) throw Refusal{what + reason(), damaged};
}

// ── The pipes ────────────────────────────────────────────────────────────────────────────────────────────────────────
void put(const void* data, std::size_t bytes) {
  if (std::fwrite(data, 1, bytes, stdout) != bytes) _exit(4);  // nobody listens
}
template <class T>
void put(const T& value) {
  put(&value, sizeof value);
}
void put(const std::string& text) {
  put(std::uint64_t{text.size()});
  put(text.data(), text.size());
}
template <class T>
void put(const std::vector<T>& all) {
  put(all.data(), all.size() * sizeof(T));
}

void get(void* data, std::size_t bytes) {
  if (std::fread(data, 1, bytes, stdin) != bytes) _exit(4);
}
template <class T>
T get() {
  T value;
  get(&value, sizeof value);
  return value;
}
template <class T>
std::vector<T> get_all(std::uint64_t n) {
  std::vector<T> all(n);
  get(all.data(), n * sizeof(T));
  return all;
}

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────
constexpr const char* layout =
    "the layout is that of the Heidelberg digits: spikes/times, spikes/units (variable length), labels, extra/keys, "
    "extra/speaker";

const char* kind_of(H5T_class_t kind) {
  switch (kind) {
    case H5T_INTEGER: return "whole numbers";
    case H5T_FLOAT: return "floating-point numbers";
    case H5T_STRING: return "texts";
    case H5T_VLEN: return "lists";
    case H5T_COMPOUND: return "records";
    default: return "something else";
  }
}

bool exists(hid_t file, const std::string& name) {
  for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1))
    if (H5Lexists(file, name.substr(0, slash).c_str(), H5P_DEFAULT) <= 0) return false;
  return H5Lexists(file, name.c_str(), H5P_DEFAULT) > 0;
}

/// A data set with one axis.
struct List {
  std::string name;
  Id set, type, space;
  hsize_t count = 0;

  List(hid_t file, std::string called)
      : name(std::move(called)),
        set(exists(file, name) ? H5Dopen2(file, name.c_str(), H5P_DEFAULT) : missing(), H5Dclose,
            name + " can't be opened"),
        type(H5Dget_type(set), H5Tclose, "the type of " + name + " can't be read"),
        space(H5Dget_space(set), H5Sclose, "the shape of " + name + " can't be read") {
    const int axes = H5Sget_simple_extent_ndims(space);
    if (axes != 1)
      throw Refusal{name + " has " + std::to_string(axes) + " axes, expected one: an entry per sample", layout};
    check(H5Sget_simple_extent_dims(space, &count, nullptr), "the shape of " + name + " can't be read");
    if (count > most_samples)
      throw Refusal{name + " has " + std::to_string(count) + " entries, more than 2^31", damaged};
  }
  [[noreturn]] hid_t missing() const { throw Refusal{"there is no " + name, layout}; }

  void require(H5T_class_t kind) const { require(type, kind, ""); }
  void require_lists_of(H5T_class_t kind) const {
    require(type, H5T_VLEN, "");
    const Id inner(H5Tget_super(type), H5Tclose, "the type of " + name + " can't be read");
    require(inner, kind, "lists of ");
  }

 private:
  void require(hid_t found, H5T_class_t kind, const char* of) const {
    const H5T_class_t is = H5Tget_class(found);
    if (is != kind) throw Refusal{name + " holds " + of + kind_of(is) + ", expected " + of + kind_of(kind), layout};
  }
};

std::vector<std::int64_t> whole_numbers(hid_t file, const std::string& name, hsize_t samples) {
  const List list(file, name);
  list.require(H5T_INTEGER);
  if (list.count != samples)
    throw Refusal{name + " has " + std::to_string(list.count) + " entries for " + std::to_string(samples) +
                      " samples in spikes/times",
                  "there must be one for each sample"};
  std::vector<std::int64_t> all(samples);
  if (samples > 0)
    check(H5Dread(list.set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()), name + " can't be read");
  return all;
}

std::vector<std::string> texts(hid_t file, const std::string& name) {
  const List list(file, name);
  list.require(H5T_STRING);
  if (list.count > most_keys) throw Refusal{name + " has " + std::to_string(list.count) + " entries", damaged};
  std::vector<std::string> all;
  if (list.count == 0) return all;
  const htri_t variable = H5Tis_variable_str(list.type);
  check(variable, "the type of " + name + " can't be read");
  if (variable > 0) {
    const Id memory(H5Tcopy(list.type), H5Tclose, "the type of " + name + " can't be read");
    std::vector<char*> pointers(list.count);
    check(H5Dread(list.set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()), name + " can't be read");
    for (const char* text : pointers) all.emplace_back(text ? text : "");
    H5Dvlen_reclaim(memory, list.space, H5P_DEFAULT, pointers.data());
  } else {
    const std::size_t width = H5Tget_size(list.type);
    if (width == 0 || width > most_text)
      throw Refusal{"the texts of " + name + " have a size of " + std::to_string(width), damaged};
    std::vector<char> bytes(width * list.count);
    check(H5Dread(list.set, list.type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), name + " can't be read");
    for (std::size_t k = 0; k < list.count; ++k) all.emplace_back(&bytes[k * width], strnlen(&bytes[k * width], width));
  }
  for (const std::string& text : all)
    if (text.size() > most_text) throw Refusal{"a text of " + name + " is longer than 65536 bytes", damaged};
  return all;
}

/// Some rows of lists, as T; given back to libhdf5 at the end.
template <class T>
class Rows {
 public:
  Rows(const List& list, hid_t number, hsize_t first, hsize_t count)
      : type_(H5Tvlen_create(number), H5Tclose, "no memory"),
        space_(H5Screate_simple(1, &count, nullptr), H5Sclose, "no memory"),
        rows_(count) {
    check(H5Sselect_hyperslab(list.space, H5S_SELECT_SET, &first, nullptr, &count, nullptr),
          list.name + " can't be read");
    check(H5Dread(list.set, type_, space_, list.space, H5P_DEFAULT, rows_.data()),
          list.name + "[" + std::to_string(first) + " … " + std::to_string(first + count - 1) + "] can't be read");
  }
  ~Rows() { H5Dvlen_reclaim(type_, space_, H5P_DEFAULT, rows_.data()); }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  std::size_t size(std::size_t row) const { return rows_[row].len; }
  const void* data(std::size_t row) const { return rows_[row].p; }
  static constexpr std::size_t item = sizeof(T);

 private:
  Id type_, space_;
  std::vector<hvl_t> rows_;
};

/// From now on so much computing may be done before the next call, or a signal ends the program: a damaged file can
/// lead libhdf5 in circles. Waiting for a slow disk does not count.
void allow(double seconds) {
  itimerval limit{};
  limit.it_value.tv_sec = static_cast<time_t>(seconds);
  limit.it_value.tv_usec = static_cast<suseconds_t>((seconds - static_cast<double>(limit.it_value.tv_sec)) * 1e6);
  setitimer(ITIMER_PROF, &limit, nullptr);
}

void read(const char* path, double seconds) {
  allow(seconds);
  const Id file(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "is no HDF5 file, or a damaged one",
                "get it again; .h5.gz and .h5.zip have to be unpacked (gunzip, unzip)");
  const List times(file, "spikes/times"), units(file, "spikes/units");
  times.require_lists_of(H5T_FLOAT);
  units.require_lists_of(H5T_INTEGER);
  if (times.count != units.count)
    throw Refusal{
        "spikes/times has " + std::to_string(times.count) + " samples, spikes/units " + std::to_string(units.count),
        "they must be equally many"};
  const auto labels = whole_numbers(file, "labels", times.count);
  const bool with_speakers = exists(file, "extra/speaker");
  std::vector<std::int64_t> speakers;
  if (with_speakers) speakers = whole_numbers(file, "extra/speaker", times.count);
  std::vector<std::string> keys;
  if (exists(file, "extra/keys")) keys = texts(file, "extra/keys");
  put(head);
  put(std::uint64_t{times.count});
  put(std::uint64_t{with_speakers});
  put(labels);
  put(speakers);
  put(std::uint64_t{keys.size()});
  for (const std::string& key : keys) put(key);
  constexpr hsize_t together = 32;
  for (hsize_t first = 0; first < times.count; first += together) {
    allow(seconds);
    const hsize_t count = std::min(together, times.count - first);
    const Rows<double> t(times, H5T_NATIVE_DOUBLE, first, count);
    const Rows<std::int64_t> u(units, H5T_NATIVE_INT64, first, count);
    for (std::size_t row = 0; row < count; ++row) {
      const std::string which = "of sample " + std::to_string(first + row);
      if (t.size(row) != u.size(row))
        throw Refusal{"spikes/times " + which + " has " + std::to_string(t.size(row)) + " entries, spikes/units " +
                          std::to_string(u.size(row)),
                      "each spike has a time and a unit"};
      if (t.size(row) > most_spikes)
        throw Refusal{"spikes/times " + which + " has " + std::to_string(t.size(row)) + " entries, more than 2^26",
                      damaged};
      put(sample);
      put(std::uint64_t{t.size(row)});
      put(t.data(row), t.size(row) * t.item);
      put(u.data(row), u.size(row) * u.item);
    }
  }
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
Id new_list(hid_t place, const char* name, hid_t type, hsize_t count) {
  const Id space(H5Screate_simple(1, &count, nullptr), H5Sclose, "no memory");
  return {H5Dcreate2(place, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose,
          std::string(name) + " can't be written", "is the disk full?"};
}

void write_list(hid_t place, const char* name, hid_t file_type, hid_t memory_type,
                const std::vector<std::int64_t>& all) {
  const Id list = new_list(place, name, file_type, all.size());
  if (!all.empty())
    check(H5Dwrite(list, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()),
          std::string(name) + " can't be written");
}

void write_row(hid_t list, hid_t memory_type, hsize_t row, std::size_t size, void* data) {
  const hsize_t one = 1;
  const Id from(H5Screate_simple(1, &one, nullptr), H5Sclose, "no memory"),
      to(H5Dget_space(list), H5Sclose, "no memory");
  check(H5Sselect_hyperslab(to, H5S_SELECT_SET, &row, nullptr, &one, nullptr), "a sample can't be written");
  const hvl_t entry{size, data};
  check(H5Dwrite(list, memory_type, from, to, H5P_DEFAULT, &entry), "a sample can't be written");
}

void write(const char* path) {
  if (get<char>() != head) throw Refusal{"no head", ""};
  const auto samples = get<std::uint64_t>();
  const bool with_speakers = get<std::uint64_t>() != 0;
  const auto labels = get_all<std::int64_t>(samples), speakers = get_all<std::int64_t>(with_speakers ? samples : 0);
  std::vector<std::string> keys(get<std::uint64_t>());
  std::size_t width = 1;
  for (std::string& key : keys) {
    key.resize(get<std::uint64_t>());
    get(key.data(), key.size());
    width = std::max(width, key.size());
  }
  const Id file(H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, "can't be written",
                "is the folder there, and may you write in it?");
  {
    write_list(file, "labels", H5T_STD_U16LE, H5T_NATIVE_INT64, labels);
    const Id extra(H5Gcreate2(file, "extra", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                   "extra can't be written");
    if (with_speakers) write_list(extra, "speaker", H5T_STD_U16LE, H5T_NATIVE_INT64, speakers);
    const Id text(H5Tcopy(H5T_C_S1), H5Tclose, "no memory");
    check(H5Tset_size(text, width), "no memory");
    check(H5Tset_strpad(text, H5T_STR_NULLPAD), "no memory");
    const Id list = new_list(extra, "keys", text, keys.size());
    std::string bytes;
    for (const std::string& key : keys) bytes += key + std::string(width - key.size(), '\0');
    if (!keys.empty())
      check(H5Dwrite(list, text, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), "extra/keys can't be written");
  }
  {
    const Id spikes(H5Gcreate2(file, "spikes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                    "spikes can't be written");
    const Id float_type(H5Tvlen_create(H5T_IEEE_F32LE), H5Tclose, "no memory"),
        unit_type(H5Tvlen_create(H5T_STD_U16LE), H5Tclose, "no memory"),
        doubles(H5Tvlen_create(H5T_NATIVE_DOUBLE), H5Tclose, "no memory"),
        integers(H5Tvlen_create(H5T_NATIVE_INT64), H5Tclose, "no memory");
    const Id times = new_list(spikes, "times", float_type, samples),
             units = new_list(spikes, "units", unit_type, samples);
    for (std::uint64_t row = 0; row < samples; ++row) {
      if (get<char>() != sample) throw Refusal{"no sample", ""};
      const auto n = get<std::uint64_t>();
      auto t = get_all<double>(n);
      auto u = get_all<std::int64_t>(n);
      write_row(times, doubles, row, n, t.data());
      write_row(units, integers, row, n, u.data());
    }
  }
  check(H5Fflush(file, H5F_SCOPE_GLOBAL), "can't be written");
}

void limit(__rlimit_resource what, rlim_t most) {
  const rlimit both{most, most};
  setrlimit(what, &both);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  limit(RLIMIT_CORE, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  limit(RLIMIT_AS, rlim_t{4} << 30);
#endif
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  try {
    if (std::strcmp(argv[1], "read") == 0) read(argv[2], std::atof(argv[3]));
    else write(argv[2]);
    put(done);
  } catch (const Refusal& refusal) {
    put(error);
    put(refusal.what);
    put(mend);
    put(refusal.mend);
  } catch (const std::exception&) {  // std::bad_alloc: a size that can't be
    put(error);
    put(std::string("asks for more memory than a file of spikes needs"));
    put(mend);
    put(std::string(damaged));
  }
  std::fflush(stdout);
  _exit(0);  // a damaged file may also crash libhdf5 when it cleans up
}
