#include "neurarium/core/words.hpp"
#include "neurarium/studies/gaussian/conversion_findings.hpp"

namespace neurarium {
namespace {

class Figures {
 public:
  explicit Figures(RunContext& context) : context_(context) {}
  void add(const std::string& name, Value value, const std::string& meaning) {
    context_.add(Figure{name, std::move(value), "", meaning, {}, {}});
  }

  void add_network(const NetworkFindings& found, const std::string& when, const std::string& who,
                   const std::string& split) {
    const std::string samples = " on the " + split + " samples";
    if (found.result.has_accuracy)
      add("accuracy_" + when, found.result.accuracy,
          "Share of the " + split + " samples whose strongest output is the label: " + who + ".");
    add("loss_" + when, found.result.loss, "Mean loss of " + who + samples + ".");
    if (!found.knowledge) return;
    const Knowledge& knows = *found.knowledge;
    add("confidence_" + when, knows.before.confidence, "Mean largest softmax probability of " + who + samples + ".");
    add("ece_" + when, knows.before.expected_error,
        "Expected calibration error of " + who + samples + ": how far confidence is from accuracy, 15 bins.");
    const Detection& noise = knows.scores.front().detection.front();
    add("noise_confidence_" + when, knows.foreign.front().mean_confidence,
        "Mean largest softmax probability of " + who + " on uniform noise.");
    add("noise_fpr95_" + when, noise.fpr95,
        "Share of uniform noise that " + who + " is surer of than of its least sure 5 % of the " + split + " samples.");
  }

 private:
  RunContext& context_;
};

std::string number_of_layers(const ConversionFindings& found) {
  const std::size_t n = found.layers.size();
  return std::to_string(n) + (n == 1 ? " layer" : " layers");
}

}  // namespace

void add_conversion_figures(RunContext& context, const ConversionFindings& found) {
  Figures figures(context);
  figures.add_network(found.after, "after", "the network as it is kept", found.split);
  figures.add_network(found.before, "before", "the network as it was", found.split);
  if (found.temperature) {
    figures.add("temperature", *found.temperature,
                "T: W and b of the last layer are divided by it, fitted on held-out samples.");
    figures.add_network(found.converted, "untempered", "the converted network without its temperature", found.split);
  }
  figures.add("layers_converted", static_cast<std::int64_t>(found.layers.size()),
              "Layers that became of the other kind.");
  figures.add("largest_output_change", found.largest_output_change,
              "Largest |output after conversion − before| on the " + found.split + " samples, before any temperature.");
  if (found.round_trip_change)
    figures.add("round_trip_change", *found.round_trip_change,
                "Largest |output − before| on the " + found.split + " samples, converted there and back.");
  for (const LayerReach& layer : found.reach) {
    figures.add("median_g_" + layer.layer, layer.median(),
                "Median of exp(−q) in " + layer.layer + " over training samples and units, gates left out.");
    figures.add("lost_units_" + layer.layer, static_cast<std::int64_t>(layer.lost_units),
                "Units of " + layer.layer + " whose own median is below 0.05.");
  }
  figures.add("lost_layers", static_cast<std::int64_t>(warnings_of(found.reach).size()),
              "Layers whose median exp(−q) is below 0.05: they have lost the data.");

  std::string answer = number_of_layers(found) + ", from " + found.source_is + " to " + found.result_is + ": ";
  const auto both = [&](const std::string& what, double before, double after, int digits) {
    answer += what + " " + rounded(before, digits) + " → " + rounded(after, digits);
  };
  if (found.before.result.has_accuracy)
    answer += "accuracy " + percent(found.before.result.accuracy, 2) + " → " + percent(found.after.result.accuracy, 2);
  else both("loss", found.before.result.loss, found.after.result.loss, 4);
  if (found.before.knowledge) {
    answer += ", ";
    both("mean confidence", found.before.knowledge->before.confidence, found.after.knowledge->before.confidence, 3);
    answer += ", ";
    both("on uniform noise", found.before.knowledge->foreign.front().mean_confidence,
         found.after.knowledge->foreign.front().mean_confidence, 3);
  }
  if (found.temperature) answer += ", with T = " + in_digits(*found.temperature, 4);
  if (const std::size_t lost = warnings_of(found.reach).size())
    answer += "; " + std::to_string(lost) + (lost == 1 ? " layer has" : " layers have") + " lost the data";
  context.answer(answer + ".");
}

}  // namespace neurarium
