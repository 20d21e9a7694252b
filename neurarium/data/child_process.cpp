#include "neurarium/data/child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/files.hpp"

namespace neurarium {
namespace {

using Clock = std::chrono::steady_clock;

/// Between fork and exec only calls that are safe after a fork in a program with threads.
[[noreturn]] void become(const char* program, char* const* arguments, const char* folder, int input, int output,
                         pid_t parent) {
  ::setpgid(0, 0);                     // Ctrl-C reaches us, and we end the whole group
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // at once: the next attempt may begin at once
  if (::getppid() != parent) ::_exit(127);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0 || ::chdir(folder) != 0) ::_exit(126);
  ::execv(program, arguments);
  ::_exit(127);
}

int wait_for(pid_t child, const std::function<void()>& poll, const std::stop_token& stop) {
  const auto end_group = [&] {
    // Politely, then firmly.
    ::kill(-child, SIGTERM);
    int status = 0;
    for (int i = 0; i < 40; ++i) {
      if (::waitpid(child, &status, WNOHANG) == child) {
        ::kill(-child, SIGKILL);
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ::kill(-child, SIGKILL);
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  };
  auto next_poll = Clock::now();
  for (;;) {
    int status = 0;
    const pid_t done = ::waitpid(child, &status, WNOHANG);
    if (done == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (done < 0 && errno != EINTR) throw Error(std::string("can't wait for a program: ") + std::strerror(errno));
    if (stop.stop_requested()) {
      end_group();
      throw Interrupted("stopped");
    }
    if (poll && Clock::now() >= next_poll) {
      try {
        poll();
      } catch (...) {
        end_group();
        throw;
      }
      next_poll = Clock::now() + std::chrono::milliseconds(200);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

std::filesystem::path find_program(const std::string& name) {
  const char* variable = std::getenv("PATH");
  const std::string path = variable ? variable : "/usr/local/bin:/usr/bin:/bin";
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t to = std::min(path.find(':', from), path.size());
    const std::filesystem::path folder = path.substr(from, to - from);
    from = to + 1;
    if (folder.empty()) continue;  // it would mean the working directory, and nothing of ours is run from there
    std::filesystem::path candidate = std::filesystem::absolute(folder) / name;
    std::error_code error;
    if (std::filesystem::is_regular_file(candidate, error) && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

ChildResult run_child(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                      const std::filesystem::path& log, const std::function<void()>& poll, std::stop_token stop) {
  const std::filesystem::path program = find_program(arguments.at(0));
  if (program.empty()) throw Error("the program '" + arguments[0] + "' is not installed");
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  const std::string where = folder.string();
  const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const pid_t self = ::getpid();
  const pid_t child = input < 0 || output < 0 ? -1 : ::fork();
  if (child == 0) become(program.c_str(), pointers.data(), where.c_str(), input, output, self);
  const int code = errno;
  if (input >= 0) ::close(input);
  if (output >= 0) ::close(output);
  if (child < 0) throw Error("can't start '" + arguments[0] + "' in " + where + ": " + std::strerror(code));
  ::setpgid(child, child);  // here too: whoever comes first

  ChildResult result;
  result.exit_code = wait_for(child, poll, stop);
  result.output = read_text(log);
  constexpr std::size_t most = 4000;
  if (result.output.size() > most) result.output.erase(0, result.output.size() - most);
  return result;
}

}  // namespace neurarium
