// What Model.save() and to_bytes() have written, read without a model that it would belong to.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "neurarium/core/errors.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/safetensors.hpp"
#include "neurarium/nn/study.hpp"
#include "parts.hpp"
#include "values.hpp"

namespace neurarium::python {

namespace py = pybind11;

namespace {

SavedNetwork saved_in(SafeTensors file, const std::string& source) {
  Checkpoint found{std::move(file.arrays), std::move(file.metadata)};
  const std::string* type = found.find_text("type");
  const std::string* settings = found.find_text("settings");
  if (!type || !settings)
    throw DataError(source, "does not say which model it holds", "make the model first and use its load(path)");
  return {{{*type, parse_json(*settings, source + ": settings")}, std::move(found.arrays)}, std::move(found.metadata)};
}

py::tuple type_and_settings(const SavedNetwork& saved) {
  return py::make_tuple(saved.state.description.type, to_python(saved.state.description.settings));
}

}  // namespace

SavedNetwork saved_network(const py::bytes& model) {
  const std::string_view text = model;
  return saved_in(parse_safetensors(std::as_bytes(std::span(text)), "bytes"), "bytes");
}

void add_saved_model(py::module_& module) {
  module.def(
      "saved_model", [](const std::string& path) { return type_and_settings(saved_in(read_safetensors(path), path)); },
      py::arg("path"), "(type, settings) of a model saved with save().");
  module.def(
      "saved_model_bytes", [](const py::bytes& bytes) { return type_and_settings(saved_network(bytes)); },
      py::arg("bytes"), "The same of to_bytes().");
}

}  // namespace neurarium::python
