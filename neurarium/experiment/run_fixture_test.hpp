// Runs of the toy study in a folder of their own, for tests of what a run leaves, resumes and repeats.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>

#include "neurarium/core/files.hpp"
#include "neurarium/experiment/toy_study_test.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium::testing {

class RunTest : public FolderTest {
 protected:
  Experiment experiment(const std::vector<std::string>& words = {}) const {
    Spec spec;
    spec.study = "toy-sum";
    spec.settings = parse_overrides(words);
    return resolve(spec, registry_, toy_presets());
  }
  Report run_toy(const std::vector<std::string>& words = {}, RunOptions options = {}) const {
    return run(experiment(words), registry_, options);
  }
  static RunOptions to(const std::string& out) {
    RunOptions options;
    options.out = out;
    return options;
  }
  static RunOptions resuming(const std::string& out) {
    RunOptions options = to(out);
    options.resume = true;
    return options;
  }
  static Value record(const std::string& out) {
    return parse_json(read_text(std::filesystem::path(out) / "run.json"), "run.json");
  }
  /// Runs in a child process that kills itself, hard, at `step`.
  void run_killed(const std::string& out, std::int64_t step) const {
    const pid_t child = ::fork();
    if (child == 0) {
      ToyStudy::at_step() = [step](std::int64_t now) {
        if (now == step) ::raise(SIGKILL);
      };
      (void)run_toy({}, to(out));
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  Registry registry_ = toy_registry();
};

}  // namespace neurarium::testing
