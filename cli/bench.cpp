// neurarium bench: our engine beside what people use today, in turns, in one run.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <iostream>

#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "neurarium/benchmark/bench.hpp"
#include "neurarium/experiment/experiment.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

struct BenchVerb {
  std::vector<std::string> words;
  std::string out = "runs/bench", pattern, python, data_dir;
  int rounds = 0;
  double time_limit = 600;
  bool quick = false, list = false;
};

/// The benchmarks named on the command line (all of the house if none is), and their parameters.
std::vector<BenchScript> scripts_of(const BenchVerb& verb, const CliContext& context, Value& parameters) {
  std::vector<BenchScript> scripts;
  std::vector<std::string> settings;
  std::vector<std::size_t> numbers;
  for (const std::string& word : verb.words) {
    if (word.find('=') == std::string::npos) {
      scripts.push_back(find_benchmark(word));
    } else {
      settings.push_back(word);
      numbers.push_back(
          static_cast<std::size_t>(std::ranges::find(context.arguments, word) - context.arguments.begin()));
    }
  }
  parameters = parse_overrides(settings, numbers);
  if (scripts.empty())
    for (const BenchmarkScript& script : builtin_benchmarks())
      scripts.push_back(find_benchmark(std::string(script.name)));
  for (std::size_t i = 0; i < scripts.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (scripts[i].name == scripts[k].name)
        throw SpecError("'" + scripts[i].name + "' is named twice, and its results would be written over");
  return scripts;
}

ExitCode list_scripts(const CliContext& context) {
  Value::List entries;
  std::vector<std::vector<std::string>> rows;
  for (const BenchmarkScript& script : builtin_benchmarks()) {
    Value entry = Value::table();
    entry.set("name", std::string(script.name));
    entry.set("title", title_of_script(script.text));
    rows.push_back({std::string(script.name), title_of_script(script.text)});
    entries.push_back(std::move(entry));
  }
  Value out = Value::table();
  out.set("benchmarks", std::move(entries));
  std::cout << (context.json ? to_json(out) + "\n" : table_text(rows));
  if (!context.json && !context.quiet)
    std::cerr
        << "`neurarium bench --list NAME` shows its cases and parameters; `neurarium bench FILE.py` runs your own\n";
  return ExitCode::done;
}

ExitCode list_cases(const CliContext& context, const std::vector<BenchScript>& scripts, const BenchOptions& options) {
  Value::List entries;
  std::string text;
  for (const BenchScript& script : scripts) {
    const Benchmark benchmark = describe_benchmark(script, options);
    Value entry = Value::table();
    entry.set("name", benchmark.name);
    entry.set("title", benchmark.title);
    entry.set("peer", benchmark.peer);
    entry.set("parameters", benchmark.parameters);
    Value::List cases;
    std::vector<std::vector<std::string>> rows;
    for (const BenchCase& one : benchmark.cases) {
      Value shown = Value::table();
      shown.set("name", one.name);
      shown.set("title", one.title);
      Value::List variants;
      std::string names;
      for (const BenchVariant& variant : one.variants) {
        variants.emplace_back(variant.name);
        names += (names.empty() ? "" : " · ") + variant.name;
      }
      shown.set("variants", std::move(variants));
      cases.push_back(std::move(shown));
      rows.push_back({one.name, one.title, names});
    }
    entry.set("cases", std::move(cases));
    entries.push_back(std::move(entry));
    text += benchmark.name + ": " + benchmark.title + "\n" + table_text(rows, "  ");
    for (const auto& [key, value] : benchmark.parameters.as_table()) text += "  " + key + "=" + value_text(value);
    text += "\n";
  }
  Value out = Value::table();
  out.set("benchmarks", std::move(entries));
  std::cout << (context.json ? to_json(out) + "\n" : text);
  return ExitCode::done;
}

/// What a terminal has room for: the page has the rest.
std::string text_of(const BenchResult& result, const std::filesystem::path& page) {
  std::vector<std::vector<std::string>> rows = {
      {"case", "ours", result.declared.peer + " /s", "ours /s", "ratio", "quartiles", "of the limits", "asked"}};
  for (const CaseResult& one : result.cases)
    for (const VariantResult& variant : one.variants) {
      const Spread& ratio = variant.ratio.count > 0 ? variant.ratio : variant.against;
      std::string shares, asked;
      for (const LimitResult& limit : variant.limits)
        if (limit.share.count > 0)
          shares += (shares.empty() ? "" : ", ") + limit.name + " " + share_for_people(limit.share.median);
      for (const AskedResult& each : variant.asked)
        asked += (asked.empty() ? "" : ", ") + each.asked.what + (each.reached ? " reached" : " missed");
      rows.push_back(
          {one.declared.name, variant.declared.name, one.peer.count > 0 ? rate_for_people(one.peer.median) : "–",
           rate_for_people(variant.rate.median), ratio.count > 0 ? ratio_for_people(ratio.median) : "–",
           ratio.count > 0 ? ratio_for_people(ratio.low) + " – " + ratio_for_people(ratio.high) : "", shares, asked});
    }
  const Report report = bench_report(result);
  return table_text(rows) + "\n" + report.answer + "\nreport  " + page.string() + "\n";
}

ExitCode bench(const CliContext& context, const BenchVerb& verb) {
  if (verb.list && verb.words.empty()) return list_scripts(context);
  ProgressMeter meter(context.quiet);
  BenchOptions options;
  const std::vector<BenchScript> scripts = scripts_of(verb, context, options.parameters);
  options.rounds = verb.rounds;
  options.quick = verb.quick;
  options.pattern = verb.pattern;
  options.python = verb.python;
  options.time_limit = verb.time_limit;
  options.command = context.arguments;
  options.stop = catch_interrupts();
  if (verb.list) return list_cases(context, scripts, options);
  options.progress = [&](const std::string& phase, double done, double total) {
    meter.show({phase, done, total, "rounds", ""});
  };
  options.note = [&](const std::string& text) { meter.note(text); };

  Value::List results;
  for (const BenchScript& script : scripts) {
    meter.note("benchmark " + script.name);
    const BenchResult result = run_benchmark(script, context.registry, options);
    const std::filesystem::path page = write_bench_files(result, verb.out, verb.data_dir);
    meter.clear();
    Value value = to_value(result);
    value.set("page", page.string());
    results.push_back(std::move(value));
    if (!context.json) std::cout << text_of(result, page) << std::flush;
  }
  if (context.json) {
    Value out = Value::table();
    out.set("benchmarks", std::move(results));
    std::cout << to_json(out) << '\n';
  }
  return ExitCode::done;
}

}  // namespace

