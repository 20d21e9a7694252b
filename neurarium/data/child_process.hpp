// Programs of the machine, run without a shell.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace neurarium {

/// The program's path as $PATH has it, or empty.
std::filesystem::path find_program(const std::string& name);

struct ChildResult {
  int exit_code = 0;   ///< 128 + signal if a signal ended it
  std::string output;  ///< the last 4,000 bytes of what it printed
};

/// Runs `arguments` (the program's name first) in `folder`, its output in the file `log`, nothing on its input, and waits. `poll`
/// is called about five times a second. When `stop` is requested, the program and its children are ended and Interrupted is thrown.
/// It also ends if we are killed. An Error if the program can't be found or started.
ChildResult run_child(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                      const std::filesystem::path& log, const std::function<void()>& poll = {},
                      std::stop_token stop = {});

}  // namespace neurarium
