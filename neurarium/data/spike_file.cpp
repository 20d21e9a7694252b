#include "neurarium/data/spike_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/errors.hpp"
#include "neurarium/data/embedded_program.hpp"
#include "neurarium/data/hdf5_program.hpp"

namespace neurarium {
namespace {

namespace fs = std::filesystem;
namespace protocol = hdf5_program;

constexpr int stall_seconds = 600;  // a disk that is woken, a network that is slow
constexpr const char* damaged = "the file is damaged or cut short: get it again";

/// What comes from the program that reads.
class Reader {
 public:
  Reader(const fs::path& path, double seconds, const std::stop_token& stop)
      : file_(path.string()),
        program_(hdf5_program_bytes(), {"read", fs::absolute(path).string(), short_digits(seconds)}, stall_seconds,
                 stop) {}

  SpikeFileHead head() {
    if (next() != protocol::head) fail("nothing came of it", damaged);
    const auto samples = number(protocol::most_samples);
    const bool with_speakers = number(1) != 0;
    SpikeFileHead head;
    head.labels = all<std::int64_t>(samples);
    if (with_speakers) head.speakers = all<std::int64_t>(samples);
    head.classes.resize(number(protocol::most_keys));
    for (std::string& name : head.classes) name = text();
    for (std::size_t k = 0; k < samples; ++k)
      if (head.labels[k] < 0 ||
          (!head.classes.empty() && static_cast<std::uint64_t>(head.labels[k]) >= head.classes.size()))
        fail("labels[" + std::to_string(k) + "] is " + std::to_string(head.labels[k]) +
                 (head.classes.empty() ? ", expected 0 or more"
                                       : ", outside 0 … " + std::to_string(head.classes.size() - 1) + " (extra/keys)"),
             "labels count from 0");
    return head;
  }

  void sample(TimedSpikes& spikes) {
    if (next() != protocol::sample) fail("a sample is missing", damaged);
    const auto n = number(protocol::most_spikes);
    spikes.times = all<double>(n, std::move(spikes.times));
    spikes.units = all<std::int64_t>(n, std::move(spikes.units));
  }

  void finish() {
    if (next() != protocol::done) fail("there is more than there should be", damaged);
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& mend) const { throw DataError(file_, what, mend); }

  void get(std::span<std::byte> bytes) {
    if (!program_.read(bytes)) fail("libhdf5 " + program_.end() + " when it read this file", damaged);
  }
  char next() {
    char tag = 0;
    get(std::as_writable_bytes(std::span(&tag, 1)));
    if (tag != protocol::error) return tag;
    const std::string what = text();
    get(std::as_writable_bytes(std::span(&tag, 1)));
    fail(what, text());
  }
  std::uint64_t number(std::uint64_t most) {
    std::uint64_t value = 0;
    get(std::as_writable_bytes(std::span(&value, 1)));
    if (value > most) fail("holds a count of " + std::to_string(value) + ", at most " + std::to_string(most), damaged);
    return value;
  }
  template <class T>
  std::vector<T> all(std::uint64_t n, std::vector<T> numbers = {}) {
    numbers.resize(n);
    get(std::as_writable_bytes(std::span(numbers)));
    return numbers;
  }
  std::string text() {
    std::string made(number(protocol::most_text), '\0');
    get(std::as_writable_bytes(std::span(made)));
    return made;
  }

  std::string file_;
  EmbeddedProgram program_;
};

/// What goes to the program that writes.
class Writer {
 public:
  Writer(const fs::path& path, std::string shown, const std::stop_token& stop)
      : shown_(std::move(shown)), program_(hdf5_program_bytes(), {"write", path.string(), "0"}, stall_seconds, stop) {}

