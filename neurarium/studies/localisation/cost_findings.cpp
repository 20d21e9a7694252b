#include "neurarium/studies/localisation/cost_findings.hpp"

#include <algorithm>
#include <cmath>

#include "neurarium/core/words.hpp"
#include "neurarium/train/sample_statistics.hpp"

namespace neurarium {
namespace {

bool holds(const std::vector<std::string>& words, const char* word) {
  return std::ranges::find(words, word) != words.end();
}

/// "with late spikes", as sentences have it.
std::string with_spikes(const std::string& spike) {
  return spike == "late" ? "with spikes a step late" : "with spikes in the same step";
}

}  // namespace

const CostCondition& CostFindings::at(const std::string& rule, const std::string& spike,
                                      const std::string& start) const {
  for (const CostCondition& c : conditions)
    if (c.rule == rule && c.spike == spike && c.start == start) return c;
  throw InternalError("no networks of rule " + rule + ", spikes " + spike + ", start " + start);
}

MeanDifference CostFindings::cost(const CostCondition& c) const {
  return difference_of_means(at("none", c.spike, c.start).tests(), c.tests());
}

MeanDifference CostFindings::cost(const std::string& rule, const std::string& spike) const {
  std::vector<WeightedSample> samples;
  const double share = 1 / static_cast<double>(starts.size());
  for (const std::string& start : starts) {
    samples.push_back({share, at("none", spike, start).tests()});
    samples.push_back({-share, at(rule, spike, start).tests()});
  }
  return contrast_of_means(samples);
}

MeanDifference CostFindings::extra_of_late(const std::string& rule) const {
  std::vector<WeightedSample> samples;
  const double share = 1 / static_cast<double>(starts.size());
  for (const std::string& start : starts)
    for (const char* spike : {"late", "same_step"}) {
      const double side = std::string_view(spike) == "late" ? share : -share;
      samples.push_back({side, at("none", spike, start).tests()});
      samples.push_back({-side, at(rule, spike, start).tests()});
    }
  return contrast_of_means(samples);
}

const std::string& CostFindings::cheapest(const std::string& spike) const {
  return *std::ranges::min_element(rules, {}, [&](const std::string& rule) { return cost(rule, spike).mean; });
}

std::string cost_verdict(const MeanDifference& late, const MeanDifference& same_step, const MeanDifference& extra) {
  if (!std::isfinite(extra.low)) return "one network of each kind does not tell";
  if (extra.low > 0 && !same_step.told_apart()) return "it is the late spike that costs, not the law";
  if (extra.low > 0 && same_step.low > 0) return "the law costs in either order, and more with late spikes";
  if (extra.high < 0 && late.low > 0) return "the law costs in either order, and less with late spikes";
  if (extra.told_apart()) return "the order changes what the law costs";
  if (late.low > 0 && same_step.low > 0)
    return "the law costs in either order, and these networks do not show that late spikes make it dearer";
  return "these networks do not settle where the cost comes from";
}

void add_cost_figures(RunContext& context, const CostFindings& found) {
  const auto add = [&](const std::string& name, Value value, const char* unit, std::string meaning) {
    context.add(Figure{name, std::move(value), unit, std::move(meaning), {}, {}});
  };
  const std::string spread = " Mean over starts, and the ends of its 95 % interval (Welch).";
  for (const std::string& rule : found.rules) {
    for (const std::string& spike : found.spikes)
      add("cost_of_" + rule + "_" + spike, with_ends(found.cost(rule, spike)), "",
          "Accuracy without Dale's law less that under rule " + rule + ", " + with_spikes(spike) + "." + spread);
    if (found.spikes.size() > 1)
      add("extra_cost_of_late_under_" + rule, with_ends(found.extra_of_late(rule)), "",
          "What that is more with late spikes than with spikes in the same step." + spread);
  }
  Value::List names, means, sds, lows, highs, train;
  for (const CostCondition& c : found.conditions) {
    const SampleSummary s = summarise(c.tests());
    names.emplace_back(c.name), means.emplace_back(s.mean);
    train.emplace_back(summarise(c.of(&LocalisationOutcome::train_accuracy)).mean);
    if (s.n > 1) sds.emplace_back(s.sd), lows.emplace_back(s.low), highs.emplace_back(s.high);
  }
  add("conditions", names, "", "Rule, update order and start of each kind of network.");
  add("test_mean", means, "", "Mean accuracy on the test, for each kind.");
  if (!sds.empty()) {
    add("test_sd_sample", sds, "", "Its standard deviation over networks, of the sample (ddof 1).");
    add("test_low", lows, "", "Lower end of the 95 % confidence interval of the mean (Student's t).");
    add("test_high", highs, "", "Its upper end.");
  }
  add("train_mean", train, "", "Mean accuracy on the training sounds.");
  add_common_figures(context, all_of(found.conditions), found.settings);
}

std::string cost_answer(const CostFindings& found) {
  const std::string& rule = found.rules.front();
  std::string text = "Keeping Dale's law by rule " + rule + " costs ";
  const bool several = found.conditions.front().runs.size() > 1;
  for (const std::string& spike : found.spikes) {
    const MeanDifference cost = found.cost(rule, spike);
    text += (&spike == &found.spikes.front() ? "" : ", ") + in_points(cost) + " points of test accuracy " +
            with_spikes(spike);
  }
  if (!several) return text + " (one network of each kind: chance of seeds is not known).";
  text += " (in brackets: 95 %)";
  if (holds(found.spikes, "late") && holds(found.spikes, "same_step")) {
    const MeanDifference extra = found.extra_of_late(rule);
    text += "; late spikes make that " + in_points(extra) +
            " more: " + cost_verdict(found.cost(rule, "late"), found.cost(rule, "same_step"), extra);
  }
  const std::string& cheapest = found.cheapest(found.spikes.back());
  if (cheapest != rule)
    text += ". The cheapest rule " + with_spikes(found.spikes.back()) + " is " + cheapest + ": " +
            in_points(found.cost(cheapest, found.spikes.back()));
  return text + ".";
}

}  // namespace neurarium
