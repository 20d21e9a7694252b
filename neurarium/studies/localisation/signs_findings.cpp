#include "neurarium/studies/localisation/signs_findings.hpp"

#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

struct LayerWords {
  SignedLayer layer;
  const char* key;
  const char* name;
};
constexpr LayerWords layers[] = {{SignedLayer::fibres, "fibres", "fibres"},
                                 {SignedLayer::hidden, "hidden", "hidden units"}};

Value::List means(const SignsFindings& found, SignedLayer layer, double SignsOfLayer::*figure) {
  Value::List list;
  for (const SignsCondition& c : found.conditions) list.emplace_back(summarise(c.of(layer, figure)).mean);
  return list;
}

}  // namespace

SignsOfLayer signs_of_layer(const Array& signs, const Array& weight) {
  SignsOfLayer found;
  const auto s = signs.as<double>();
  const Tensor<double> w = to_tensor<double>(weight.view());
  const std::size_t units = signs.shape()[1], per_unit = w.size() / units;
  const double share = 1 / static_cast<double>(units);
  double inhibition = 0, all = 0;
  for (std::size_t i = 0; i < units; ++i) {
    const bool inhibits = s(1, i) < 0, inhibited = s(0, i) < 0;
    if (inhibits) found.inhibitory += share;
    if (inhibits && !inhibited) found.became_inhibitory += share;
    if (!inhibits && inhibited) found.became_excitatory += share;
    found.sureness += share * std::abs(s(1, i));
    for (std::size_t j = 0; j < per_unit; ++j) {
      const double size = std::abs(w.flat()[i * per_unit + j]);
      all += size;
      if (inhibits) inhibition += size;
    }
  }
  found.inhibitory_weight = all > 0 ? inhibition / all : 0;
  return found;
}

SignsOfLayer signs_of(const LocalisationOutcome& run, SignedLayer layer) {
  return layer == SignedLayer::fibres ? signs_of_layer(run.hidden_signs, run.hidden_weight)
                                      : signs_of_layer(run.output_signs, run.output_weight);
}

std::vector<double> SignsCondition::of(SignedLayer layer, double SignsOfLayer::*figure) const {
  std::vector<double> numbers;
  for (const LocalisationOutcome& run : learned.runs) numbers.push_back(signs_of(run, layer).*figure);
  return numbers;
}

std::string signs_verdict(const SignsFindings& found, SignedLayer layer) {
  const auto ends = [&](const SignsCondition& c) { return c.of(layer, &SignsOfLayer::inhibitory); };
  const SignsCondition &low = found.conditions.front(), &high = found.conditions.back();
  const MeanDifference apart = difference_of_means(ends(high), ends(low));
  if (!std::isfinite(apart.low)) return "one network of each start does not tell";
  const double began = high.fraction - low.fraction;
  if (!apart.told_apart()) return "where they began does not show any more";
  const std::string still =
      "they stay " + in_points(apart) + " points apart of the " + rounded(100 * began, 0) + " that they began with";
  constexpr double slack = 1e-9;
  if (apart.low > began + slack) return still + ": the starts drift apart";
  if (apart.high < began - slack) return still + ": they come closer, but remember where they began";
  return still + ": they do not come closer";
}

void add_signs_figures(RunContext& context, const SignsFindings& found) {
  const auto add = [&](const std::string& name, Value value, const char* unit, const std::string& meaning) {
    context.add(Figure{name, std::move(value), unit, meaning, {}, {}});
  };
  Value::List fractions, tests, fixed, gains;
  for (const SignsCondition& c : found.conditions) {
    fractions.emplace_back(c.fraction);
    tests.emplace_back(summarise(c.learned.tests()).mean);
    if (c.fixed.runs.empty()) continue;
    fixed.emplace_back(summarise(c.fixed.tests()).mean);
    gains.push_back(with_ends(difference_of_means(c.learned.tests(), c.fixed.tests())));
  }
  for (const auto& [layer, key, name] : layers) {
    Value::List sds, lows, highs;
    for (const SignsCondition& c : found.conditions) {
      const SampleSummary s = summarise(c.of(layer, &SignsOfLayer::inhibitory));
      if (s.n > 1) sds.emplace_back(s.sd), lows.emplace_back(s.low), highs.emplace_back(s.high);
    }
    const std::string of = std::string(" of the ") + name;
    const auto prefix = [&, k = key](const char* what) { return std::string(k) + "_" + what; };
    add(prefix("inhibitory_mean"), means(found, layer, &SignsOfLayer::inhibitory), "",
        "Share" + of + " that inhibit after training, mean over networks, for each start.");
    if (!sds.empty()) {
      add(prefix("inhibitory_sd"), sds, "", "Its standard deviation over networks, of the sample (ddof 1).");
      add(prefix("inhibitory_low"), lows, "", "Lower end of the 95 % confidence interval of the mean (Student's t).");
      add(prefix("inhibitory_high"), highs, "", "Its upper end.");
    }
    add(prefix("inhibitory_weight"), means(found, layer, &SignsOfLayer::inhibitory_weight), "",
        "Share that inhibition has in the sum of |W|" + of + ".");
    add(prefix("became_inhibitory"), means(found, layer, &SignsOfLayer::became_inhibitory), "",
        "Share" + of + " that began excitatory and inhibit.");
    add(prefix("became_excitatory"), means(found, layer, &SignsOfLayer::became_excitatory), "",
        "Share" + of + " that began inhibitory and excite.");
    add(prefix("sureness"), means(found, layer, &SignsOfLayer::sureness), "", "Mean of |tanh(s)|" + of + ".");
  }
  add("fractions", fractions, "", "Shares of inhibitory units that networks begin with.");
  add("test_mean", tests, "", "Mean accuracy on the test with learned signs, for each start.");
  if (!fixed.empty()) {
    add("test_mean_fixed", fixed, "", "The same of networks that keep the signs they begin with.");
    add("gain", gains, "",
        "Accuracy with learned signs less that with fixed ones, and the ends of its 95 % interval (Welch).");
  }
  std::vector<const Condition*> all;
  for (const SignsCondition& c : found.conditions) all.push_back(&c.learned);
  add_common_figures(context, all, found.settings);
}

std::string signs_answer(const SignsFindings& found) {
  std::string text;
  for (const auto& [layer, key, name] : layers) {
    text += text.empty() ? "From " : ", of the " + std::string(name) + " ";
    std::string starts, ends;
    for (const SignsCondition& c : found.conditions) {
      const SampleSummary s = summarise(c.of(layer, &SignsOfLayer::inhibitory));
      starts += (starts.empty() ? "" : ", ") + rounded(100 * c.fraction, 0);
      ends += (ends.empty() ? "" : ", ") + rounded(100 * s.mean, 1) + (s.n > 1 ? " ± " + rounded(100 * s.sd, 1) : "");
    }
    if (layer == SignedLayer::fibres)
      text += starts + " % inhibitory units, learning makes " + ends + " % of the fibres inhibit";
    else text += ends + " %";
  }
  if (found.repeats() < 2) return text + " (one network of each start: chance of seeds is not known).";
  return text + " (± sd over " + std::to_string(found.repeats()) +
         " networks). Fibres: " + signs_verdict(found, SignedLayer::fibres) +
         ". Hidden units: " + signs_verdict(found, SignedLayer::hidden) + ".";
}

}  // namespace neurarium
