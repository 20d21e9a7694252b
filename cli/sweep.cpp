// neurarium sweep: the same experiment for many settings and seeds, summed up.
#include "cli/sweep.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <iostream>

#include "cli/sweep_view.hpp"
#include "cli/target.hpp"
#include "cli/terminal.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

struct SweepVerb {
  TargetOptions target;
  std::string out, data_dir, figure;
  std::int64_t repeats = 0;
  int jobs = 0;
  bool again = false;
};

ExitCode sweep_to_the_end(const CliContext& context, const Sweep& sweep, SweepOptions options) {
  SweepView view(context.quiet);
  options.program = {"/proc/self/exe"};  // this very program, even if its file is replaced in the meantime
  options.called = context.arguments.at(0);
  options.command = context.arguments;
  options.stop = catch_interrupts();
  options.progress = [&](const SweepResult& result) { view.show(result); };
  options.ended = [&](const SweepResult& result, const SweepRun& run) { view.ended(result, run); };
  options.note = [&](const std::string& text) { view.note(text); };
  const SweepResult result = run_sweep(sweep, context.registry, options);
  view.clear();
  std::cout << (context.json ? to_json(to_value(result)) + "\n" : sweep_text(result));
  std::cout.flush();
  if (const std::size_t failed = result.count(SweepRun::State::failed); failed > 0)
    std::cerr << "neurarium: " << failed << " of " << result.runs.size() << (failed == 1 ? " runs has" : " runs have")
              << " failed; the same command tries again\n";
  return result.exit_code();
}

ExitCode sweep_verb(const CliContext& context, const SweepVerb& verb) {
  std::vector<std::size_t> numbers;
  for (const std::string& word : verb.target.words)
    numbers.push_back(static_cast<std::size_t>(std::ranges::find(context.arguments, word) - context.arguments.begin()));
  const SweptWords words = swept_words(verb.target.words, numbers);
  TargetOptions target = verb.target;
  target.words = words.others;
  SweepOptions options;
  options.out = verb.out;
  options.data_home = verb.data_dir;
  options.jobs = verb.jobs;
  options.again = verb.again;
  options.figure = verb.figure;
  return sweep_to_the_end(context, {require_target(target, context).spec, words.axes, verb.repeats}, options);
}

}  // namespace

ExitCode run_as_sweep(const CliContext& context, const Sweep& sweep, const std::string& out,
                      const std::string& data_dir, bool again) {
  SweepOptions options;
  options.out = out;
  options.data_home = data_dir;
  options.again = again;
  return sweep_to_the_end(context, sweep, options);
}

void add_sweep_verb(CLI::App& app, CliContext& context) {
  auto verb = std::make_shared<SweepVerb>();
  CLI::App* sweep =
      add_verb(app, "sweep", "The same experiment for many settings and seeds, summed up",
               {"neurarium sweep topographic-map model.radius=0,1,2 --repeats 3   # 9 runs: mean ± sd of each radius",
                "neurarium sweep my-network.toml 'train.optimiser.learning_rate=logspace(-4,-1,7)' -j 4",
                "neurarium sweep my-network.toml 'model.layers.0.units=range(8,64,8)' train.optimiser=sgd,adam",
                "neurarium sweep xor-surface surface.momentum=0.5,0.8,0.9 --figure momentum_end",
                "neurarium run xor-surface seeds=20                               # seeds only"});
  add_target_options(*sweep, verb->target);
  sweep->get_option("WHAT")->description(
      "STUDY or FILE.toml; then settings: key=value, or to be swept key=a,b,c, key=range(start,stop,step), "
      "key=logspace(a,b,n)");
  sweep->get_option("--threads")->description("Threads of each run (1)");
  sweep->get_option("--seed")->description("The first seed (0)");
  sweep->add_option("--repeats", verb->repeats, "Seeds for every point: seed, seed+1, … (1)")
      ->type_name("N")
      ->check(CLI::Range(1, 100000));
  sweep->add_option("-j,--jobs", verb->jobs, "Runs at a time (all CPUs / threads of a run)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  sweep->add_option("--figure", verb->figure, "The figure to show first (the study's first)")->type_name("NAME");
  sweep->add_option("--out", verb->out, "The sweep's folder (runs/STUDY-sweep-HASH)")->type_name("DIR");
  sweep->add_option("--data-dir", verb->data_dir, "Where data sets lie ($NEURARIUM_DATA)")->type_name("DIR");
  sweep->add_flag("--again", verb->again, "Compute finished runs anew");
  sweep->add_flag("--json", context.json, "Print sweep.json and nothing else on stdout");
  sweep->add_flag("--quiet", context.quiet, "No progress and no notes");
  sweep->callback([&context, verb] { context.action = [&context, verb] { return sweep_verb(context, *verb); }; });
}

}  // namespace neurarium
