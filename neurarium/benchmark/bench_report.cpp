#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "neurarium/benchmark/bench.hpp"
#include "neurarium/benchmark/machine.hpp"
#include "neurarium/core/quantile.hpp"
#include "neurarium/report/markup.hpp"

namespace neurarium {

std::string rate_for_people(double rate) {
  if (rate >= 1e6) return format_number(rate / 1e6, 3) + " M";
  if (rate >= 1e4) return format_number(rate / 1e3, 3) + " k";
  return format_number(rate, 3);
}
std::string ratio_for_people(double ratio) { return format_number(ratio, ratio < 100 ? 3 : 4) + "×"; }
std::string share_for_people(double share) { return format_number(100 * share, share < 0.1 ? 2 : 3) + " %"; }

namespace {

bool is_multiple(const std::string& what) { return what == "ratio" || what == "against"; }

/// Limits in the order in which they first appear.
std::vector<std::string> limit_names(const BenchResult& result) {
  std::vector<std::string> names;
  for (const CaseResult& one : result.cases)
    for (const MachineLimit& limit : one.declared.limits)
      if (std::ranges::find(names, limit.name) == names.end()) names.push_back(limit.name);
  return names;
}
/// Names of variants in the order in which they first appear.
std::vector<std::string> variant_names(const BenchResult& result) {
  std::vector<std::string> names;
  for (const CaseResult& one : result.cases)
    for (const VariantResult& variant : one.variants)
      if (std::ranges::find(names, variant.declared.name) == names.end()) names.push_back(variant.declared.name);
  return names;
}
const VariantResult* variant_of(const CaseResult& one, const std::string& name) {
  const auto found = std::ranges::find_if(one.variants, [&](const auto& v) { return v.declared.name == name; });
  return found == one.variants.end() ? nullptr : &*found;
}
const LimitResult* limit_of(const VariantResult& variant, const std::string& name) {
  const auto found = std::ranges::find(variant.limits, name, &LimitResult::name);
  return found == variant.limits.end() || found->share.count == 0 ? nullptr : &*found;
}

std::string words_of(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::string figure_name(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) name += c;
    else if (!name.empty() && name.back() != '_') name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name;
}

double rounded(double x) {
  const double unit = std::pow(10, std::floor(std::log10(std::abs(x) + 1e-300)) - 2);
  return std::round(x / unit) * unit;
}

void add_figures(Report& report, const BenchResult& result) {
  for (const CaseResult& one : result.cases)
    for (const VariantResult& variant : one.variants)
      for (const AskedResult& asked : variant.asked) {
        const bool multiple = is_multiple(asked.asked.what);
        Figure figure;
        figure.name = figure_name(asked.asked.what + "_" + one.declared.name + "_" + variant.declared.name);
        figure.value = rounded(multiple ? asked.found : 100 * asked.found);
        figure.unit = multiple ? "×" : "%";
        figure.meaning = one.declared.title + ", " + variant.declared.name + ": " +
                         (asked.asked.what == "ratio"     ? "rate / " + result.declared.peer
                          : asked.asked.what == "against" ? "rate / " + variant.declared.against
                                                          : "share of the limit " + words_of(asked.asked.what)) +
                         (asked.reached ? " (reached)" : " (missed)");
        figure.reference = multiple ? asked.asked.at_least : 100 * asked.asked.at_least;
        figure.reference_source = "asked for, at least";
        report.figures.push_back(std::move(figure));
      }
}

/// Three digits, without the letters that would keep a column from being set as numbers.
std::string plain(double x) { return format_number(x, 3); }
std::string percent(double x) { return format_number(100 * x, 3) + " %"; }

std::string scientific(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0e", x);
  return x == 0 ? "0" : text;
}

Table measured_table(const BenchResult& result) {
  const auto limits = limit_names(result);
  Table table;
  table.name = "measured";
  table.title = "Measured";
  table.caption = "Rates in samples per second, “× peer” the ratio to " + result.declared.peer +
                  " and “× other” the one to another variant: medians over " + std::to_string(result.rounds) +
                  " rounds, each ratio taken between neighbouring turns; in brackets the first and third quartile. "
                  "“apart”: the largest difference between what both sides computed, as a share of the largest number.";
  table.columns = {"case", "variant", result.declared.peer + " /s", "ours /s", "× peer", "(quartiles)"};
  for (const std::string& limit : limits) table.columns.push_back("of " + words_of(limit));
  table.columns.insert(table.columns.end(), {"× other", "apart"});
  for (const CaseResult& one : result.cases)
    for (const VariantResult& variant : one.variants) {
      std::vector<std::string> row = {
          one.declared.name,
          variant.declared.name,
          one.peer.count > 0 ? plain(one.peer.median) : "",
          plain(variant.rate.median),
          variant.ratio.count > 0 ? plain(variant.ratio.median) : "",
          variant.ratio.count > 0 ? plain(variant.ratio.low) + "–" + plain(variant.ratio.high) : ""};
      for (const std::string& name : limits) {
        const LimitResult* limit = limit_of(variant, name);
        row.push_back(limit ? percent(limit->share.median) : "");
      }
      row.push_back(variant.against.count > 0 ? plain(variant.against.median) : "");
      row.push_back(variant.difference ? scientific(*variant.difference) : "");
      for (std::string& cell : row)
        if (cell.empty()) cell = "—";
      table.rows.push_back(std::move(row));
    }
  return table;
}

Table machine_table(const BenchResult& result) {
  Table table;
  table.name = "machine";
  table.title = "What the machine allows";
  table.caption =
      "Sweeps over a buffer as large as the case's weights, measured beside the turns with the variant's "
      "scalar and threads. A byte that is read, changed and written back counts once as updated.";
  table.columns = {"case", "variant", "buffer", "read, GB/s", "update, GB/s", "multiply-adds, 10⁹/s"};
  const auto billions = [](const Spread& s) { return s.count == 0 ? "—" : format_number(s.median / 1e9, 3); };
  for (const CaseResult& one : result.cases)
    for (const VariantResult& variant : one.variants) {
      if (variant.read.count + variant.update.count + variant.multiply_adds.count == 0) continue;
      table.rows.push_back({one.declared.name, variant.declared.name,
                            variant.array_bytes > 0 ? format_number(variant.array_bytes / 1024, 4) + " KiB" : "—",
                            billions(variant.read), billions(variant.update), billions(variant.multiply_adds)});
    }
  return table;
}

Table memory_table(const BenchResult& result) {
  Table table;
  table.name = "memory";
  table.title = "Memory";
  table.caption =
      "The highest resident size of each process while it worked on its first samples, those by which both sides are "
      "compared, "
      "beyond data and weights that lay there before; in MiB.";
  table.columns = {"case", "variant", "samples", result.declared.peer, "ours"};
  const auto mebibytes = [](std::optional<double> bytes) { return bytes ? plain(*bytes / (1 << 20)) : "—"; };
  for (const CaseResult& one : result.cases)
    for (const VariantResult& variant : one.variants)
      if (variant.memory || one.peer_memory)
        table.rows.push_back({one.declared.name, variant.declared.name, std::to_string(one.declared.check_samples),
                              mebibytes(one.peer_memory), mebibytes(variant.memory)});
  return table;
}

Trace bars(const std::string& name) {
  Trace trace;
  trace.kind = Trace::Kind::bars;
  trace.name = name;
  return trace;
}

void add_if_any(Report& report, Chart chart) {
  std::erase_if(chart.traces, [](const Trace& trace) { return trace.y.empty(); });
  if (!chart.traces.empty()) report.exhibits.emplace_back(std::move(chart));
}

void add_bars(Trace& trace, const CaseResult& one, double y) {
  trace.labels.push_back(one.declared.name);
  trace.y.push_back(y);
}

Chart ratio_chart(const BenchResult& result) {
  Chart chart;
  chart.name = "ratio";
  chart.title = "How many times as fast as " + result.declared.peer;
  chart.caption = "Median over rounds; the axis is logarithmic.";
  chart.y_label = "ours / " + result.declared.peer;
  chart.log_y = true;
  for (const std::string& name : variant_names(result)) {
    Trace& trace = chart.traces.emplace_back(bars(name));
    for (const CaseResult& one : result.cases)
      if (const auto* variant = variant_of(one, name); variant && variant->ratio.count > 0)
        add_bars(trace, one, variant->ratio.median);
  }
  return chart;
}

Chart share_chart(const BenchResult& result, const std::string& limit) {
  Chart chart;
  chart.name = "share_" + limit;
  chart.title = "Share of the machine's limit: " + words_of(limit);
  chart.caption = "100 % is what the memory or the arithmetic of this machine allows, measured in the same rounds.";
  chart.y_label = "%";
  for (const std::string& name : variant_names(result)) {
    Trace& trace = chart.traces.emplace_back(bars(name));
    for (const CaseResult& one : result.cases)
      if (const auto* variant = variant_of(one, name))
        if (const LimitResult* found = limit_of(*variant, limit)) add_bars(trace, one, 100 * found->share.median);
  }
  return chart;
}

Chart rate_chart(const BenchResult& result) {
  Chart chart;
  chart.name = "rates";
  chart.title = "Rates beside the limits";
  chart.caption =
      "Samples per second, on a logarithmic axis: the peer, our first variant, and what the machine allows it.";
  chart.y_label = "samples / s";
  chart.log_y = true;
  Trace peer = bars(result.declared.peer), ours = bars("ours");
  std::vector<Trace> limits;
  for (const std::string& name : limit_names(result)) limits.push_back(bars("limit: " + words_of(name)));
  for (const CaseResult& one : result.cases) {
    if (one.peer.count == 0) continue;
    add_bars(peer, one, one.peer.median);
    add_bars(ours, one, one.variants[0].rate.median);
    const auto names = limit_names(result);
    for (std::size_t k = 0; k < names.size(); ++k)
      if (const LimitResult* limit = limit_of(one.variants[0], names[k])) add_bars(limits[k], one, limit->rate.median);
  }
  chart.traces = {std::move(peer), std::move(ours)};
  chart.traces.insert(chart.traces.end(), limits.begin(), limits.end());
  return chart;
}

Chart turn_chart(const BenchResult& result) {
  Chart chart;
  chart.name = "turns";
  chart.title = "Every turn, in the order of time";
  chart.caption =
      "Each turn's rate as a share of the median of its kind. Points that fall together on both sides are the "
      "machine's doing; that is why ratios are taken between neighbours.";
  chart.x_label = "seconds since the beginning";
  chart.y_label = "rate / median";
  Trace peer, ours, machine;
  for (Trace* trace : {&peer, &ours, &machine}) trace->kind = Trace::Kind::points;
  peer.name = result.declared.peer;
  ours.name = "ours";
  machine.name = "the machine's limits";
  for (const CaseResult& one : result.cases) {
    std::map<std::pair<std::string, std::string>, std::vector<double>> rates;
    for (const Turn& turn : one.turns) rates[{turn.side, turn.variant}].push_back(turn.rate());
    for (const Turn& turn : one.turns) {
      Trace& trace = turn.side == "peer" ? peer : turn.side == "ours" ? ours : machine;
      trace.x.push_back(turn.at);
      trace.y.push_back(turn.rate() / quantile(rates[{turn.side, turn.variant}], 0.5));
    }
  }
  chart.traces = {std::move(machine), std::move(peer), std::move(ours)};
  return chart;
}

std::string range_text(const std::vector<double>& numbers, std::string (*text)(double)) {
  const auto [low, high] = std::ranges::minmax(numbers);
  return text(low) == text(high) ? text(low) : text(low) + " to " + text(high);
}

std::string answer_of(const BenchResult& result) {
  std::vector<std::string> workloads;
  std::map<std::string, std::vector<double>> ratios;  // of each case's first variant
  std::size_t reached = 0, asked = 0;
  for (const CaseResult& one : result.cases) {
    const std::string& workload = one.declared.workload;
    if (std::ranges::find(workloads, workload) == workloads.end()) workloads.push_back(workload);
    if (one.variants[0].ratio.count > 0) ratios[workload].push_back(one.variants[0].ratio.median);
    for (const VariantResult& variant : one.variants)
      for (const AskedResult& each : variant.asked) {
        ++asked;
        reached += each.reached;
      }
  }
  std::string text;
  for (const std::string& workload : workloads)
    if (!ratios[workload].empty())
      text += (text.empty() ? "" : "; ") + workload + ": " + range_text(ratios[workload], ratio_for_people) + " " +
              result.declared.peer;
  if (!text.empty()) text += " (" + result.cases[0].variants[0].declared.name + ")";
  if (asked > 0)
    text += (text.empty() ? "" : "; ") + std::to_string(reached) + " of " + std::to_string(asked) +
            " figures asked for are reached";
  return text.empty() ? "measured" : text;
}

/// What a reader must know before believing a number.
std::string warnings(const BenchResult& result) {
  std::string text;
  const auto add = [&](const std::string& sentence) { text += (text.empty() ? "" : "\n\n") + sentence; };
  if (result.quick) add("Quick: short turns and few rounds. This shows that everything works, not how fast it is.");
  const Value* load = result.machine.find("load at the start");
  if (load && load->is_number() && load->as_number() > 0.5)
    add("The machine was busy: its load average was " + format_number(load->as_number(), 2) +
        " at the start. Ratios between neighbouring turns suffer least; rates and shares of the limits do.");
  const Value* blas = result.declared.software.find("BLAS");
  const Value* core = result.declared.software.find("BLAS core type");
  if (blas && blas->is_text() && blas->as_text().find("not OpenBLAS") != std::string::npos)
    add(result.declared.peer + " multiplied with " + blas->as_text() +
        ": the ratios flatter us. Install libopenblas0-pthread for a fair peer.");
  else if (core && core->is_text() && is_fallback_core(core->as_text()))
    add("OpenBLAS ran on its oldest kernels (" + core->as_text() + "): the ratios flatter us. Set OPENBLAS_CORETYPE.");
  for (const CaseResult& one : result.cases)
    if (!one.note.empty()) add(one.declared.name + ": " + one.note + ".");
  return text;
}

}  // namespace

Report bench_report(const BenchResult& result) {
  Report report;
  report.study = "benchmark-" + result.declared.name;
  report.question = result.declared.title + ".";
  report.answer = answer_of(result);
  add_figures(report, result);
  if (const std::string text = warnings(result); !text.empty())
    report.exhibits.emplace_back(Remark{"Before you believe a number", text});
  add_if_any(report, ratio_chart(result));
  for (const std::string& limit : limit_names(result)) {
    const auto cases = std::ranges::count_if(result.cases, [&](const CaseResult& one) {
      return std::ranges::any_of(one.declared.limits, [&](const MachineLimit& l) { return l.name == limit; });
    });
    if (cases > 1 || limit_names(result).size() == 1) add_if_any(report, share_chart(result, limit));
  }
  report.exhibits.emplace_back(measured_table(result));
  add_if_any(report, rate_chart(result));
  add_if_any(report, turn_chart(result));
  for (Table table : {memory_table(result), machine_table(result)})
    if (!table.rows.empty()) report.exhibits.emplace_back(std::move(table));
  if (!result.declared.text.empty()) {
    std::string text = result.declared.text;  // a docstring: its single line ends are only the editor's
    for (std::size_t i = 1; i + 1 < text.size(); ++i)
      if (text[i] == '\n' && text[i - 1] != '\n' && text[i + 1] != '\n') text[i] = ' ';
    report.exhibits.emplace_back(Remark{"What is measured", text});
  }
  return report;
}

}  // namespace neurarium