void add_bench_verb(CLI::App& app, CliContext& context) {
  auto verb = std::make_shared<BenchVerb>();
  CLI::App* bench_verb =
      add_verb(app, "bench", "Our speed beside what people use today, in turns, in one run",
               {"neurarium bench                                 # every benchmark, a page each",
                "neurarium bench topographic-map --case '400*'   # some of its cases",
                "neurarium bench topographic-map rows=50 columns=50 inputs=300 radius=2",
                "neurarium bench my-benchmark.py --rounds 21     # one of your own", "neurarium bench --list"});
  bench_verb->add_option("WHAT", verb->words, "Benchmarks or FILE.py (all); then parameters: key=value …")
      ->type_name(" ");
  bench_verb->add_flag("--list", verb->list, "Show the benchmarks, or the cases of those named; measure nothing");
  bench_verb->add_option("--case", verb->pattern, "Only cases whose name matches (* and ?) or contains this")
      ->type_name("PATTERN");
  bench_verb->add_option("--rounds", verb->rounds, "Rounds; medians are taken over them (11)")
      ->type_name("N")
      ->check(CLI::Range(1, 10000));
  bench_verb->add_flag("--quick", verb->quick, "Short turns, 3 rounds, no large cases: does it work?");
  bench_verb->add_option("--out", verb->out, "Where NAME.html, NAME.json and NAME.csv go (runs/bench)")
      ->type_name("DIR");
  bench_verb->add_option("--python", verb->python, "The peer's Python (/usr/bin/python3)")->type_name("PATH");
  bench_verb->add_option("--time-limit", verb->time_limit, "Seconds the peer may take for one answer (600)")
      ->type_name("S")
      ->check(CLI::PositiveNumber);
  bench_verb->add_option("--data-dir", verb->data_dir, "Where the charts' script lies ($NEURARIUM_DATA)")
      ->type_name("DIR");
  bench_verb->add_flag("--json", context.json, "One JSON object on stdout");
  bench_verb->add_flag("--quiet", context.quiet, "No progress and no notes");
  bench_verb->callback([&context, verb] { context.action = [&context, verb] { return bench(context, *verb); }; });
}

}  // namespace neurarium
