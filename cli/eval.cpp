// neurarium eval: what a run has learned, on data or on single pictures.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "neurarium/core/digits.hpp"
#include "neurarium/core/words.hpp"
#include "neurarium/experiment/ask_run.hpp"
#include "neurarium/experiment/evaluate_run.hpp"
#include "neurarium/interchange/json.hpp"
#include "neurarium/interchange/npz.hpp"

namespace neurarium {
namespace {

struct EvalVerb {
  std::string run, data_dir, out, traces;
  std::vector<std::string> pictures;
  EvaluateOptions options;
  PictureOptions picture_options;
};

Value head_of(const TrainedRun& run) {
  Value out = Value::table();
  out.set("run", run.name());
  out.set("status", run.status);
  return out;
}

void print(const TrainedRun& run, const RunEvaluation& found, const std::string& out_file, const std::string& traces,
           bool json) {
  if (json) {
    Value out = head_of(run);
    out.set("data", found.data);
    out.set("split", found.split);
    out.set("samples", static_cast<std::int64_t>(found.samples));
    if (found.loss) out.set("loss", *found.loss);
    if (found.accuracy) out.set("accuracy", *found.accuracy);
    if (!out_file.empty()) out.set("outputs", out_file);
    if (!traces.empty()) out.set("traces", traces);
    std::cout << to_json(out) << '\n';
    return;
  }
  std::vector<std::vector<std::string>> rows = {{"data", "split", "samples"},
                                                {found.data, found.split, std::to_string(found.samples)}};
  if (found.loss) rows[0].push_back("loss"), rows[1].push_back(short_digits(*found.loss, 5));
  if (found.accuracy) rows[0].push_back("accuracy"), rows[1].push_back(percent(*found.accuracy, 2));
  std::cout << table_text(rows);
  if (!out_file.empty()) std::cout << "\noutputs: " << out_file << '\n';
  if (!traces.empty()) {
    std::cout << "\ntraces: " << traces << '\n';
    for (const auto& [name, array] : found.traces) std::cout << "  " << name << ' ' << to_string(array.shape()) << '\n';
  }
}

/// As the founding notebook titles its pictures: "P. 7, 2, 9".
std::string guess_text(const PictureAnswer& answer, bool are_probabilities) {
  if (answer.best.empty()) return "output " + short_digits(answer.outputs.front(), 5);
  std::string text = "P. ";
  for (const Guess& guess : answer.best) text += (&guess == &answer.best.front() ? "" : ", ") + guess.name;
  const double strength = answer.best.front().strength;
  return text +
         (are_probabilities ? "  (" + percent(strength, 1) + ")" : "  (output " + short_digits(strength, 4) + ")");
}

std::vector<std::string> messages_of(const std::vector<std::exception_ptr>& faults) {
  std::vector<std::string> messages;
  for (const std::exception_ptr& fault : faults) try {
      std::rethrow_exception(fault);
    } catch (const Error& error) {
      messages.emplace_back(error.what());
    }
  return messages;
}

void print(const TrainedRun& run, const PictureAnswers& answers, const std::vector<std::string>& faults, bool json) {
  if (!json) {
    std::vector<std::vector<std::string>> rows;
    for (const PictureAnswer& answer : answers.pictures)
      rows.push_back({answer.file, guess_text(answer, answers.are_probabilities)});
    std::cout << table_text(rows);
    return;
  }
  Value pictures = Value::list();
  for (const PictureAnswer& answer : answers.pictures) {
    Value best = Value::list();
    for (const Guess& guess : answer.best) {
      Value entry = Value::table();
      entry.set("label", static_cast<std::int64_t>(guess.label));
      entry.set("class", guess.name);
      entry.set(answers.are_probabilities ? "probability" : "output", guess.strength);
      best.as_list().push_back(std::move(entry));
    }
    Value entry = Value::table();
    entry.set("file", answer.file);
    entry.set("best", std::move(best));
    entry.set("outputs", Value::List(answer.outputs.begin(), answer.outputs.end()));
    pictures.as_list().push_back(std::move(entry));
  }
  Value out = head_of(run);
  out.set("pictures", std::move(pictures));
  if (!faults.empty()) out.set("faults", Value::List(faults.begin(), faults.end()));
  std::cout << to_json(out) << '\n';
}

/// Whether `file` is there and is `whole`, or lies in it if that is a folder.
bool is_part_of(const std::filesystem::path& file, const std::filesystem::path& whole) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::exists(file, error) || !fs::exists(whole, error)) return false;
  if (!fs::is_directory(whole, error)) return fs::equivalent(file, whole, error);
  const fs::path inner = fs::weakly_canonical(file, error), outer = fs::weakly_canonical(whole, error);
  return std::ranges::mismatch(outer, inner).in1 == outer.end();
}

bool is_beside_data_sets(const std::filesystem::path& file, const std::filesystem::path& home) {
  std::error_code error;
  return std::filesystem::equivalent(std::filesystem::weakly_canonical(file, error).parent_path(), home, error);
}