  void head(const SpikeFileHead& head) {
    put(protocol::head);
    put(std::uint64_t{head.labels.size()});
    put(std::uint64_t{!head.speakers.empty()});
    put_all(head.labels);
    put_all(head.speakers);
    put(std::uint64_t{head.classes.size()});
    for (const std::string& name : head.classes) put(std::uint64_t{name.size()}), put_all(name);
  }
  void sample(const TimedSpikes& spikes) {
    put(protocol::sample);
    put(std::uint64_t{spikes.times.size()});
    put_all(spikes.times);
    put_all(spikes.units);
  }
  void finish() {
    if (!end_) flush();
    char tag = 0;
    if (!program_.read(std::as_writable_bytes(std::span(&tag, 1)))) fail("libhdf5 " + program_.end());
    if (tag == protocol::error) fail(text());
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(shown_ + ": can't be written: " + what); }
  template <class T>
  void put(const T& value) {
    put_bytes(std::as_bytes(std::span(&value, 1)));
  }
  template <class All>
  void put_all(const All& all) {
    put_bytes(std::as_bytes(std::span(all)));
  }
  void put_bytes(std::span<const std::byte> bytes) {
    waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
    if (waiting_.size() > std::size_t{1} << 20) flush();
  }
  void flush() {
    if (!end_ && !program_.write(waiting_)) {
      end_ = true;
      finish();  // it says why
      fail("libhdf5 " + program_.end());
    }
    waiting_.clear();
  }
  std::string text() {
    std::uint64_t size = 0;
    if (!program_.read(std::as_writable_bytes(std::span(&size, 1))) || size > protocol::most_text)
      return "damaged message";
    std::string made(size, '\0');
    if (!program_.read(std::as_writable_bytes(std::span(made)))) return "damaged message";
    return made;
  }

  std::string shown_;
  EmbeddedProgram program_;
  std::vector<std::byte> waiting_;
  bool end_ = false;
};

void check(const fs::path& path, const SpikeFileHead& head) {
  if (!head.speakers.empty() && head.speakers.size() != head.labels.size())
    throw InternalError(path.string() + ": " + std::to_string(head.speakers.size()) + " speakers for " +
                        std::to_string(head.labels.size()) + " labels");
  for (const auto& all : {head.labels, head.speakers})
    for (const std::int64_t one : all)
      if (one < 0 || one > 65535) throw InternalError(path.string() + ": a label or speaker of " + std::to_string(one));
}

}  // namespace

void read_spike_file(const fs::path& path, const std::function<void(const SpikeFileHead&)>& begin,
                     const std::function<void(std::size_t, const TimedSpikes&)>& take, std::stop_token stop,
                     double seconds) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) throw DataError(path.string(), "not found", "give the path of an HDF5 file");
  Reader reader(path, seconds, stop);
  const SpikeFileHead head = reader.head();
  begin(head);
  TimedSpikes spikes;
  for (std::size_t k = 0; k < head.labels.size(); ++k) {
    reader.sample(spikes);
    take(k, spikes);
  }
  reader.finish();
}

void write_spike_file(const fs::path& path, const SpikeFileHead& head,
                      const std::function<TimedSpikes(std::size_t)>& give, std::stop_token stop) {
  check(path, head);
  const fs::path target = fs::absolute(path);
  const fs::path aside = target.parent_path() / ("." + target.filename().string() + "." + std::to_string(::getpid()));
  try {
    Writer writer(aside, path.string(), stop);
    writer.head(head);
    for (std::size_t k = 0; k < head.labels.size(); ++k) {
      const TimedSpikes spikes = give(k);
      if (spikes.times.size() != spikes.units.size())
        throw InternalError(path.string() + ": " + std::to_string(spikes.times.size()) + " times for " +
                            std::to_string(spikes.units.size()) + " units");
      writer.sample(spikes);
    }
    writer.finish();
    if (const int file = ::open(aside.c_str(), O_RDONLY | O_CLOEXEC); file >= 0) ::fsync(file), ::close(file);
    std::error_code fault;
    fs::rename(aside, target, fault);
    if (fault) throw Error(path.string() + ": can't be written: " + fault.message());
  } catch (...) {
    std::error_code error;
    fs::remove(aside, error);
    throw;
  }
}

}  // namespace neurarium
