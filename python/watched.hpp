// Long work on a thread of its own, while the thread that called looks for Ctrl-C and passes on progress and notes: so Ctrl-C is seen
// within a moment whatever the work does, and the user's functions are called where they expect it.
#pragma once

#include <pybind11/pybind11.h>

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "neurarium/nn/study.hpp"

namespace neurarium::python {

namespace py = pybind11;

class Watched {
 public:
  /// Both are Python's functions, or None.
  Watched(py::object progress, py::object note) : progress_(std::move(progress)), note_(std::move(note)) {}

  /// What the error of work that Ctrl-C stopped is good for.
  enum class Stopped { says_how_to_go_on, says_nothing };
  /// Called with the interpreter's lock; throws what Python's functions or handlers raised, else what `work` threw.
  void run(const std::function<void()>& work, Stopped stopped);

  // For the work:
  std::stop_token stop() const { return stop_.get_token(); }
  void tell(const Progress& progress);
  void note(const std::string& line);

 private:
  struct Latest {
    std::string phase;
    double done = 0, total = 0;
    std::string unit, merit;
    bool fresh = false;
  };
  void look();

  py::object progress_, note_;
  std::stop_source stop_;
  std::mutex mutex_;
  Latest latest_;
  std::deque<std::string> notes_;
  std::optional<py::error_already_set> from_python_;
};

}  // namespace neurarium::python
