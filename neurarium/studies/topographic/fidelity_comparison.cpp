#include <algorithm>
#include <cmath>

#include "neurarium/nn/build_model.hpp"
#include "neurarium/studies/topographic/findings.hpp"
#include "neurarium/studies/topographic/words.hpp"

namespace neurarium {

void add_fidelity_comparison(RunContext& context, const Findings& found, LocalTrainParams params, std::int64_t epochs) {
  const auto* description = context.registry().find("model", found.model.type);
  if (!description || !description->schema.find("corrections")) return;
  if (!params.order.given()) params.epochs = std::min(params.epochs, epochs);
  struct Variant {
    const char *name, *fidelity;
    std::vector<std::string> corrections;
  };
  const Variant variants[] = {{"notebook", "notebook", {}},
                              {"+ neighbourhood", "notebook", {"neighbourhood"}},
                              {"+ clipping", "notebook", {"clipping"}},
                              {"+ growth", "notebook", {"growth"}},
                              {"corrected (all)", "corrected", {}}};
  Table table{"fidelity",
              "What the notebook's slips do",
              "After " +
                  (params.order.given() ? "the given order"
                                        : std::to_string(params.epochs) + (params.epochs == 1 ? " epoch" : " epochs")) +
                  " from the same start, with the images in the same order each time. neighbourhood: the last row and "
                  "column excite their neighbours too; clipping: weights not above ε "
                  "become 0 at every sample, not at every hundredth; growth: no weight more than doubles in one step. "
                  "Change: mean |Δw| over mean |w| against the notebook's rule.",
              {"rule", "change of weights", "mean activity", "activity, last row and column", "SNR, dB",
               "SNR, best gain, dB", "largest share on", "weights above 1", "largest weight"},
              {}};
  Tensor<double> notebook;  // what the others are compared with; empty if that one diverged
  for (const Variant& variant : variants) {
    Component part = found.model;
    part.settings.set("fidelity", variant.fidelity);
    part.settings.set("corrections", Value::List(variant.corrections.begin(), variant.corrections.end()));
    const auto model = build_model<LocalLearner>(part, context.registry(), "learning without a loss gradient");
    DetachedContext side(context, std::string("compare: ") + variant.name);
    try {
      train_locally(*model, found.images.training, found.images.divisor, params, side);
    } catch (const NumericError& error) {
      table.rows.push_back({variant.name, std::string("diverged: ") + error.what(), "", "", "", "", "", "", ""});
      continue;
    }
    const Tensor<double> w = to_tensor<double>(ArrayView(model->parameters().front().values));
    if (&variant == variants) notebook = w;
    double change = 0, size = 0;
    for (std::size_t i = 0; i < notebook.size(); ++i)
      change += std::abs(w.flat()[i] - notebook.flat()[i]), size += std::abs(notebook.flat()[i]);
    const MapMeasures m = measure_map(*model, found.images, found.grid, false);
    table.rows.push_back(
        {variant.name, notebook.size() > 0 ? percent(change / size, 2) : "—", rounded(m.code.mean_activity, 4),
         rounded(m.code.border_activity, 4), rounded(m.code.snr_db, 2), rounded(m.code.gain_corrected_snr_db, 2),
         percent(m.code.max_share_on), percent(m.weights.share_above_one, 2), rounded(m.weights.largest, 2)});
  }
  context.add(std::move(table));
}

}  // namespace neurarium
