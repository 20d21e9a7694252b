// neurarium._engine: the engine behind the Python package. There is no code per model here: models, layers and studies
// are reached by the names of the registry, and the classes that users see are generated from its descriptions.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <algorithm>
#include <array>
#include <csignal>

#include "arrays.hpp"
#include "errors.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/data/interaural_phase.hpp"
#include "neurarium/interchange/npy.hpp"
#include "neurarium/neurarium.hpp"
#include "parts.hpp"
#include "values.hpp"

namespace neurarium::python {

namespace py = pybind11;

const Registry& registry() {
  static const Registry everything = builtin_registry();
  return everything;
}

Component completed(const std::string& kind, const Component& component, const std::string& source) {
  const Registry::Entry* entry = registry().find(kind, component.type);
  if (!entry) throw SpecError({registry().unknown(kind, component.type)});
  std::vector<Fault> faults;
  const auto load_array = [](const std::string& file, const Location&) {
    return std::make_shared<const Array>(read_npy(file));
  };
  Component full{component.type, entry->schema.complete(component.settings, {&registry(), &faults, {}, load_array})};
  for (Fault& fault : faults)
    if (fault.where.source.empty()) fault.where.source = source;
  if (!faults.empty()) throw SpecError(std::move(faults));
  return full;
}

namespace {

py::object complete(const std::string& kind, const std::string& type, const py::dict& settings,
                    const std::string& source) {
  return to_python(completed(kind, {type, to_value(settings, source)}, source).settings);
}

/// (t, i, offsets, n_steps, n_units): the steps and units of all events, and where those of each sample begin.
py::tuple events_to_python(const StepSpikes& spikes) {
  const std::size_t samples = spikes.samples(), events = spikes.events();
  py::array_t<std::int32_t> t(static_cast<py::ssize_t>(events));
  py::array_t<StepSpikes::Unit> i(static_cast<py::ssize_t>(events), spikes.all());
  py::array_t<std::int64_t> offsets(static_cast<py::ssize_t>(samples + 1));
  std::int64_t* const begin = offsets.mutable_data();
  for (std::size_t k = 0; k < samples; ++k) {
    const std::uint64_t* const rows = spikes.rows(k);
    begin[k] = static_cast<std::int64_t>(rows[0]);
    for (std::size_t step = 0; step < spikes.steps(); ++step)
      std::fill(t.mutable_data() + rows[step], t.mutable_data() + rows[step + 1], static_cast<std::int32_t>(step));
  }
  begin[samples] = static_cast<std::int64_t>(events);
  return py::make_tuple(t, i, offsets, spikes.steps(), spikes.units());
}

py::dict split_to_python(Split&& split) {
  py::dict out;
  out["x"] = split.spikes ? py::object(events_to_python(*split.spikes)) : py::object(to_numpy(std::move(split.x)));
  out["y"] = split.y.empty() ? py::object(py::none()) : py::object(to_numpy(std::move(split.y)));
  py::dict about;
  for (auto& [name, array] : split.about) about[py::str(name)] = to_numpy(std::move(array));
  out["about"] = about;
  return out;
}

py::dict load_data(const std::string& name, const std::string& home) {
  Dataset data;
  {
    const py::gil_scoped_release release;
    data = load_dataset(name, home.empty() ? default_data_home() : std::filesystem::path(home));
    if (!data.train.spikes) require_arrays(data);
  }
  py::dict out;
  out["name"] = data.name;
  out["train"] = split_to_python(std::move(data.train));
  out["test"] = data.test.samples() > 0 ? py::object(split_to_python(std::move(data.test))) : py::object(py::none());
  out["classes"] = data.classes;
  out["divisor"] = data.divisor;
  out["dt"] = data.dt > 0 ? py::object(py::float_(data.dt)) : py::object(py::none());
  out["sha256"] = data.sha256;
  return out;
}

using Labels = py::array_t<std::int64_t, py::array::c_style>;
using Numbers = py::array_t<double, py::array::c_style>;

double error_in_degrees(const Labels& estimated, const Numbers& ipd, std::int64_t classes) {
  const auto span = [](const auto& array) { return std::span(array.data(), static_cast<std::size_t>(array.size())); };
  return mean_absolute_error_deg(span(estimated), span(ipd), classes);
}

bool has_data(const std::string& name, const std::string& home) {
  return is_present(name, home.empty() ? default_data_home() : std::filesystem::path(home));
}

}  // namespace
}  // namespace neurarium::python

namespace {

/// Python's handler of Ctrl-C wants a stack of its own (SA_ONSTACK) if there is one. There must be: oneDNN's products use the stack
/// pointer for data, so that a handler on that stack would write over them.
void give_signals_a_stack() {
  static std::array<char, 1 << 16> room;
  stack_t now{};
  if (sigaltstack(nullptr, &now) != 0 || !(now.ss_flags & SS_DISABLE)) return;
  stack_t own{};
  own.ss_sp = room.data(), own.ss_size = room.size();
  sigaltstack(&own, nullptr);
}

}  // namespace

PYBIND11_MODULE(_engine, module) {
  give_signals_a_stack();
  using namespace neurarium::python;
  namespace py = pybind11;
  module.attr("__doc__") = "The C++ engine of Neurarium; use the package `neurarium`.";
  module.attr("version") = NEURARIUM_VERSION;
  register_errors();
  module.def("complete", &complete, py::arg("kind"), py::arg("type"), py::arg("settings"), py::arg("source") = "",
             "Settings of a part, checked and with every default written.");
  module.def("nearest", &neurarium::nearest, py::arg("word"), py::arg("known"),
             "The known word nearest to `word`, or '' if none is near enough to be a slip.");
  module.def("load_data", &load_data, py::arg("name"), py::arg("home") = "", "A data set by name, or a .npz file.");
  module.def("has_data", &has_data, py::arg("name"), py::arg("home") = "", "Whether a data set is on this machine.");
  module.def("discretise", py::vectorize(neurarium::discretise), py::arg("ipd"), py::arg("classes"),
             "The class of each interaural phase (rad).");
  module.def("continuise", py::vectorize(neurarium::continuise), py::arg("labels"), py::arg("classes"),
             "The middle of each class, rad.");
  module.def("mean_absolute_error_deg", &error_in_degrees, py::arg("labels"), py::arg("ipd"), py::arg("classes"),
             "Mean of |middle of the class - interaural phase|, degrees.");
  add_model(module);
  add_saved_model(module);
  add_runs(module);
  add_sweep(module);
  add_trained_run(module);
  add_convert(module);
  add_attack(module);
}
