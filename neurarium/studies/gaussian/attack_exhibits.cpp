#include <cmath>

#include "neurarium/core/digits.hpp"
#include "neurarium/core/words.hpp"
#include "neurarium/nn/image_tiles.hpp"
#include "neurarium/nn/raster.hpp"
#include "neurarium/studies/gaussian/attack_findings.hpp"

namespace neurarium {
namespace {

/// As captions write it: L∞ or L2.
std::string symbol(Norm norm) { return norm == Norm::linf ? "L∞" : "L2"; }

std::string words(Access access) {
  switch (access) {
    case Access::gradients: return "gradients";
    case Access::scores: return "scores";
    case Access::decisions: return "decisions";
    case Access::nothing: break;
  }
  return "nothing";
}

Value::List accuracies(std::span<const double> smallest, const std::vector<double>& epsilons) {
  Value::List list;
  for (const double epsilon : epsilons) list.emplace_back(accuracy_at(smallest, epsilon));
  return list;
}

std::vector<std::string> row_of(std::string name, std::span<const double> smallest,
                                const std::vector<double>& epsilons) {
  std::vector<std::string> row{std::move(name), percent(accuracy_at(smallest, 0), 1)};
  for (const double epsilon : epsilons) row.push_back(percent(accuracy_at(smallest, epsilon), 1));
  return row;
}

std::string of(const AttackedNetwork& network) { return network.label.empty() ? "" : ": " + network.name; }

}  // namespace

std::vector<std::pair<Norm, std::vector<double>>> norms_of(const LaboratoryResult& result) {
  std::vector<std::pair<Norm, std::vector<double>>> norms;
  for (const AttackOutcome& outcome : result.outcomes)
    if (std::ranges::find(norms, outcome.norm, &std::pair<Norm, std::vector<double>>::first) == norms.end())
      norms.emplace_back(outcome.norm, outcome.epsilons);
  return norms;
}

std::string median_text(std::span<const double> smallest, double largest_epsilon) {
  std::vector<double> radii;
  for (const double s : smallest)
    if (s > 0) radii.push_back(s);
  if (radii.empty()) return "—";
  std::ranges::sort(radii);
  const double median = radii[(radii.size() - 1) / 2];
  return std::isfinite(median) ? in_digits(median, 3) : "> " + in_digits(largest_epsilon, 3);
}

void add_attack_figures(RunContext& context, const AttackedNetwork& network) {
  const LaboratoryResult& result = network.result;
  const auto add = [&](const std::string& name, Value value, const std::string& meaning) {
    context.add(Figure{figure_key(network.label) + name, std::move(value), "", meaning, {}, {}});
  };
  add("samples", static_cast<std::int64_t>(result.samples), "Samples that were attacked or wrong already.");
  add("wrong_already", static_cast<std::int64_t>(result.wrong_already),
      "Wrong without an attack; nobody attacks them.");
  add("clean_accuracy", result.clean_accuracy, "Share that is right without an attack: ε = 0.");
  add("clean_confidence", result.clean_confidence, "Mean largest softmax probability without an attack.");
  add("refusal_threshold", result.refusal_threshold,
      "A network that may refuse does so below this largest probability.");
  for (const auto& [norm, epsilons] : norms_of(result)) {
    const std::string in = std::string("_") + name_of(norm);
    add("epsilon" + in, Value::List(epsilons.begin(), epsilons.end()),
        "Radii in " + symbol(norm) + ", in units of the data.");
    add("worst_case" + in, accuracies(worst_case(result, norm), epsilons),
        "Share right at each ε, whatever attack is the worst for each sample.");
    add("worst_case_refusing" + in, accuracies(worst_case(result, norm, &AttackOutcome::smallest_answered), epsilons),
        "The same for right or refused.");
  }
  for (const AttackOutcome& outcome : result.outcomes)
    add("accuracy_" + figure_key(outcome.name), accuracies(outcome.smallest, outcome.epsilons),
        "Share right at each ε.");
  add("warnings", static_cast<std::int64_t>(network.warnings.size()),
      "Signs that attacks failed for the wrong reason.");
}

void add_attack_tables(RunContext& context, const AttackedNetwork& network, double clean_coverage) {
  const LaboratoryResult& result = network.result;
  for (const auto& [norm, epsilons] : norms_of(result)) {
    Table table{network.label + "accuracy-" + name_of(norm),
                "Share right within ε, " + symbol(norm) + of(network),
                "ε is in the units of the data. A sample that is fooled at one ε counts as fooled at every larger one. "
                "Worst case: each sample under the attack that is worst for it. Refusing: the network does not answer "
                "where its "
                "largest probability is below " +
                    in_digits(result.refusal_threshold, 3) + ", which " + percent(clean_coverage) +
                    " of the clean samples reach; right or refused counts.",
                {"attack", "ε = 0"},
                {}};
    for (const double epsilon : epsilons) table.columns.push_back(in_digits(epsilon, 3));
    for (const AttackOutcome& outcome : result.outcomes)
      if (outcome.norm == norm) table.rows.push_back(row_of(outcome.name, outcome.smallest, epsilons));
    table.rows.push_back(row_of("worst case", worst_case(result, norm), epsilons));
    table.rows.push_back(
        row_of("worst case, refusing", worst_case(result, norm, &AttackOutcome::smallest_answered), epsilons));
    context.add(std::move(table));
  }
  Table effort{
      network.label + "attacks",
      "The attacks" + of(network),
      "Median ε: the smallest change that fools, over the samples that are right unchanged. Passes: what each of the " +
          with_commas(result.samples) +
          " samples cost on average. Not confirmed: found by the attack, but not wrong, "
          "not within ε or out of bounds when looked at again; they do not count.",
      {"attack", "norm", "it knows", "median ε", "passes forward", "backward", "not confirmed"},
      {}};
  const auto per_sample = [&](std::size_t count) {
    return rounded(static_cast<double>(count) / static_cast<double>(result.samples), 1);
  };
  for (const AttackOutcome& outcome : result.outcomes)
    effort.rows.push_back({outcome.name, symbol(outcome.norm), words(outcome.access),
                           median_text(outcome.smallest, outcome.epsilons.back()), per_sample(outcome.queries),
                           per_sample(outcome.gradients), std::to_string(outcome.unconfirmed)});
  context.add(std::move(effort));
}

void add_attack_curves(RunContext& context, const std::vector<AttackedNetwork>& networks) {
  for (const auto& [norm, epsilons] : norms_of(networks.front().result)) {
    Chart chart;
    chart.name = std::string("accuracy-") + name_of(norm);
    chart.title = "Share right within ε, " + symbol(norm);
    chart.caption =
        networks.size() == 1
            ? "Each line is an attack; the worst case takes for each sample the attack that is worst for it."
            : "Each line is a network, under the attack that is worst for each sample.";
    chart.x_label = "ε, units of the data", chart.y_label = "share right";
    const auto add = [&, &epsilons = epsilons](const std::string& name, std::span<const double> smallest) {
      Trace trace;
      trace.name = name;
      trace.x = {0}, trace.y = {accuracy_at(smallest, 0)};
      for (const double epsilon : epsilons) {
        if (epsilon == 0) continue;
        trace.x.push_back(epsilon), trace.y.push_back(accuracy_at(smallest, epsilon));
      }
      chart.traces.push_back(std::move(trace));
    };
    for (const AttackedNetwork& network : networks) {
      if (networks.size() > 1) {
        add(network.name, worst_case(network.result, norm));
        continue;
      }
      for (const AttackOutcome& outcome : network.result.outcomes)
        if (outcome.norm == norm) add(outcome.name, outcome.smallest);
      add("worst case", worst_case(network.result, norm));
      add("worst case, refusing", worst_case(network.result, norm, &AttackOutcome::smallest_answered));
    }
    context.add(std::move(chart));
  }
}

void add_attack_pictures(RunContext& context, const AttackedNetwork& network, const AttackSamples& samples,
                         const Dataset& data, std::size_t most) {
  const Shape entry = samples.x.shape().tail();
  if (entry.axes() != 2 && !(entry.axes() == 3 && (entry[2] == 1 || entry[2] == 3))) return;
  for (const AttackOutcome& outcome : network.result.outcomes) {
    std::vector<std::uint64_t> ids;
    for (std::size_t i = 0; i < outcome.smallest.size() && ids.size() < most; ++i)
      if (outcome.smallest[i] > 0 && std::isfinite(outcome.smallest[i])) ids.push_back(i);
    if (ids.empty()) continue;
    const Tensor<double> after = to_tensor<double>(gather_rows(outcome.changed, ids));
    Tensor<double> before(after.shape());
    scale_into(gather_rows(samples.x, ids), samples.divisor, before.flat());
    double largest = 0;
    Tensor<double> difference(after.shape());
    for (std::size_t i = 0; i < after.size(); ++i) {
      difference.flat()[i] = after.flat()[i] - before.flat()[i];
      largest = std::max(largest, std::abs(difference.flat()[i]));
    }
    const auto answers = decisions(*network.model, gather_rows(outcome.changed, ids), context);
    std::vector<std::array<std::string, 2>> right, wrong, change;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      right.push_back({"A. " + std::to_string(network.result.labels[ids[i]]), ""});
      wrong.push_back({"P. " + std::to_string(answers[i]), short_digits(outcome.smallest[ids[i]], 2)});
      change.push_back({"", ""});
    }
    const std::size_t columns = std::min<std::size_t>(ids.size(), 8);
    const std::size_t factor = std::max<std::size_t>(1, 84 / entry[1]);
    const auto sheet = [&](const Tensor<double>& x, double low, double high, const auto& titles) {
      return titled_sheet(picture_bytes(to_bytes(ArrayView(x.view()), low, high), data.name), titles, columns, factor,
                          1);
    };
    const Array rows[] = {sheet(before, samples.bounds.low, samples.bounds.high, right),
                          sheet(after, samples.bounds.low, samples.bounds.high, wrong),
                          sheet(difference, -largest, largest, change)};
    context.add(Picture{network.label + "fooled-by-" + outcome.name, "Fooled by " + outcome.name + of(network),
                        "Above: samples as they are, with their label (A.). Middle: the smallest change that " +
                            outcome.name + " found, with what the network says now (P.) and its ε in " +
                            symbol(outcome.norm) + ". Below: the difference, from −" + in_digits(largest, 2) +
                            " (black) to " + in_digits(largest, 2) + " (white).",
                        stack(rows, 12), false});
  }
}

