// _engine.convert: a trained network as a finite Gaussian one, and back. What the study convert-network does to a run's network, it does
// to a model: the same conversion, the same fit of a temperature, the same warnings.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "arrays.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/safetensors.hpp"
#include "neurarium/models/finite_gaussian/convert_network.hpp"
#include "neurarium/models/finite_gaussian/reach.hpp"
#include "neurarium/models/finite_gaussian/tempered.hpp"
#include "neurarium/robustness/answers.hpp"
#include "neurarium/robustness/calibration.hpp"
#include "parts.hpp"
#include "values.hpp"

namespace neurarium::python {
namespace {

namespace py = pybind11;

/// A line for each layer of `network` that has lost the samples, in the words of the command line.
std::vector<std::string> lost_layers(const NetworkState& network, ArrayView x, double divisor) {
  const std::size_t count = std::min(enough_for_reach, x.shape()[0]);
  std::vector<std::uint64_t> chosen(count);  // from first to last, since samples may lie in the order of their labels
  for (std::size_t i = 0; i < count; ++i) chosen[i] = i * x.shape()[0] / count;
  return warnings_of(reach_of(network, registry(), gather_rows(x, chosen), divisor));
}

/// `network` with the temperature that makes its answers to these samples least wrong.
NetworkState with_temperature(const NetworkState& network, ArrayView x, ArrayView labels, double divisor) {
  const auto model = network_with<Trainable>(network, registry(), "a temperature");
  if (!model->outputs_are_logits())
    throw SpecError("temperature: the network's outputs are no logits: it does not say how sure it is",
                    "leave temperature out, or train the network with the loss cross_entropy");
  WorkerPool pool(0);
  const Answers answers = answers_to(*model, known_data("x", "samples", x, divisor), pool);
  const TemperatureFit fit = fit_temperature(answers.logits.view(), labels.as<std::int64_t>().flat());
  return tempered(network, fit.temperature, registry());
}

/// From and to what Model.to_bytes() gives, and the warnings. With labels, a temperature is fitted on x.
py::tuple convert(const py::bytes& model, bool to_finite, const WidthRule& rule, const py::object& x,
                  const py::object& y, double divisor) {
  SavedNetwork saved = saved_network(model);
  const bool wants_temperature = !y.is_none();
  Borrowed samples{py::array(), ArrayView(DType::f32, Shape{0}, nullptr)}, labels = samples;
  if (!x.is_none()) samples = borrow(x, "x");
  const bool has_samples = samples.view.shape().axes() > 0 && samples.view.shape()[0] > 0;
  if (wants_temperature) {
    if (!has_samples) throw DataError("x", "there are no samples that a temperature could be fitted on");
    labels = borrow_labels(y, samples.view);
  }
  std::vector<std::string> warnings;
  std::vector<std::byte> bytes;
  {
    const py::gil_scoped_release release;
    const NetworkState& state = saved.state;
    if (has_samples && (to_finite || wants_temperature)) require_finite(samples.view);
    NetworkState made =
        to_finite ? to_gaussian(state, rule, registry(), samples.view, divisor) : to_classical(state, registry());
    if (has_samples && to_finite) warnings = lost_layers(made, samples.view, divisor);
    if (wants_temperature) made = with_temperature(made, samples.view, labels.view, divisor);
    std::ranges::find(saved.metadata, "settings", &std::pair<std::string, std::string>::first)->second =
        to_json(made.description.settings, -1);
    bytes = safetensors_bytes({std::move(made.arrays), std::move(saved.metadata)});
  }
  return py::make_tuple(py::bytes(reinterpret_cast<const char*>(bytes.data()), bytes.size()), warnings);
}

}  // namespace

void add_convert(py::module_& module) {
  using py::arg;
  module.def(
      "convert",
      [](const py::bytes& model, bool to_finite, const py::dict& settings, const py::object& x, const py::object& y,
         double divisor) {
        WidthRule rule;
        std::vector<Fault> faults;
        WidthRule::fields().read(to_value(settings, "convert()"), &rule, {&registry(), &faults, {}, {}});
        if (!faults.empty()) throw SpecError(std::move(faults));
        return convert(model, to_finite, rule, x, y, divisor);
      },
      arg("model"), arg("to_finite"), arg("rule"), arg("x"), arg("y"), arg("divisor"),
      "A model's bytes as those of its finite Gaussian or classical twin, and the warnings.");
}

}  // namespace neurarium::python
