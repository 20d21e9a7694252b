// Ctrl-C and progress for loops that run without the interpreter's lock, on the thread that called.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>

#include "neurarium/nn/study.hpp"

namespace neurarium::python {

namespace py = pybind11;

/// check() costs a look at the clock; every 20 ms it asks Python whether a signal came in, and throws what the signal's
/// handler raised (KeyboardInterrupt).
class SignalWatch {
 public:
  void check() {
    const auto now = Clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds(20);
    const py::gil_scoped_acquire lock;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point next_ = Clock::now() + std::chrono::milliseconds(20);
};

/// Calls progress(phase, done, total, unit, merit), at most ten times a second, but always when something is done.
class ProgressCall {
 public:
  explicit ProgressCall(py::object call) : call_(std::move(call)) {}
  /// To be called without the lock.
  void operator()(const Progress& progress) {
    const auto now = Clock::now();
    if (call_.is_none() || (now < next_ && progress.done < progress.total)) return;
    next_ = now + std::chrono::milliseconds(100);
    const py::gil_scoped_acquire lock;
    call_(progress.phase, progress.done, progress.total, progress.unit, progress.merit);
  }

 private:
  using Clock = std::chrono::steady_clock;
  py::object call_;
  Clock::time_point next_{};
};

}  // namespace neurarium::python
