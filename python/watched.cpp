#include "watched.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <thread>
#include <utility>

namespace neurarium::python {

void Watched::tell(const Progress& p) {
  const std::lock_guard lock(mutex_);
  latest_ = {std::string(p.phase), p.done, p.total, std::string(p.unit), p.merit, true};
}

void Watched::note(const std::string& line) {
  const std::lock_guard lock(mutex_);
  notes_.push_back(line);
}

void Watched::run(const std::function<void()>& work, Stopped stopped) {
  std::exception_ptr failure;
  std::condition_variable wake;
  bool done = false;
  {
    const py::gil_scoped_release release;
    std::thread worker([&] {
      try {
        work();
      } catch (...) {
        failure = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      done = true;
      wake.notify_one();
    });
    for (std::unique_lock lock(mutex_); !done;) {
      wake.wait_for(lock, std::chrono::milliseconds(50), [&] { return done; });
      lock.unlock();
      look();
      lock.lock();
    }
    worker.join();
  }
  if (from_python_ && from_python_->matches(PyExc_KeyboardInterrupt) && failure &&
      stopped == Stopped::says_how_to_go_on)
    std::rethrow_exception(failure);
  if (from_python_) throw py::error_already_set(*from_python_);
  if (failure) std::rethrow_exception(failure);
}

void Watched::look() {
  Latest latest;
  std::deque<std::string> notes;
  {
    const std::lock_guard lock(mutex_);
    std::swap(latest, latest_);
    std::swap(notes, notes_);
  }
  const py::gil_scoped_acquire interpreter;
  try {
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (from_python_) return;
    if (!note_.is_none())
      for (const std::string& line : notes) note_(line);
    if (!progress_.is_none() && latest.fresh)
      progress_(latest.phase, latest.done, latest.total, latest.unit, latest.merit);
  } catch (const py::error_already_set& error) {
    if (!from_python_) from_python_.emplace(error);
    stop_.request_stop();
  }
}

}  // namespace neurarium::python