/// What was learned, what it was learned from and what it is asked about must not be lost to the answer.
void refuse_to_lose(const std::string& option, const std::string& out, const TrainedRun& run, const std::string& data) {
  const auto refuse = [&](const std::string& what) {
    throw SpecError(option + " " + out + " is " + what + ", and would be lost", "give another file");
  };
  if (!data.empty() && is_part_of(out, data)) refuse("the data to be evaluated");
  if (is_part_of(out, run.dataset)) refuse("the data that the run learned from");
  // Data sets lie in folders of their own there; a file beside them may be anybody's.
  if (is_part_of(out, run.data_home) && !is_beside_data_sets(out, run.data_home))
    refuse("a file of the data sets in " + run.data_home.string());
  const bool own = !out.ends_with(".npz") || is_part_of(out, run.folder / "inputs");
  if (own && is_part_of(out, run.folder)) refuse("a part of the run");
}

ExitCode eval(const CliContext& context, const EvalVerb& verb) {
  const bool about_data =
      !verb.options.data.empty() || !verb.options.split.empty() || !verb.out.empty() || !verb.traces.empty();
  if (!verb.pictures.empty() && about_data)
    throw SpecError("pictures and --data, --split, --out or --traces: these are two questions",
                    "ask one after the other");
  if (verb.pictures.empty() && (verb.picture_options.resize || verb.picture_options.invert))
    throw SpecError("--resize and --invert change pictures, and there are none",
                    "give PNG or JPEG files, or leave them out");
  ProgressMeter meter(context.quiet);
  const auto note = [&](const std::string& text) { meter.note(text); };
  const TrainedRun run = open_run(verb.run, context.registry, verb.data_dir, note);
  if (!verb.pictures.empty()) {
    std::vector<std::exception_ptr> faults;
    const PictureAnswers answers =
        ask_run(run, {verb.pictures.begin(), verb.pictures.end()}, verb.picture_options, &faults);
    if (answers.pictures.empty() && faults.size() == 1) std::rethrow_exception(faults.front());
    const std::vector<std::string> messages = messages_of(faults);
    print(run, answers, messages, context.json);
    std::cout.flush();
    for (const std::string& message : messages) std::cerr << "neurarium: " << message << '\n';
    return faults.empty() ? ExitCode::done : ExitCode::data;
  }
  EvaluateOptions options = verb.options;
  options.outputs = !verb.out.empty();
  if (options.outputs) refuse_to_lose("--out", verb.out, run, options.data);
  if (!verb.traces.empty()) refuse_to_lose("--traces", verb.traces, run, options.data);
  if (verb.traces.empty() != options.traced.empty()) {
    if (verb.traces.empty())
      throw SpecError("--samples says what is traced, but not where to", "add --traces FILE.npz");
    options.traced = {0};
  }
  const RunEvaluation found = evaluate_run(run, options);
  if (options.outputs) write_npz(verb.out, found.outputs);
  if (!verb.traces.empty()) write_npz(verb.traces, found.traces);
  print(run, found, verb.out, verb.traces, context.json);
  return ExitCode::done;
}

}  // namespace

void add_eval_verb(CLI::App& app, CliContext& context) {
  auto verb = std::make_shared<EvalVerb>();
  CLI::App* eval_verb = add_verb(app, "eval", "What a run has learned, on data or on single pictures",
                                 {"neurarium eval runs/train-network-0123abcd              # its test samples",
                                  "neurarium eval runs/train-network-0123abcd --data mine.npz --out outputs.npz",
                                  "neurarium eval runs/train-network-0123abcd --traces inside.npz --samples 0,3",
                                  "neurarium eval runs/train-network-0123abcd seven.png four.jpg --resize --invert"});
  eval_verb->add_option("RUN", verb->run, "A run directory, or RUN/MEMBER for one of its networks")
      ->required()
      ->type_name(" ");
  eval_verb->add_option("PICTURES", verb->pictures, "PNG or JPEG files: what is on them?")->type_name(" ");
  eval_verb->add_option("--data", verb->options.data, "Another data set: a name or FILE.npz (the run's own)")
      ->type_name("DATA");
  eval_verb->add_option("--split", verb->options.split, "Which samples of it: test or train (test, if there is one)")
      ->type_name("SPLIT");
  eval_verb->add_option("--out", verb->out, "Write the outputs for all samples, and their answers y")
      ->type_name("FILE.npz");
  eval_verb->add_option("--traces", verb->traces, "Write what goes on in the network: activities, membranes, currents")
      ->type_name("FILE.npz");
  eval_verb->add_option("--samples", verb->options.traced, "The samples for --traces, by number (0)")
      ->delimiter(',')
      ->type_name("N,N");
  eval_verb->add_flag("--resize", verb->picture_options.resize, "Bring pictures to the size that the network takes");
  eval_verb->add_flag("--invert", verb->picture_options.invert, "Dark on light becomes light on dark");
  eval_verb->add_option("--threads", verb->options.threads, "Threads that look at data (all CPUs); a picture needs one")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  eval_verb->add_option("--data-dir", verb->data_dir, "Where data sets lie ($NEURARIUM_DATA)")->type_name("DIR");
  eval_verb->add_flag("--json", context.json, "One JSON object on stdout");
  eval_verb->add_flag("--quiet", context.quiet, "No notes");
  eval_verb->callback([&context, verb] { context.action = [&context, verb] { return eval(context, *verb); }; });
}

}  // namespace neurarium
