#include "neurarium/core/files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* doing) {
  const int code = errno;
  std::string mend;
  if (code == ENOSPC || code == EDQUOT || code == EFBIG) mend = "; free some space and run again";
  if (code == EACCES || code == EROFS) mend = "; choose another place (--out) or change its permissions";
  throw Error(path.string() + ": can't " + doing + ": " + std::strerror(code) + mend);
}

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void add(const void* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
      text += "0123456789abcdef"[digest[i] >> 4];
      text += "0123456789abcdef"[digest[i] & 15];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

bool is_file_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

namespace {

/// Where a chain of symbolic links leads: the link stays, what it names is written (and made, if it is not there yet).
std::filesystem::path behind_links(std::filesystem::path path) {
  std::error_code error;
  for (int links = 0; std::filesystem::is_symlink(path, error); ++links) {
    if (links == 40) {
      errno = ELOOP;
      fail(path, "write");
    }
    const std::filesystem::path target = std::filesystem::read_symlink(path);
    path = path.parent_path() / target;  // of an absolute target, operator/ leaves just that
  }
  return path;
}

/// False if an error is in errno.
bool write_all(int file, std::span<const std::byte> content) {
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t n = ::write(file, content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

/// Into a pipe or a device, which a file must not take the place of.
void write_straight(const std::filesystem::path& path, std::span<const std::byte> content) {
  int file = -1;
  do file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  while (file < 0 && errno == EINTR);
  if (file < 0) fail(path, "write");
  const bool written = write_all(file, content);
  const int code = errno;
  const bool closed = ::close(file) == 0;
  if (written && closed) return;
  if (!written) errno = code;
  fail(path, written ? "close" : "write");
}

}  // namespace

void write_atomically(const std::filesystem::path& wanted, std::span<const std::byte> content) {
  std::error_code unknown;
  switch (const auto type = std::filesystem::status(wanted, unknown).type()) {
    case std::filesystem::file_type::character:
    case std::filesystem::file_type::fifo: return write_straight(wanted, content);  // also /dev/fd/N
    case std::filesystem::file_type::directory:
    case std::filesystem::file_type::block:
    case std::filesystem::file_type::socket:
      throw Error(wanted.string() + ": can't write: it is a " +
                  (type == std::filesystem::file_type::directory ? "folder"
                   : type == std::filesystem::file_type::block   ? "disk"
                                                                 : "socket") +
                  "; give the name of a file");
    default: break;
  }
  const std::filesystem::path path = behind_links(wanted);
  const std::filesystem::path aside = path.string() + ".part" + std::to_string(::getpid());
  const int file = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) fail(path, "write");
  const auto give_up = [&](const char* doing) {
    const int code = errno;
    ::close(file);
    ::unlink(aside.c_str());
    errno = code;
    fail(path, doing);
  };
  if (!write_all(file, content)) give_up("write");
  if (::fsync(file) != 0) give_up("sync");
  if (::close(file) != 0) {
    ::unlink(aside.c_str());
    fail(path, "close");
  }
  if (::rename(aside.c_str(), path.c_str()) != 0) {
    const int code = errno;
    ::unlink(aside.c_str());
    errno = code;
    fail(path, "rename into place");
  }
}

void write_atomically(const std::filesystem::path& path, std::string_view content) {
  write_atomically(path, std::as_bytes(std::span(content)));
}

std::vector<std::byte> read_bytes(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw DataError(path.string(), "is a folder, expected a file");
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw DataError(path.string(), std::string("can't be read: ") + std::strerror(errno));
  std::vector<std::byte> bytes(static_cast<std::size_t>(file.tellg()));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file) throw DataError(path.string(), "can't be read to its end");
  return bytes;
}

std::string read_text(const std::filesystem::path& path) {
  const auto bytes = read_bytes(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string sha256(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.add(bytes.data(), bytes.size());
  return hash.hex();
}
std::string sha256(std::string_view text) { return sha256(std::as_bytes(std::span(text))); }

std::string sha256_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DataError(path.string(), std::string("can't be read: ") + std::strerror(errno));
  Sha256 hash;
  std::vector<char> piece(1 << 20);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
    hash.add(piece.data(), static_cast<std::size_t>(file.gcount()));
  return hash.hex();
}

}  // namespace neurarium
