// neurarium compare: two runs side by side, or bit by bit.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>

#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "neurarium/experiment/compare.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

struct CompareVerb {
  std::string a, b;
  bool exact = false;
};

Value to_value(const Comparison& comparison, const CompareVerb& verb) {
  Value out = Value::table();
  out.set("a", verb.a);
  out.set("b", verb.b);
  Value figures = Value::table();
  for (const FigurePair& pair : comparison.figures) {
    Value entry = Value::table();
    entry.set("a", pair.a);
    entry.set("b", pair.b);
    entry.set("unit", pair.unit);
    entry.set("same", pair.same);
    figures.set(pair.name, std::move(entry));
  }
  out.set("figures", std::move(figures));
  if (verb.exact) {
    out.set("exact", comparison.differences.empty());
    out.set("differences", Value::List(comparison.differences.begin(), comparison.differences.end()));
  }
  return out;
}

ExitCode compare_verb(const CliContext& context, const CompareVerb& verb) {
  constexpr std::size_t most = 10;
  const Comparison comparison = compare_runs(verb.a, verb.b);
  const auto& differences = comparison.differences;
  if (context.json) {
    std::cout << to_json(to_value(comparison, verb)) << '\n';
  } else {
    std::vector<std::vector<std::string>> rows = {{"figure", "a", "b", "unit", ""}};
    for (const FigurePair& pair : comparison.figures)
      rows.push_back({pair.name, value_text(pair.a), value_text(pair.b), pair.unit,
                      pair.same     ? "same"
                      : pair.timing ? "time"
                                    : "differs"});
    std::cout << table_text(rows);
    if (verb.exact && differences.empty())
      std::cout << "\nthe same bits: figures, arrays and checkpoint (times and rates left out)\n";
    if (verb.exact && !differences.empty()) {
      std::cout << "\nnot the same bits; " << differences.size()
                << (differences.size() == 1 ? " difference:\n" : " differences:\n");
      for (std::size_t i = 0; i < std::min(most, differences.size()); ++i) std::cout << "  " << differences[i] << '\n';
      if (differences.size() > most) std::cout << "  … and " << differences.size() - most << " more\n";
    }
  }
  return verb.exact && !differences.empty() ? ExitCode::failed : ExitCode::done;
}

}  // namespace

void add_compare_verb(CLI::App& app, CliContext& context) {
  auto verb = std::make_shared<CompareVerb>();
  CLI::App* compare = add_verb(app, "compare", "Two runs side by side, or bit by bit",
                               {"neurarium compare runs/xor-surface-0123abcd runs/xor-surface-4567cdef",
                                "neurarium compare --exact before after   # exit 1 unless every bit agrees"});
  compare->add_option("A", verb->a, "A run directory")->required();
  compare->add_option("B", verb->b, "Another one")->required();
  compare->add_flag("--exact", verb->exact,
                    "Checkpoint, arrays and figures (no times, no rates) must have the same bits");
  compare->add_flag("--json", context.json, "One JSON object on stdout");
  compare->callback([&context, verb] { context.action = [&context, verb] { return compare_verb(context, *verb); }; });
}

}  // namespace neurarium
