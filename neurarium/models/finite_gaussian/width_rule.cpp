#include "neurarium/models/finite_gaussian/width_rule.hpp"

#include <cmath>

#include "neurarium/core/quantile.hpp"
#include "neurarium/nn/gaussian/widths.hpp"

namespace neurarium {

Schema WidthRule::fields() {
  using P = WidthRule;
  return Schema::of<P>({
      field("rule", &P::rule, "How far units reach.")
          .one_of({"notebook", "author", "scaled", "calibrated", "calibrated-diagonal"}),
      field("scale", &P::scale, "s of \"scaled\": σ = s √d.").positive(),
      field("quantile", &P::quantile, "Of the distances to samples, where g is to be `level`.").positive().at_most(1),
      field("level", &P::level, "g there.").positive().below(1),
      field("floor", &P::floor, "Share of the mean variance that is added to each input's.").at_least(0),
  });
}

namespace {

Tensor<double> calibrated(const WidthRule& rule, View<const double> h, View<const double> centres,
                          const std::string& layer) {
  const std::size_t n = h.shape()[0], units = centres.shape()[0], d = centres.shape()[1];
  const bool diagonal = rule.is_diagonal();
  Tensor<double> widths(diagonal ? Shape{units, d} : Shape{units});
  if (diagonal) {
    std::vector<double> variance(d);
    double mean_variance = 0;
    for (std::size_t i = 0; i < d; ++i) {
      double mean = 0, squares = 0;
      for (std::size_t r = 0; r < n; ++r) mean += h(r, i) / static_cast<double>(n);
      for (std::size_t r = 0; r < n; ++r) squares += (h(r, i) - mean) * (h(r, i) - mean);
      variance[i] = squares / static_cast<double>(std::max<std::size_t>(n, 2) - 1);
      mean_variance += variance[i] / static_cast<double>(d);
    }
    if (!(mean_variance > 0))
      throw SpecError(layer + ": all samples are the same there, so they say nothing about widths",
                      "give more samples, or rule = \"scaled\"");
    for (std::size_t j = 0; j < units; ++j)
      for (std::size_t i = 0; i < d; ++i) widths(j, i) = 0.5 * std::log(variance[i] + rule.floor * mean_variance);
  }
  const auto shape = make_widths<double>(diagonal ? "diagonal" : "spherical", 2, units, d, 1);
  shape->parameter().value = widths;
  Tensor<double> q(Shape{n, units});
  WidthsMemory<double> memory;
  shape->exponents(h, centres, memory, q.view());
  for (std::size_t j = 0; j < units; ++j) {
    std::vector<double> distances(n);
    for (std::size_t r = 0; r < n; ++r) distances[r] = q(r, j);
    const double far = quantile(std::move(distances), rule.quantile);
    if (!(far > 0))
      throw SpecError(layer + ", unit " + std::to_string(j) +
                          ": the samples lie at its centre, so they say nothing about its width",
                      "give other samples, or rule = \"scaled\"");
    const double wider = 0.5 * std::log(far / -std::log(rule.level));
    if (diagonal)
      for (std::size_t i = 0; i < d; ++i) widths(j, i) += wider;
    else widths(j) += wider;
  }
  return widths;
}

}  // namespace

Tensor<double> log_widths(const WidthRule& rule, View<const double> centres, View<const double> h,
                          const std::string& layer) {
  if (rule.looks_at_samples()) return calibrated(rule, h, centres, layer);
  const double units = static_cast<double>(centres.shape()[0]),
               root = std::sqrt(static_cast<double>(centres.shape()[1]));
  const double width = rule.rule == "notebook" ? root : rule.rule == "author" ? 10 * units / root : rule.scale;
  Tensor<double> widths(Shape{centres.shape()[0]});
  widths.fill(std::log(width));
  return widths;
}

}  // namespace neurarium
