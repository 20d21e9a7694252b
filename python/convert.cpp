// _engine.convert: a trained network as a finite Gaussian one, and back.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "arrays.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/safetensors.hpp"
#include "neurarium/models/finite_gaussian/convert_network.hpp"
#include "parts.hpp"
#include "values.hpp"

namespace neurarium::python {
namespace {

namespace py = pybind11;

/// From and to what Model.to_bytes() gives.
py::bytes convert(const py::bytes& model, bool to_finite, const WidthRule& rule, const py::object& x, double divisor) {
  const std::string_view given = model;
  SafeTensors file = parse_safetensors(std::as_bytes(std::span(given)), "model");
  const auto text = [&](const char* key) -> std::string& {
    return std::ranges::find(file.metadata, key, &std::pair<std::string, std::string>::first)->second;
  };
  Borrowed samples{py::array(), ArrayView(DType::f32, Shape{0}, nullptr)};
  if (!x.is_none()) samples = borrow(x, "x");
  std::vector<std::byte> bytes;
  {
    const py::gil_scoped_release release;
    const NetworkState state{{text("type"), parse_json(text("settings"), "settings")}, std::move(file.arrays)};
    NetworkState made =
        to_finite ? to_gaussian(state, rule, registry(), samples.view, divisor) : to_classical(state, registry());
    text("settings") = to_json(made.description.settings, -1);
    bytes = safetensors_bytes({std::move(made.arrays), std::move(file.metadata)});
  }
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void add_convert(py::module_& module) {
  using py::arg;
  module.def(
      "convert",
      [](const py::bytes& model, bool to_finite, const py::dict& settings, const py::object& x, double divisor) {
        WidthRule rule;
        std::vector<Fault> faults;
        WidthRule::fields().read(to_value(settings, "convert()"), &rule, {&registry(), &faults, {}, {}});
        if (!faults.empty()) throw SpecError(std::move(faults));
        return convert(model, to_finite, rule, x, divisor);
      },
      arg("model"), arg("to_finite"), arg("rule"), arg("x"), arg("divisor"),
      "A model's bytes as those of its finite Gaussian or classical twin.");
}

}  // namespace neurarium::python
