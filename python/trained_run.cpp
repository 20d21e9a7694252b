// _engine.trained_run and ask_run: what a run has learned.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "neurarium/experiment/ask_run.hpp"
#include "parts.hpp"
#include "values.hpp"

namespace neurarium::python {
namespace {

namespace py = pybind11;

/// What opening a run has to say (data that have changed, a run that is not finished), as Python's warnings.
class Notes {
 public:
  operator std::function<void(const std::string&)>() {
    return [this](const std::string& text) {
      if (!text.starts_with("reading ")) texts_.push_back(text);
    };
  }
  void warn() const {
    for (const std::string& text : texts_)
      if (PyErr_WarnEx(PyExc_UserWarning, text.c_str(), 2) != 0) throw py::error_already_set();
  }

 private:
  std::vector<std::string> texts_;
};

py::tuple trained_run(const std::string& path, const std::string& data_home) {
  TrainedRun run;
  Notes notes;
  {
    const py::gil_scoped_release release;
    run = open_run(path, registry(), data_home, notes);
  }
  notes.warn();
  return py::make_tuple(run.description.type, to_python(run.description.settings), run.weights.string());
}

py::tuple ask(const std::string& path, const std::vector<std::string>& pictures, bool resize, bool invert,
              const std::string& data_home) {
  PictureAnswers answers;
  Notes notes;
  {
    const py::gil_scoped_release release;
    const TrainedRun run = open_run(path, registry(), data_home, notes);
    answers = ask_run(run, {pictures.begin(), pictures.end()}, {resize, invert});
  }
  notes.warn();
  using namespace py::literals;
  py::list told;
  for (const PictureAnswer& answer : answers.pictures) {
    py::list best;
    for (const Guess& guess : answer.best) best.append(py::make_tuple(guess.label, guess.name, guess.strength));
    told.append(py::dict("file"_a = answer.file, "best"_a = best, "outputs"_a = answer.outputs));
  }
  return py::make_tuple(answers.are_probabilities, told);
}

}  // namespace

void add_trained_run(py::module_& module) {
  using py::arg;
  module.def("trained_run", &trained_run, arg("path"), arg("data_home") = "",
             "(type, settings, file of the weights) of a run's network.");
  module.def("ask_run", &ask, arg("path"), arg("pictures"), arg("resize"), arg("invert"), arg("data_home") = "",
             "Shows pictures to a run's network.");
}

}  // namespace neurarium::python
