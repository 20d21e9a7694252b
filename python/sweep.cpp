// _engine.sweep: many runs from Python. Each is a Python process of its own (neurarium._sweep), since a package that was
// installed alone has no program.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "neurarium/experiment/sweep.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/neurarium.hpp"
#include "parts.hpp"
#include "values.hpp"

namespace neurarium::python {
namespace {

namespace py = pybind11;

/// What the sweep calls, on the thread that called it: looks for Ctrl-C and hands progress and notes to Python. What Python
/// raises stops the sweep, whose runs then write their checkpoints, and is raised again.
class Calls {
 public:
  Calls(py::object progress, py::object note) : progress_(std::move(progress)), note_(std::move(note)) {}

  SweepResult sweep(const Sweep& sweep, SweepOptions options) {
    options.stop = stop_.get_token();
    options.progress = [this](const SweepResult& result) {
      guarded([&] {
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
        if (raised_ || progress_.is_none()) return;
        const auto failed = result.count(SweepRun::State::failed);
        progress_("sweep", static_cast<double>(result.count(SweepRun::State::finished) + failed),
                  static_cast<double>(result.runs.size()), "runs",
                  failed > 0 ? std::to_string(failed) + " failed" : std::string());
      });
    };
    options.note = [this](const std::string& line) {
      guarded([&] {
        if (!raised_ && !note_.is_none()) note_(line);
      });
    };
    try {
      SweepResult result;
      {
        const py::gil_scoped_release release;
        result = run_sweep(sweep, registry(), options);
      }
      if (raised_) throw py::error_already_set(*raised_);
      return result;
    } catch (const Interrupted&) {
      if (raised_ && !raised_->matches(PyExc_KeyboardInterrupt)) throw py::error_already_set(*raised_);
      throw;  // says how to go on
    }
  }

 private:
  template <class Call>
  void guarded(const Call& call) {
    const py::gil_scoped_acquire interpreter;
    try {
      call();
    } catch (const py::error_already_set& error) {
      if (!raised_) raised_.emplace(error);
      stop_.request_stop();
    }
  }

  py::object progress_, note_;
  std::stop_source stop_;
  std::optional<py::error_already_set> raised_;
};

py::object sweep_study(const std::string& study, const std::string& file, const py::dict& settings,
                       const std::string& source, const py::dict& axes, std::int64_t repeats, const py::object& data,
                       const std::string& out, const std::string& data_home, const std::vector<std::string>& program,
                       int jobs, bool again, const std::string& figure, const py::object& progress,
                       const py::object& note) {
  std::optional<Dataset> memory;
  if (!data.is_none()) memory = dataset_of(data);
  Sweep sweep{{study, file, to_value(settings, source)}, {}, repeats};
  for (const auto& [key, values] : axes) {
    SweepAxis& axis = sweep.axes.emplace_back();
    axis.key = key.cast<std::string>();
    for (const py::handle value : values) axis.values.push_back(to_value(value, source));
  }
  SweepOptions options;
  options.out = out;
  options.data_home = data_home;
  options.program = program;
  options.jobs = jobs;
  options.again = again;
  options.figure = figure;
  options.command = {source};
  options.dataset_in_memory = memory ? &*memory : nullptr;
  return to_python(to_value(Calls(progress, note).sweep(sweep, options)));
}

}  // namespace

void add_sweep(py::module_& module) {
  using py::arg;
  module.def("sweep", &sweep_study, arg("study"), arg("file"), arg("settings"), arg("source"), arg("axes"),
             arg("repeats"), arg("data"), arg("out"), arg("data_home"), arg("program"), arg("jobs"), arg("again"),
             arg("figure"), arg("progress"), arg("note"), "Runs an experiment for many settings and seeds.");
}

}  // namespace neurarium::python
