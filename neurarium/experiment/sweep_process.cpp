#include "neurarium/experiment/sweep_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include "neurarium/core/errors.hpp"

namespace neurarium {
namespace {

/// Between fork and exec only calls that are safe after a fork in a program with threads.
[[noreturn]] void become(const char* file, char* const* arguments, int nothing, int log, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP}) std::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(nothing, 0) < 0 || ::dup2(nothing, 1) < 0 || ::dup2(log, 2) < 0) ::_exit(126);
  ::execv(file, arguments);
  const char* text = "neurarium: the program can't be started\n";
  [[maybe_unused]] const ssize_t written = ::write(2, text, std::strlen(text));
  ::_exit(127);
}

/// The end of a file, from its last `most` bytes.
std::string tail(const std::filesystem::path& file, std::size_t most) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return {};
  const auto size = static_cast<std::size_t>(std::max<std::streamoff>(0, in.tellg()));
  std::string text(std::min(size, most), '\0');
  in.seekg(static_cast<std::streamoff>(size - text.size()));
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, const std::string& called,
                           const std::filesystem::path& log) {
  std::vector<char*> pointers;
  for (const std::string& text : arguments) pointers.push_back(const_cast<char*>(text.c_str()));
  if (!called.empty()) pointers[0] = const_cast<char*>(called.c_str());
  pointers.push_back(nullptr);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0644);
  const pid_t self = ::getpid();
  if (nothing >= 0 && file >= 0) child_ = ::fork();
  if (child_ == 0) become(arguments[0].c_str(), pointers.data(), nothing, file, self);
  const int code = errno;
  if (nothing >= 0) ::close(nothing);
  if (file >= 0) ::close(file);
  if (child_ < 0)
    throw Error((file < 0 ? log.string() + ": can't be written: " : "a run can't be started: ") + std::strerror(code));
  ::setpgid(child_, child_);  // here too: whoever comes first
}

ChildProcess::~ChildProcess() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {}
}

void ChildProcess::ask_to_stop() noexcept {
  if (child_ > 0 && !asked_) ::kill(child_, SIGTERM);
  asked_ = true;
}

std::optional<ChildProcess::End> ChildProcess::ended() {
  int status = 0;
  const pid_t found = ::waitpid(child_, &status, WNOHANG);
  if (found == 0 || (found < 0 && errno == EINTR)) return std::nullopt;
  child_ = -1;
  if (found > 0 && WIFSIGNALED(status)) return End{128 + WTERMSIG(status), WTERMSIG(status)};
  return End{found > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1, 0};
}

std::string last_words(const std::filesystem::path& log) {
  constexpr std::size_t most = 1500;
  std::string text = tail(log, 65536);
  const std::string mark = "neurarium: ";
  std::size_t begin = text.starts_with(mark) ? 0 : std::string::npos;
  if (const std::size_t found = text.rfind("\n" + mark); found != std::string::npos) begin = found + 1;
  if (begin != std::string::npos) {
    text = text.substr(begin + mark.size());
  } else {  // not one of our messages: the last three lines
    std::size_t at = text.size();
    for (int lines = 0; lines < 3 && at != std::string::npos && at > 0; ++lines) at = text.rfind('\n', at - 1);
    if (at != std::string::npos && at > 0) text = text.substr(at + 1);
  }
  return text.size() > most ? text.substr(0, most) + " …" : text;
}

std::string last_line(const std::filesystem::path& log) {
  const std::string text = tail(log, 4096);
  const std::size_t end = text.rfind('\n');
  return end == std::string::npos ? text : text.substr(end + 1);
}

}  // namespace neurarium
