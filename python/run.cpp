// _engine.run and friends: experiments from Python.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "arrays.hpp"
#include "neurarium/data/user_file.hpp"
#include "neurarium/experiment/describe.hpp"
#include "neurarium/neurarium.hpp"
#include "parts.hpp"
#include "values.hpp"
#include "watched.hpp"

namespace neurarium::python {
namespace {

namespace py = pybind11;

Report run_watched(const Experiment& experiment, RunOptions options, const py::object& progress,
                   const py::object& note) {
  Watched watched(progress, note);
  options.stop = watched.stop();
  options.progress = [&](const Progress& p) { watched.tell(p); };
  options.note = [&](const std::string& line) { watched.note(line); };
  Report report;
  watched.run([&] { report = neurarium::run(experiment, registry(), options); }, Watched::Stopped::says_how_to_go_on);
  return report;
}

py::object to_python(Exhibit& exhibit) {
  using namespace py::literals;
  if (auto* picture = std::get_if<Picture>(&exhibit))
    return py::dict("kind"_a = "picture", "name"_a = picture->name, "title"_a = picture->title,
                    "caption"_a = picture->caption, "pixels"_a = to_numpy(std::move(picture->pixels)),
                    "smooth"_a = picture->smooth);
  if (auto* table = std::get_if<Table>(&exhibit))
    return py::dict("kind"_a = "table", "name"_a = table->name, "title"_a = table->title, "caption"_a = table->caption,
                    "columns"_a = table->columns, "rows"_a = table->rows);
  if (auto* remark = std::get_if<Remark>(&exhibit))
    return py::dict("kind"_a = "remark", "title"_a = remark->title, "text"_a = remark->text);
  auto& chart = std::get<Chart>(exhibit);
  py::list traces;
  const auto numbers = [](const std::vector<double>& values) {
    return py::array_t<double>(static_cast<py::ssize_t>(values.size()), values.data());
  };
  for (Trace& trace : chart.traces)
    traces.append(
        py::dict("kind"_a = std::string(name_of(trace.kind)), "name"_a = trace.name, "x"_a = numbers(trace.x),
                 "y"_a = numbers(trace.y), "z"_a = numbers(trace.z),
                 "grid"_a = trace.grid.empty() ? py::object(py::none()) : py::object(to_numpy(std::move(trace.grid))),
                 "labels"_a = trace.labels, "colour"_a = trace.colour));
  return py::dict("kind"_a = "chart", "name"_a = chart.name, "title"_a = chart.title, "caption"_a = chart.caption,
                  "x_label"_a = chart.x_label, "y_label"_a = chart.y_label, "z_label"_a = chart.z_label,
                  "traces"_a = traces, "log_y"_a = chart.log_y, "equal_axes"_a = chart.equal_axes,
                  "log_x"_a = chart.log_x, "x_names"_a = chart.x_names);
}

py::dict to_python(Report&& report) {
  using namespace py::literals;
  py::list figures, exhibits;
  for (const Figure& figure : report.figures)
    figures.append(py::dict("name"_a = figure.name, "value"_a = python::to_python(figure.value), "unit"_a = figure.unit,
                            "meaning"_a = figure.meaning, "reference"_a = python::to_python(figure.reference),
                            "reference_source"_a = figure.reference_source));
  for (Exhibit& exhibit : report.exhibits) exhibits.append(to_python(exhibit));
  return py::dict("study"_a = report.study, "run"_a = report.run, "question"_a = report.question,
                  "answer"_a = report.answer, "figures"_a = figures, "exhibits"_a = exhibits);
}

Experiment resolved(const std::string& study, const std::string& file, const py::dict& settings,
                    const std::string& source) {
  return resolve({study, file, to_value(settings, source)}, registry());
}

py::dict run_study(const std::string& study, const std::string& file, const py::dict& settings,
                   const std::string& source, const py::object& data, const std::string& out,
                   const std::string& data_home, bool resume, bool again, bool allow_isa_change,
                   const py::object& progress, const py::object& note) {
  std::optional<Dataset> memory;
  if (!data.is_none()) memory = dataset_of(data);
  const Experiment experiment = resolved(study, file, settings, source);
  RunOptions options;
  options.out = out;
  options.data_home = data_home;
  options.resume = resume;
  options.again = again;
  options.allow_isa_change = allow_isa_change;
  options.dataset_in_memory = memory ? &*memory : nullptr;
  options.command = {source};
  return to_python(run_watched(experiment, options, progress, note));
}

py::dict resolve_study(const std::string& study, const std::string& file, const py::dict& settings,
                       const std::string& source) {
  const Experiment experiment = resolved(study, file, settings, source);
  using namespace py::literals;
  return py::dict("study"_a = experiment.study, "preset"_a = experiment.preset, "seed"_a = experiment.seed,
                  "threads"_a = experiment.threads, "settings"_a = python::to_python(experiment.settings),
                  "toml"_a = to_toml(experiment));
}

py::object describe_part(const std::string& kind, const std::string& type) {
  const Registry::Entry* entry = registry().find(kind, type);
  if (!entry) throw py::key_error(kind + "/" + type);
  return python::to_python(describe(*entry));
}

py::list preset_names() {
  py::list out;
  for (const Preset& preset : builtin_presets())
    out.append(py::make_tuple(std::string(preset.study), std::string(preset.name)));
  return out;
}

}  // namespace

Dataset dataset_of(const py::dict& named) {
  NamedArrays arrays;
  for (const auto& [key, numbers] : named) {
    const auto name = key.cast<std::string>();
    arrays.emplace_back(name, Array(borrow(numbers, "data: " + name).view));
  }
  return user_dataset(std::move(arrays), "data");
}

void add_runs(py::module_& module) {
  using py::arg;
  module.def("run", &run_study, arg("study"), arg("file"), arg("settings"), arg("source"), arg("data"), arg("out"),
             arg("data_home"), arg("resume"), arg("again"), arg("allow_isa_change"), arg("progress"), arg("note"),
             "Runs an experiment in its run directory.");
  module.def("resolve", &resolve_study, arg("study"), arg("file"), arg("settings"), arg("source"),
             "An experiment with every default.");
  module.def(
      "describe_all", [] { return to_python(describe_all(registry())); }, "Every part with its fields.");
  module.def("describe", &describe_part, arg("kind"), arg("type"), "One part with its fields.");
  module.def(
      "names", [](const std::string& kind) { return registry().names(kind); }, arg("kind"),
      "Names of the parts of a kind.");
  module.def(
      "kinds", [] { return registry().kinds(); }, "Kinds of parts.");
  module.def("presets", &preset_names, "(study, preset) of everything built in.");
}

}  // namespace neurarium::python
