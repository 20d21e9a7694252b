#include "neurarium/data/embedded_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "neurarium/core/errors.hpp"

// The program's bytes, put here by the assembler.
asm(".pushsection .rodata\n"
    ".hidden neurarium_hdf5_program\n"
    ".hidden neurarium_hdf5_program_end\n"
    ".globl neurarium_hdf5_program\n"
    ".globl neurarium_hdf5_program_end\n"
    ".balign 16\n"
    "neurarium_hdf5_program:\n"
    ".incbin \"" NEURARIUM_HDF5_PROGRAM
    "\"\n"
    "neurarium_hdf5_program_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" {
[[gnu::visibility("hidden")]] extern const std::byte neurarium_hdf5_program[];
[[gnu::visibility("hidden")]] extern const std::byte neurarium_hdf5_program_end[];
}

namespace neurarium {
namespace {

[[noreturn]] void fail(const char* what) {
  throw Error(std::string("can't start the program that reads spikes: ") + what + ": " + std::strerror(errno));
}

/// Between fork and exec only calls that are safe after a fork in a program with threads.
[[noreturn]] void become(int program, char* const* arguments, char* const* environment, int input, int output,
                         int messages, pid_t parent) {
  ::setpgid(0, 0);                     // Ctrl-C reaches us, and we end it
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // and it ends with us
  if (::getppid() != parent) ::_exit(127);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(messages, 2) < 0) ::_exit(126);
  ::fexecve(program, arguments, environment);
  ::_exit(127);
}

/// A file in memory.
int memory_file(const char* name) {
  const int file = ::memfd_create(name, MFD_CLOEXEC);
  if (file < 0) fail("memfd_create");
  return file;
}

}  // namespace

std::span<const std::byte> hdf5_program_bytes() { return {neurarium_hdf5_program, neurarium_hdf5_program_end}; }

EmbeddedProgram::EmbeddedProgram(std::span<const std::byte> program, const std::vector<std::string>& arguments,
                                 int stall_seconds, std::stop_token stop)
    : stall_seconds_(stall_seconds), stop_(std::move(stop)), buffer_(std::size_t{1} << 16) {
  std::string name = "neurarium-hdf5", locale = "LC_ALL=C";
  std::vector<char*> words = {name.data()};
  std::vector<std::string> copies = arguments;
  for (std::string& argument : copies) words.push_back(argument.data());
  words.push_back(nullptr);
  char* environment[] = {locale.data(), nullptr};  // none of the user's plug-ins

  const int code = memory_file(name.c_str());
  for (std::size_t done = 0; done < program.size();) {
    const ssize_t more = ::write(code, program.data() + done, program.size() - done);
    if (more <= 0) ::close(code), fail("write");
    done += static_cast<std::size_t>(more);
  }
  messages_ = ::memfd_create("messages", MFD_CLOEXEC);
  int to[2] = {-1, -1}, from[2] = {-1, -1};
  const pid_t self = ::getpid();
  const bool piped = messages_ >= 0 && ::pipe2(to, O_CLOEXEC) == 0 && ::pipe2(from, O_CLOEXEC) == 0;
  child_ = piped ? ::fork() : -1;
  if (child_ == 0) become(code, words.data(), environment, to[0], from[1], messages_, self);
  const int error = errno;
  for (const int file : {code, to[0], from[1]})
    if (file >= 0) ::close(file);
  in_ = from[0], out_ = to[1];
  if (child_ < 0) {
    for (const int file : {in_, out_, messages_})
      if (file >= 0) ::close(file);
    errno = error;
    fail("fork");
  }
  ::setpgid(child_, child_);
  ::fcntl(in_, F_SETFL, O_NONBLOCK);
  ::fcntl(out_, F_SETFL, O_NONBLOCK);
}

EmbeddedProgram::~EmbeddedProgram() {
  (void)end();
  for (const int file : {in_, out_, messages_})
    if (file >= 0) ::close(file);
}

/// Until the pipe is ready: false if it takes too long.
bool EmbeddedProgram::wait(int file, short what) {
  for (int waited = 0; waited < stall_seconds_ * 10; ++waited) {
    if (stop_.stop_requested()) throw Interrupted("stopped");
    pollfd one{file, what, 0};
    const int ready = ::poll(&one, 1, 100);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  stalled_ = true;
  return false;
}

bool EmbeddedProgram::read(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    if (from_ == to_) {
      const ssize_t more = ::read(in_, buffer_.data(), buffer_.size());
      if (more < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (!wait(in_, POLLIN)) return false;
        continue;
      }
      if (more <= 0) return false;
      from_ = 0, to_ = static_cast<std::size_t>(more);
    }
    const std::size_t some = std::min(bytes.size(), to_ - from_);
    std::memcpy(bytes.data(), buffer_.data() + from_, some);
    from_ += some, bytes = bytes.subspan(some);
  }
  return true;
}

bool EmbeddedProgram::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    // A pipe that nobody reads any more sends a signal to who writes to it; it is held back here, in this thread only.
    sigset_t pipe, before;
    sigemptyset(&pipe), sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, &before);
    const ssize_t some = ::write(out_, bytes.data(), bytes.size());
    const int error = errno;
    if (some < 0 && error == EPIPE && !sigismember(&before, SIGPIPE)) {
      const timespec now{};
      while (::sigtimedwait(&pipe, nullptr, &now) < 0 && errno == EINTR) {}
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (some < 0 && (error == EAGAIN || error == EINTR)) {
      if (!wait(out_, POLLOUT)) return false;
      continue;
    }
    if (some <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(some));
  }
  return true;
}

std::string EmbeddedProgram::end() {
  if (child_ < 0) return {};
  int status = 0;
  // It may be at its end already; then it says how it came to that.
  pid_t done = 0;
  for (int i = 0; !stalled_ && done == 0 && i < 50 && from_ == to_; ++i) {
    done = ::waitpid(child_, &status, WNOHANG);
    if (done == 0) ::poll(nullptr, 0, 2);
  }
  if (done != child_) {
    ::kill(child_, SIGKILL);
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {}
  }
  child_ = -1;
  if (stalled_) return "got no further for " + std::to_string(stall_seconds_) + " s";
  if (done != 0 && WIFSIGNALED(status)) {
    if (WTERMSIG(status) == SIGPROF) return "computed in circles";  // the limit it set itself
    const char* name = ::sigdescr_np(WTERMSIG(status));
    return std::string("crashed (") + (name ? name : "signal") + ")";
  }
  std::string text(2000, '\0');
  const ssize_t length = ::pread(messages_, text.data(), text.size(), 0);
  text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  while (text.ends_with('\n')) text.pop_back();
  return "ended too soon" + (text.empty() ? "" : ": " + text);
}

}  // namespace neurarium
