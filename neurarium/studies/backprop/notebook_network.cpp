#include "neurarium/studies/backprop/notebook_network.hpp"

namespace neurarium {

Component notebook_network() {
  const auto dense = [](std::int64_t units, Value weights, Value bias) {
    Value layer = Value::table();
    layer.set("type", "dense");
    layer.set("units", units);
    layer.set("activation", "logistic");
    layer.set("weights", std::move(weights));
    layer.set("bias", std::move(bias));
    return layer;
  };
  using L = Value::List;
  Value settings = Value::table();
  settings.set("scalar", "float64");
  settings.set("layers", L{dense(2, L{L{-0.2, 0.2}, L{-0.3, -0.25}}, L{-0.1, 0.2}), dense(1, L{L{0.1, 0.2}}, L{0.1})});
  return {"sequential", settings};
}

bool is_notebook_network(Model& model) {
  static const std::vector<double> weights = {-0.2, 0.2, -0.3, -0.25, -0.1, 0.2, 0.1, 0.2, 0.1};
  std::vector<double> mine;
  for (const NamedView& parameter : model.parameters()) {
    if (parameter.values.dtype() != DType::f64) return false;
    for (const double w : parameter.values.as<double>().flat()) mine.push_back(w);
  }
  return mine == weights;
}

}  // namespace neurarium