void add_attack_arrays(RunContext& context, const AttackedNetwork& network) {
  for (const AttackOutcome& outcome : network.result.outcomes) {
    context.array(network.label + "changed-" + outcome.name, outcome.changed);
    Array smallest(DType::f64, {outcome.smallest.size()});
    std::ranges::copy(outcome.smallest, smallest.as<double>().flat().begin());
    context.array(network.label + "smallest-" + outcome.name, smallest);
  }
}

void add_attack_warnings(RunContext& context, const AttackedNetwork& network) {
  std::size_t number = 0;
  for (const MaskingWarning& warning : network.warnings) {
    context.add(Remark{"Warning (" + warning.kind + ")" + of(network), warning.text + "."});
    context.choice("warning " + std::to_string(++number) + " (" + warning.kind + ")" + of(network), warning.text);
  }
}

void add_transfer_matrix(RunContext& context, const std::vector<AttackedNetwork>& networks,
                         const TransferMatrix& matrix) {
  const std::string in = std::string("_") + name_of(matrix.norm);
  Table table{
      std::string("transfer-") + name_of(matrix.norm),
      "What fools one network and is shown to another, " + symbol(matrix.norm) + " ε = " + in_digits(matrix.epsilon, 3),
      "Share right of the samples that " + matrix.attack +
          " changed to fool the network of the row, as the network of the column answers them.",
      {"made on"},
      {}};
  for (const AttackedNetwork& network : networks) table.columns.push_back(network.name);
  for (std::size_t source = 0; source < networks.size(); ++source) {
    std::vector<std::string> row{networks[source].name};
    Value::List accuracies;
    for (const std::vector<bool>& right : matrix.right[source]) {
      const double share = static_cast<double>(std::ranges::count(right, true)) / static_cast<double>(right.size());
      row.push_back(percent(share, 1));
      accuracies.emplace_back(share);
    }
    table.rows.push_back(std::move(row));
    context.add(Figure{"transfer" + in + "_from_" + figure_key(networks[source].name),
                       std::move(accuracies),
                       "",
                       "Share right of what was made on this network, for each network.",
                       {},
                       {}});
  }
  context.add(std::move(table));
}

}  // namespace neurarium
