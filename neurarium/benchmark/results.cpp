#include <algorithm>
#include <cmath>

#include "neurarium/benchmark/bench.hpp"
#include "neurarium/core/digits.hpp"
#include "neurarium/core/files.hpp"
#include "neurarium/data/catalogue.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/report/html.hpp"
#include "neurarium/report/plotly.hpp"

namespace neurarium {
namespace {

Value to_value(const Spread& spread) {
  if (spread.count == 0) return {};
  Value out = Value::table();
  out.set("median", spread.median);
  out.set("first_quartile", spread.low);
  out.set("third_quartile", spread.high);
  return out;
}

void set_if_measured(Value& table, const char* key, const Spread& spread) {
  if (spread.count > 0) table.set(key, to_value(spread));
}

Value to_value(const VariantResult& variant, const std::string& peer) {
  Value out = Value::table();
  out.set("name", variant.declared.name);
  out.set("scalar", variant.scalar);
  out.set("threads", variant.declared.threads);
  out.set("samples_per_turn", variant.samples_per_turn);
  out.set("rate", to_value(variant.rate));
  if (variant.ratio.count > 0) out.set("ratio", to_value(variant.ratio)).set("to", peer);
  if (variant.against.count > 0) out.set("against", to_value(variant.against)).set("to", variant.declared.against);
  if (variant.difference) out.set("difference", *variant.difference);
  if (variant.memory) out.set("memory_bytes", *variant.memory);
  set_if_measured(out, "read_bytes_per_second", variant.read);
  set_if_measured(out, "update_bytes_per_second", variant.update);
  set_if_measured(out, "multiply_adds_per_second", variant.multiply_adds);
  if (variant.array_bytes > 0) out.set("array_bytes", static_cast<std::int64_t>(variant.array_bytes));
  Value limits = Value::table();
  for (const LimitResult& limit : variant.limits) {
    Value entry = Value::table();
    entry.set("rate", to_value(limit.rate));
    entry.set("share", to_value(limit.share));
    limits.set(limit.name, std::move(entry));
  }
  out.set("limits", std::move(limits));
  Value asked = Value::table();
  for (const AskedResult& one : variant.asked) {
    Value entry = Value::table();
    entry.set("at_least", one.asked.at_least);
    entry.set("found", one.found);
    entry.set("reached", one.reached);
    asked.set(one.asked.what, std::move(entry));
  }
  out.set("asked", std::move(asked));
  return out;
}

Value to_value(const CaseResult& result, const std::string& peer) {
  Value out = Value::table();
  out.set("name", result.declared.name);
  out.set("title", result.declared.title);
  out.set("workload", result.declared.workload);
  if (result.declared.busy > 0) out.set("busy_processes", result.declared.busy);
  if (!result.note.empty()) out.set("note", result.note);
  if (result.declared.with_peer) {
    Value side = Value::table();
    side.set("samples_per_turn", result.peer_samples_per_turn);
    side.set("rate", to_value(result.peer));
    if (result.peer_memory) side.set("memory_bytes", *result.peer_memory);
    out.set("peer", std::move(side));
  }
  out.set("load_at_the_end", result.load);
  Value::List variants;
  for (const VariantResult& variant : result.variants) variants.push_back(to_value(variant, peer));
  out.set("variants", std::move(variants));
  return out;
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

Value to_value(const BenchResult& result) {
  Value out = Value::table();
  out.set("benchmark", result.declared.name);
  out.set("title", result.declared.title);
  out.set("peer", result.declared.peer);
  out.set("parameters", result.declared.parameters);
  out.set("rounds", result.rounds);
  out.set("quick", result.quick);
  out.set("seconds", result.seconds);
  out.set("version", NEURARIUM_VERSION);
  out.set("command", Value::List(result.command.begin(), result.command.end()));
  out.set("machine", result.machine);
  out.set("software", result.declared.software);
  Value::List cases;
  for (const CaseResult& one : result.cases) cases.push_back(to_value(one, result.declared.peer));
  out.set("cases", std::move(cases));
  return out;
}

std::string turns_csv(const BenchResult& result) {
  std::string text = "case,round,side,variant,at,work,seconds,rate\n";
  for (const CaseResult& one : result.cases)
    for (const Turn& turn : one.turns)
      text += quoted(one.declared.name) + ',' + std::to_string(turn.round) + ',' + turn.side + ',' +
              quoted(turn.variant) + ',' + exact_digits(turn.at) + ',' + exact_digits(turn.work) + ',' +
              exact_digits(turn.seconds) + ',' + exact_digits(turn.rate()) + '\n';
  return text;
}

std::filesystem::path write_bench_files(const BenchResult& result, const std::filesystem::path& folder,
                                        const std::filesystem::path& data_home) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw SpecError(folder.string() + ": can't be made: " + error.message(), "choose another place with --out");
  PageContext context;
  context.plotly = find_plotly(data_home.empty() ? default_data_home() : data_home);
  for (const std::string& word : result.command) context.command += (context.command.empty() ? "" : " ") + word;
  context.provenance = result.machine;
  context.provenance.set("neurarium", NEURARIUM_VERSION);
  for (const auto& [name, value] : result.declared.software.as_table()) context.provenance.set(name, value);
  context.times = Value::table();
  context.times.set("whole run", result.seconds);
  const std::string& name = result.declared.name;
  Report report = bench_report(result);
  report.run = folder.string();
  write_atomically(folder / (name + ".csv"), turns_csv(result));
  write_atomically(folder / (name + ".json"), to_json(to_value(result)) + "\n");
  write_atomically(folder / (name + ".html"), report_page(report, context));
  return folder / (name + ".html");
}

}  // namespace neurarium
