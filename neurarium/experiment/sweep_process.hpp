// A run as a process of its own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace neurarium {

/// Started with its standard error in `log` and no input. It leads a process group of its own, so that Ctrl-C reaches
/// only us, who hand it on; if we die, it is asked to stop (SIGTERM) and so writes its checkpoint.
class ChildProcess {
 public:
  /// arguments[0] is the program's file, `called` its argv[0] ("" = the file). An Error if it can't be started.
  ChildProcess(const std::vector<std::string>& arguments, const std::string& called, const std::filesystem::path& log);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();  ///< kills it if it still runs

  /// Asks it to write its checkpoint and to end; twice is once.
  void ask_to_stop() noexcept;

  struct End {
    int code = 0;    ///< exit code; 128 + signal if a signal ended it
    int signal = 0;  ///< 0 = it ended by itself
  };
  /// How it ended, or nothing if it still runs.
  std::optional<End> ended();

 private:
  pid_t child_ = -1;
  bool asked_ = false;
};

/// The error a run has left at the end of its log, in a few lines; "" if the log is empty.
std::string last_words(const std::filesystem::path& log);
/// The last line of a log that is still growing, "" if there is none.
std::string last_line(const std::filesystem::path& log);

}  // namespace neurarium
