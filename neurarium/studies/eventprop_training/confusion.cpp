#include "neurarium/studies/eventprop_training/confusion.hpp"

#include "neurarium/nn/classes.hpp"

namespace neurarium {

Chart confusion_chart(ArrayView scores, ArrayView labels, std::size_t classes, const std::string& who) {
  const Tensor<double> numbers = to_tensor<double>(scores);
  const auto truth = labels.as<std::int64_t>().flat();
  Array shares(DType::f64, {classes, classes});
  std::vector<double> of_class(classes, 0);
  const auto counts = shares.as<double>();
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto label = static_cast<std::size_t>(truth[i]);
    counts(label, strongest(numbers.view()[i].flat())) += 100, of_class[label] += 1;
  }
  Trace map;
  map.kind = Trace::Kind::heatmap;
  for (std::size_t a = 0; a < classes; ++a) {
    map.x.push_back(static_cast<double>(a)), map.y.push_back(static_cast<double>(a));
    for (std::size_t p = 0; p < classes && of_class[a] > 0; ++p) counts(a, p) /= of_class[a];
  }
  map.grid = std::move(shares);
  Chart chart;
  chart.name = "confusion", chart.title = "What is taken for what";
  chart.caption = who + ": share of each class (row), in per cent, that is taken for each class (column).";
  chart.x_label = "taken for", chart.y_label = "class", chart.z_label = "%";
  chart.traces.push_back(std::move(map));
  return chart;
}

}  // namespace neurarium
