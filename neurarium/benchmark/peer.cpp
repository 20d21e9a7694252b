#include "neurarium/benchmark/peer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "neurarium/core/errors.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t longest_line = std::size_t{1} << 24;

/// Between fork and exec only calls that are safe after a fork in a program with threads.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* environment, int talk, int log,
                         pid_t parent) {
  ::setpgid(0, 0);                     // Ctrl-C reaches us, and we end the whole group
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // if we are killed
  if (::getppid() != parent) ::_exit(127);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(talk, 0) < 0 || ::dup2(talk, 1) < 0 || ::dup2(log, 2) < 0) ::_exit(126);
  ::execve(program, arguments, environment);
  ::_exit(127);
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& more) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text = *entry;
    if (std::ranges::none_of(more, [&](const auto& pair) { return text.starts_with(pair.first + "="); }))
      all.emplace_back(text);
  }
  for (const auto& [name, value] : more)
    if (!value.empty()) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// `text` as one line, cut to what a message can hold.
std::string excerpt(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  if (text.size() > 80) text = text.substr(0, 80) + "…";
  return text;
}

}  // namespace

Peer::Peer(PeerOptions options) : options_(std::move(options)) {
  if (::access(options_.command.at(0).c_str(), X_OK) != 0)
    throw DataError(options_.command[0], "is not there, and the peer of '" + options_.name + "' runs on it",
                    "install it: apt-get install python3 python3-numpy");
  const auto arguments = pointers_to(options_.command);
  const auto texts = environment_with(options_.environment);
  const auto environment = pointers_to(texts);
  int ends[2] = {-1, -1};
  const int log = ::open(options_.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool open = log >= 0 && ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
  const pid_t self = ::getpid();
  child_ = open ? ::fork() : -1;
  if (child_ == 0) become(arguments[0], arguments.data(), environment.data(), ends[1], log, self);
  const int code = errno;
  if (log >= 0) ::close(log);
  if (ends[1] >= 0) ::close(ends[1]);
  socket_ = ends[0];
  if (child_ < 0) {
    if (socket_ >= 0) ::close(socket_);
    throw Error("can't start " + options_.command[0] + ": " + std::strerror(code));
  }
  ::setpgid(child_, child_);  // here too: whoever comes first
}

Peer::~Peer() { end(); }

void Peer::end() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  if (child_ <= 0) return;
  // Its input is at its end, so it leaves by itself; it has nothing to save, so we don't wait long.
  for (int i = 0; i < 20 && ::waitpid(child_, nullptr, WNOHANG) == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(-child_, SIGKILL);
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {}
  child_ = -1;
}

std::string Peer::last_words() const {
  std::string text;
  try {
    text = read_text(options_.log);
  } catch (const Error&) {}
  constexpr std::size_t most = 1200;
  if (text.size() > most) text = "…" + text.substr(text.size() - most);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text.empty() ? "" : "; its last words:\n" + text;
}

void Peer::ended(const std::string& action) {
  int status = 0;
  for (int i = 0; i < 40 && ::waitpid(child_, &status, WNOHANG) == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::string how = "closed the line";
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) how = "ended with code " + std::to_string(WEXITSTATUS(status));
  if (WIFSIGNALED(status)) how = "was ended by signal " + std::to_string(WTERMSIG(status));
  throw Error("the peer of '" + options_.name + "' " + how + " instead of answering to '" + action + "'" +
              last_words());
}

std::string Peer::read_line(const std::string& action) {
  const auto limit = Clock::now() + std::chrono::duration<double>(options_.time_limit);
  for (;;) {
    if (const std::size_t at = received_.find('\n'); at != std::string::npos) {
      std::string line = received_.substr(0, at);
      received_.erase(0, at + 1);
      return line;
    }
    if (options_.stop.stop_requested()) throw Interrupted("stopped; nothing was written");
    if (Clock::now() > limit) {
      char seconds[32];
      std::snprintf(seconds, sizeof seconds, "%g", options_.time_limit);
      throw Error("the peer of '" + options_.name + "' did not answer to '" + action + "' within " + seconds +
                  " s, and was ended; --time-limit SECONDS gives it longer" + last_words());
    }
    pollfd wait{socket_, POLLIN, 0};
    if (::poll(&wait, 1, 50) <= 0) continue;
    char buffer[65536];
    const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) ended(action);
    received_.append(buffer, static_cast<std::size_t>(count));
    if (received_.size() > longest_line) throw Error("the peer of '" + options_.name + "' answers without end");
  }
}

Value Peer::ask(const Value& request) {
  const std::string action = request.at("do").as_text(), line = to_json(request, -1) + "\n";
  // A request is far smaller than a socket's buffer, and the peer reads before it answers.
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t count = ::send(socket_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) ended(action);
    sent += static_cast<std::size_t>(count);
  }
  const std::string answer = read_line(action);
  Value value;
  try {
    value = parse_json(answer, "the peer's answer");
  } catch (const Error&) {
    value = Value();
  }
  const std::string who = "the peer of '" + options_.name + "'";
  if (!value.is_table())
    throw Error(who + " answered to '" + action + "' with something that is no JSON object: " + excerpt(answer) +
                last_words());
  const auto text_of = [&](const char* key) -> const std::string* {
    const Value* text = value.find(key);
    return text && text->is_text() ? &text->as_text() : nullptr;
  };
  if (const auto* module = text_of("missing"))
    throw DataError(options_.command[0], "has no module '" + *module + "', which " + who + " needs",
                    *module == "numpy" ? "install it: apt-get install python3-numpy libopenblas0-pthread"
                                       : "install the package that holds it");
  if (const auto* why = text_of("refused")) throw SpecError(options_.name + ": " + *why);
  if (const auto* what = text_of("error")) throw Error(who + " failed at '" + action + "': " + *what);
  return value;
}

}  // namespace neurarium
