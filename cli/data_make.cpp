// neurarium data make: the samples of a task as a file of your own: spikes, as arrays of events.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>

#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "neurarium/data/interaural_dataset.hpp"
#include "neurarium/data/user_file.hpp"
#include "neurarium/experiment/experiment.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

struct MakeVerb {
  std::string task, file;
  std::vector<std::string> words;
  std::size_t samples = 8192, test_samples = 2048;
  std::uint64_t seed = 0;
};

InterauralDatasetParams params_of(const MakeVerb& verb) {
  InterauralDatasetParams params;
  std::vector<Fault> faults;
  InterauralPhaseParams& task = params;
  InterauralPhaseParams::fields().read(parse_overrides(verb.words), &task, {nullptr, &faults, {}, {}});
  if (!faults.empty()) throw SpecError(std::move(faults));
  params.check();
  params.seed = verb.seed;
  params.training_samples = static_cast<std::int64_t>(verb.samples);
  params.test_samples = static_cast<std::int64_t>(verb.test_samples);
  return params;
}

ExitCode make(const CliContext& context, const MakeVerb& verb) {
  const InterauralDatasetParams params = params_of(verb);
  if (!verb.file.ends_with(".npz")) throw SpecError("FILE: '" + verb.file + "' does not end in .npz", "name it so");
  WorkerPool pool(1);
  const Dataset data = interaural_dataset(params, &pool);
  write_npz(verb.file, user_arrays(data));
  const std::size_t events = data.train.spikes->events() + (data.test.spikes ? data.test.spikes->events() : 0);
  Value told = Value::table();
  told.set("file", verb.file);
  told.set("train_samples", static_cast<std::uint64_t>(verb.samples));
  told.set("test_samples", static_cast<std::uint64_t>(verb.test_samples));
  told.set("n_steps", params.steps);
  told.set("n_units", static_cast<std::uint64_t>(params.units()));
  told.set("events", static_cast<std::uint64_t>(events));
  if (context.json) std::cout << to_json(told) << '\n';
  else
    std::cout << verb.file << ": " << verb.samples << " + " << verb.test_samples << " samples of " << params.steps
              << " steps, " << params.units() << " units; " << events << " spikes\n";
  return ExitCode::done;
}

}  // namespace

void add_data_make_verb(CLI::App& data, CliContext& context) {
  auto verb = std::make_shared<MakeVerb>();
  CLI::App* make_verb = add_verb(
      data, "make", "Samples of a task as a file of spikes: t, i, offsets, y (docs/data.md)",
      {"neurarium data make interaural-phase sounds.npz",
       "neurarium data make interaural-phase sounds.npz --samples 1024 phase=per_sample frequency=250 dt=1e-4"});
  make_verb->add_option("TASK", verb->task, "interaural-phase: two ears hear a tone; from which side?")
      ->required()
      ->check(CLI::IsMember({"interaural-phase"}));
  make_verb->add_option("FILE", verb->file, "The .npz file to be written")->required();
  make_verb->add_option("SETTINGS", verb->words, "Settings of the task, key=value: those of dale-localisation's task")
      ->type_name(" ");
  make_verb->add_option("--samples", verb->samples, "To learn from (8192)")->type_name("N")->check(CLI::PositiveNumber);
  make_verb->add_option("--test-samples", verb->test_samples, "To test on; 0 = none (2048)")->type_name("N");
  make_verb->add_option("--seed", verb->seed, "Seed of the draws (0)")
      ->type_name("N")
      ->check(CLI::Range(0L, 4294967295L));
  make_verb->add_flag("--json", context.json, "Print one JSON object and nothing else on stdout");
  make_verb->callback([&context, verb] { context.action = [&context, verb] { return make(context, *verb); }; });
}

}  // namespace neurarium
